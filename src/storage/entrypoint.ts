/** Whether a text has the form of an entrypoint: a path or a module, a colon, and a name in it. */
export const isEntrypoint = (text: string): boolean => /^[^:]+:[^\W\d][\w.]*$/u.test(text)
