/** A text whose addresses have no login: `https://TOKEN@host/path` becomes `https://host/path`. */
export const withoutLogins = (text: string): string =>
  text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, '$1')
