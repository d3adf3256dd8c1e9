import { FlowstoreError } from '../errors.js'
import { netrcLogin } from './netrc.js'

type Variables = Readonly<Record<string, string | undefined>>

/** The options `index-url` and `extra-index-urls`, as they are written. */
interface IndexOptions {
  readonly indexUrl?: string | undefined
  readonly extraIndexUrls: readonly string[]
}

/** Addresses of package indexes, without logins: they may be in keys and in a Dockerfile. */
export interface IndexAddresses {
  /** Instead of PyPI, or of the index that pip is configured with. */
  readonly index?: string | undefined
  /** Searched too. */
  readonly extra: readonly string[]
}

/** The package indexes of a run. */
export interface PackageIndexes {
  /** Undefined if none is named: then pip and uv use those that they are configured with. */
  readonly addresses: IndexAddresses | undefined
  /** The variables that tell pip and uv the indexes, with their logins. */
  readonly variables: Readonly<Record<string, string>>
  /** Whether an index has a login. */
  readonly hasLogins: boolean
  /** The passwords of the logins. */
  readonly passwords: readonly string[]
}

/** No index is named. */
export const NO_INDEXES: PackageIndexes = {
  addresses: undefined,
  variables: {},
  hasLogins: false,
  passwords: []
}

/** The variables of pip and uv for one index, or for further ones. */
const INDEX_NAMES = ['PIP_INDEX_URL', 'UV_DEFAULT_INDEX', 'UV_INDEX_URL'] as const
const EXTRA_NAMES = ['PIP_EXTRA_INDEX_URL', 'UV_INDEX', 'UV_EXTRA_INDEX_URL'] as const

/** Whether variables tell pip and uv the same indexes. */
export const tellSameIndexes = (env: Variables): boolean =>
  env['PIP_INDEX_URL'] === env['UV_DEFAULT_INDEX'] &&
  env['PIP_EXTRA_INDEX_URL'] === env['UV_INDEX'] &&
  env['UV_INDEX_URL'] === undefined &&
  env['UV_EXTRA_INDEX_URL'] === undefined

/**
 * The package indexes of a run: those of the options, else those of pip's and uv's variables. An index without a login
 * gets that of the netrc file. An address of a file is only for this machine: such a variable stays what it is.
 *
 * @param secrets values by the names that `${NAME}` in an address may have
 * @throws FlowstoreError INVALID_OPTION for an address that is none, for an unknown secret, and for variables of pip and
 * uv that name different indexes
 */
export async function packageIndexes(
  { indexUrl, extraIndexUrls }: IndexOptions,
  env: Variables,
  secrets: ReadonlyMap<string, string>
): Promise<PackageIndexes> {
  const main =
    indexUrl === undefined
      ? ofVariables(INDEX_NAMES, env)
      : [parseIndex(withSecrets(indexUrl, 'index-url', secrets), "the option 'index-url'")]
  const extra =
    extraIndexUrls.length === 0
      ? ofVariables(EXTRA_NAMES, env)
      : extraIndexUrls.map(url =>
          parseIndex(withSecrets(url, 'extra-index-urls', secrets), "the option 'extra-index-urls'")
        )
  const [index] = await withNetrc(main, env)
  const others = await withNetrc(extra, env)
  const all = [...(index === undefined ? [] : [index]), ...others]
  return {
    addresses:
      all.length === 0 ? undefined : { index: index && address(index), extra: others.map(address) },
    variables: {
      ...(index === undefined ? {} : { PIP_INDEX_URL: index.href, UV_DEFAULT_INDEX: index.href }),
      ...(others.length === 0
        ? {}
        : { PIP_EXTRA_INDEX_URL: hrefs(others), UV_INDEX: hrefs(others) })
    },
    hasLogins: all.some(hasLogin),
    passwords: all.flatMap(({ username, password }) => {
      const secret = decodeURIComponent(password || username)
      return secret === '' ? [] : [secret]
    })
  }
}

/** The variables of a machine with the indexes of a run, in the form that pip and uv read alike. */
export function withIndexes<T extends Variables>(env: T, { variables }: PackageIndexes): T {
  const replaced = [
    ...('PIP_INDEX_URL' in variables ? INDEX_NAMES : []),
    ...('PIP_EXTRA_INDEX_URL' in variables ? EXTRA_NAMES : [])
  ]
  const cleared = Object.fromEntries(replaced.map(name => [name, undefined]))
  return { ...env, ...cleared, ...variables }
}

/**
 * The lines of a lock file without the indexes that the variables name too: these may have a login, which no line has.
 * pip takes an `--index-url` instead of all that its variables name. If such a line stays, so do the others.
 */
export function withoutKnownIndexes(lines: readonly string[], env: Variables): readonly string[] {
  const variables = `${env['PIP_INDEX_URL'] ?? ''} ${env['PIP_EXTRA_INDEX_URL'] ?? ''}`
  const known = new Set(variables.split(/\s+/).flatMap(text => addressOf(text) ?? []))
  const isKnown = (line: string, option: string): boolean =>
    line.startsWith(option) && known.has(addressOf(line) ?? '')
  const left = lines.filter(line => !isKnown(line, '--index-url '))
  return left.some(line => line.startsWith('--index-url '))
    ? left
    : left.filter(line => !isKnown(line, '--extra-index-url '))
}

/** The address of an index, or of a line `--index-url URL`, to compare it: without a login and a slash at its end. */
export function addressOf(text: string): string | undefined {
  const url = text.replace(/^--\S+ /, '').trim()
  return URL.canParse(url) ? address(new URL(url)).replace(/\/+$/, '') : undefined
}

/** The variables as lines NAME=VALUE, for the script of an image build. */
export const variableLines = ({ variables }: PackageIndexes): string =>
  Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')

const hrefs = (urls: readonly URL[]): string => urls.map(({ href }) => href).join(' ')

const hasLogin = ({ username, password }: URL): boolean => username !== '' || password !== ''

/** The address of an index without its login. */
function address(url: URL): string {
  const plain = new URL(url)
  plain.username = ''
  plain.password = ''
  return plain.href
}

const withNetrc = (urls: readonly URL[], env: Variables): Promise<URL[]> =>
  Promise.all(
    urls.map(async url => {
      const login = hasLogin(url) ? undefined : await netrcLogin(url.hostname, env)
      if (login === undefined) return url
      const other = new URL(url)
      other.username = encodeURIComponent(login.username)
      other.password = encodeURIComponent(login.password)
      return other
    })
  )

/** An address with the values of its `${NAME}`, encoded as a login needs it. */
const withSecrets = (text: string, option: string, secrets: ReadonlyMap<string, string>): string =>
  text.replaceAll(/\$\{([^}]*)\}/g, (_whole, name: string) => {
    const value = secrets.get(name)
    if (value !== undefined) return encodeURIComponent(value)
    throw new FlowstoreError(
      'INVALID_OPTION',
      `the option '${option}' names the secret \${${name}}, which is not declared`,
      {
        hint: `Add a line ${name}=VALUE to the option secrets, or ${name} alone for the value in this step's environment.`
      }
    )
  })

/**
 * The address of an index. A message never shows the text: it may have a login.
 *
 * @param what the option or the variable, as the subject of an error
 * @throws FlowstoreError INVALID_OPTION
 */
function parseIndex(text: string, what: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && isHttp(url)) {
    // The address is quoted in a command.
    url.pathname = url.pathname.replaceAll("'", '%27')
    url.search = ''
    url.hash = ''
    return url
  }
  throw new FlowstoreError(
    'INVALID_OPTION',
    `${what} has something that is no address of an index`,
    {
      hint: 'Write addresses such as https://pypi.acme.com/simple; with a login https://NAME:${TOKEN}@pypi.acme.com/simple, with TOKEN in the option secrets. A password that is written out has %40 for @, %2F for /, %23 for #.'
    }
  )
}

const isHttp = ({ protocol }: URL): boolean => protocol === 'https:' || protocol === 'http:'

/**
 * The addresses that the set variables of a list have; none if one of them is an address of a file.
 *
 * @throws FlowstoreError INVALID_OPTION for variables with different addresses
 */
function ofVariables(names: readonly string[], env: Variables): readonly URL[] {
  const set = names.flatMap(name => {
    // uv's form `NAME=URL`.
    const texts = (env[name] ?? '').split(/\s+/).map(text => text.replace(/^[\w.-]+=(?=\w+:)/, ''))
    const found = texts.filter(text => text !== '')
    return found.length === 0 ? [] : [{ name, found }]
  })
  if (set.some(({ found }) => found.some(text => !/^https?:/.test(text)))) return []
  const read = set.map(({ name, found }) => ({
    name,
    urls: found.map(text => parseIndex(text, `the variable ${name}`))
  }))
  const [first] = read
  const other = read.find(each => first && !isSame(each.urls, first.urls))
  if (first && other) {
    throw new FlowstoreError(
      'INVALID_OPTION',
      `the variables ${first.name} and ${other.name} name different indexes`,
      {
        hint: 'Packages are installed by pip or by uv, from the same indexes: unset one of the two, or set the options index-url and extra-index-urls instead.'
      }
    )
  }
  return first?.urls ?? []
}

const isSame = (one: readonly URL[], other: readonly URL[]): boolean => hrefs(one) === hrefs(other)
