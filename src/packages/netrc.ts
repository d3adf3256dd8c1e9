import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A login at a host. */
interface Login {
  readonly username: string
  readonly password: string
}

type Variables = Readonly<Record<string, string | undefined>>

/**
 * The login for a host in the netrc file, as pip and uv look for it: NETRC, else `.netrc` or `_netrc` in the home folder.
 * A file that is absent or can't be read has none.
 */
export async function netrcLogin(host: string, env: Variables): Promise<Login | undefined> {
  for (const path of netrcFiles(env)) {
    const text = await readFile(path, 'utf8').catch(() => undefined)
    if (text !== undefined) return loginIn(text, host)
  }
  return undefined
}

function netrcFiles(env: Variables): string[] {
  const { NETRC: file } = env
  const home = env['HOME'] ?? env['USERPROFILE']
  if (file) return [file]
  return home ? [join(home, '.netrc'), join(home, '_netrc')] : []
}

/** The login of a host in the text of a netrc file, else that of `default`. */
export function loginIn(text: string, host: string): Login | undefined {
  // A macro ends at an empty line.
  const words = text
    .replace(/^[ \t]*macdef\b[^]*?(?:\n[ \t]*\n|$(?![^]))/gm, '\n')
    .replace(/^[ \t]*#.*$/gm, '')
    .split(/\s+/)
    .filter(word => word !== '')
  const logins = new Map<string, Login>()
  let current: string | undefined
  for (let at = 0; at < words.length; at++) {
    const word = words[at]
    if (word === 'default') current = ''
    else if (word === 'machine') current = words[++at]
    else if (word === 'account') at++
    else if ((word === 'login' || word === 'password') && current !== undefined) {
      const value = words[++at] ?? ''
      const login = logins.get(current) ?? { username: '', password: '' }
      logins.set(
        current,
        word === 'login' ? { ...login, username: value } : { ...login, password: value }
      )
    }
  }
  return logins.get(host) ?? logins.get('')
}
