import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FlowstoreError } from '../../errors.js'
import { readFault } from '../../util/files.js'
import * as z from '../../util/schema.js'
import { dockerFolder } from './docker-folder.js'
import { askHelper } from './helper.js'

/** A login at a registry: a name with a password, or an identity token. */
export type Credentials =
  | { readonly username: string; readonly password: string; readonly identitytoken?: undefined }
  | { readonly identitytoken: string; readonly username?: undefined; readonly password?: undefined }

/** Finds the credentials for a registry's host; undefined if there are none. */
export type FindCredentials = (registry: string) => Promise<Credentials | undefined>

const configSchema = z.object({
  auths: z
    .record(
      z.string(),
      z.object({
        auth: z.string().nullish(),
        username: z.string().nullish(),
        password: z.string().nullish(),
        identitytoken: z.string().nullish()
      })
    )
    .nullish(),
  credsStore: z.string().nullish(),
  credHelpers: z.record(z.string(), z.string()).nullish()
})
type Config = z.infer<typeof configSchema>

/**
 * Finds logins as the docker client does: in `config.json` of DOCKER_CONFIG (default `~/.docker`), and with
 * the credential helpers that it names. The file is read once, on first use.
 *
 * @param env the variables of the docker client
 * @returns a function that throws FlowstoreError REGISTRY for an unusable file or helper
 */
export function dockerCredentials(
  env: Readonly<Record<string, string | undefined>>
): FindCredentials {
  const file = join(dockerFolder(env), 'config.json')
  const helperEnv = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined)
  )
  let reading: Promise<Config> | undefined
  return async registry => {
    const config = await (reading ??= readConfig(file))
    const names = namesOf(registry)
    const inFile = [...names, ...otherNames(config, registry)]
      .map(name => loginInFile(config, name))
      .find(login => login !== undefined)
    const { helper, server } = helperFor(config, names)
    if (!helper) return inFile
    try {
      const answer = await askHelper(helper, server, helperEnv)
      return answer === undefined ? inFile : loginOf(answer.Username, answer.Secret)
    } catch (error) {
      // A login in the file is used if the helper fails.
      if (inFile === undefined) throw error
      return inFile
    }
  }
}

/**
 * The passwords and tokens in docker's configuration, by their registries. Those that credential helpers keep are not
 * among them. A configuration that can't be read has none: who needs a login of it gets the error.
 */
export async function storedPasswords(
  env: Readonly<Record<string, string | undefined>>
): Promise<ReadonlyMap<string, string>> {
  const config = await readConfig(join(dockerFolder(env), 'config.json')).catch(() => undefined)
  return new Map(
    Object.keys(config?.auths ?? {}).flatMap(name => {
      const login = config && loginInFile(config, name)
      const secret = login?.identitytoken ?? login?.password
      return secret === undefined ? [] : [[name, secret] as const]
    })
  )
}

async function readConfig(file: string): Promise<Config> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new FlowstoreError('REGISTRY', `docker's configuration ${file} ${readFault(error)}`, {
      hint: 'Give the current user permission to read it, or set DOCKER_CONFIG to another folder.',
      cause: error
    })
  }
  const notValid = (why: string, cause: unknown) =>
    new FlowstoreError('REGISTRY', `docker's configuration ${file} is not valid: ${why}`, {
      hint: 'Correct the file, or remove it and log in again with docker login.',
      cause
    })
  let value: unknown
  try {
    value = text.trim() === '' ? {} : JSON.parse(text)
  } catch (error) {
    // The parser's message may quote a secret.
    throw notValid('it is not JSON', error)
  }
  const parsed = configSchema.safeParse(value)
  if (parsed.success) return parsed.data
  throw notValid(z.faultText(parsed.error, value), parsed.error)
}

/** The names of a registry in docker's configuration. */
const namesOf = (registry: string): readonly string[] => [
  ...(registry === 'docker.io'
    ? ['https://index.docker.io/v1/', 'index.docker.io', 'registry-1.docker.io']
    : []),
  registry,
  `https://${registry}`,
  `https://${registry}/`,
  `https://${registry}/v1/`,
  `https://${registry}/v2/`
]

/** Those keys of `auths` that name a registry's host with a scheme, a path or both, as the docker client reads them. */
function otherNames({ auths }: Config, registry: string): readonly string[] {
  const hosts = registry === 'docker.io' ? ['index.docker.io', 'registry-1.docker.io'] : [registry]
  return Object.keys(auths ?? {}).filter(key => hosts.includes(hostIn(key)))
}

/** The host and port of a key such as `https://ghcr.io/v2/` or `ghcr.io/org`. */
const hostIn = (key: string): string => key.replace(/^https?:\/\//, '').split('/')[0] ?? ''

/** The helper for a registry (its own, else the store), and the registry's name in the configuration. */
function helperFor(config: Config, names: readonly string[]) {
  const named = names.find(name => config.credHelpers?.[name])
  if (named !== undefined) return { helper: config.credHelpers?.[named], server: named }
  return { helper: config.credsStore, server: names[0] ?? '' }
}

function loginInFile(config: Config, name: string): Credentials | undefined {
  const entry = config.auths?.[name]
  if (entry === undefined) return undefined
  if (entry.identitytoken) return { identitytoken: entry.identitytoken }
  if (entry.username && entry.password) return loginOf(entry.username, entry.password)
  const pair = Buffer.from(entry.auth ?? '', 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  return colon === -1 ? undefined : loginOf(pair.slice(0, colon), pair.slice(colon + 1))
}

/** A login as docker stores it: the name `<token>` means that the secret is an identity token. */
const loginOf = (username: string, secret: string): Credentials =>
  username === '<token>' ? { identitytoken: secret } : { username, password: secret }
