/** The variables of a machine that Python and pip need; no others are passed on. */
const NEEDED = new Set([
  'PATH',
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'TEMP',
  'TMP',
  'SYSTEMROOT',
  'SYSTEMDRIVE',
  'COMSPEC',
  'PATHEXT',
  'WINDIR'
])

/** The variables that pip also needs to reach an index. */
const NETWORK =
  /^(PIP_.+|UV_.+|(HTTP|HTTPS|NO|ALL)_PROXY|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|HOME|USERPROFILE|APPDATA|LOCALAPPDATA|XDG_.+|NETRC)$/i

type Variables = Readonly<Record<string, string | undefined>>

const select = (from: Variables, matches: (name: string) => boolean): Record<string, string> =>
  Object.fromEntries(
    Object.entries(from).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && matches(entry[0].toUpperCase())
    )
  )

/**
 * The environment that flow modules run in: the variables that an interpreter needs to start, its own home,
 * and the declared variables. It has no token, input or password of the runner.
 *
 * @param home an empty folder
 */
export function moduleEnvironment(
  from: Variables,
  declared: Readonly<Record<string, string>>,
  home: string
): Record<string, string> {
  return {
    LANG: 'C.UTF-8',
    ...select(from, name => NEEDED.has(name)),
    HOME: home,
    USERPROFILE: home,
    PYTHONDONTWRITEBYTECODE: '1',
    ...declared
  }
}

/** The environment that pip and uv run in: they install packages and need indexes, proxies and certificates. */
export const installerEnvironment = (from: Variables): Record<string, string> =>
  select(from, name => NEEDED.has(name) || NETWORK.test(name))
