import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from '../util/schema.js'
import { FlowstoreError } from '../errors.js'
import { dockerFolder } from './docker-folder.js'

/** What a registry's login left behind: a name with a password, or a token to get tokens with. */
export type Credentials =
  { readonly username: string; readonly password: string } | { readonly identitytoken: string }

/** Finds the credentials for a registry's host, or undefined for none. */
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

/** The names under which docker's configuration may know a registry. */
const namesOf = (registry: string): string[] => [
  ...(registry === 'docker.io'
    ? ['https://index.docker.io/v1/', 'index.docker.io', 'registry-1.docker.io']
    : []),
  registry,
  `https://${registry}`,
  `https://${registry}/`,
  `https://${registry}/v1/`,
  `https://${registry}/v2/`
]

const credentials = (username: string, password: string): Credentials =>
  username === '<token>' ? { identitytoken: password } : { username, password }

const answerSchema = z.object({ Username: z.string(), Secret: z.string() })

/** The login that a helper printed; undefined for anything else. */
function printedLogin(text: string): Credentials | undefined {
  try {
    const { Username, Secret } = answerSchema.parse(JSON.parse(text))
    return credentials(Username, Secret)
  } catch {
    return undefined
  }
}

async function askHelper(
  helper: string,
  server: string,
  env: Record<string, string>
): Promise<Credentials | undefined> {
  const program = `docker-credential-${helper}`
  const unusable = (why: string, cause?: unknown) =>
    new FlowstoreError('REGISTRY', `${program} can't be asked for a login: ${why}`, {
      hint: `Docker's configuration names it for ${server}: install it, or take credsStore or credHelpers out.`,
      cause
    })
  const { execFile } = await import('node:child_process')
  const printed = await new Promise<string | undefined>((resolve, reject) => {
    const child = execFile(program, ['get'], { env }, (error, stdout) => {
      if (error === null) resolve(stdout)
      // By its exit code it says that it has none.
      else if (typeof error.code === 'number') resolve(undefined)
      else reject(unusable(error.message, error))
    })
    // One that ends without reading is heard by what it printed.
    child.stdin?.on('error', () => undefined).end(server)
  })
  if (printed === undefined) return undefined
  const login = printedLogin(printed)
  // Not what it printed, which may hold a password.
  if (login === undefined) throw unusable('what it printed is no login')
  return login
}

function inConfig(config: Config, name: string): Credentials | undefined {
  const entry = config.auths?.[name]
  if (entry === undefined) return undefined
  if (entry.identitytoken) return { identitytoken: entry.identitytoken }
  if (entry.username && entry.password) return credentials(entry.username, entry.password)
  const pair = Buffer.from(entry.auth ?? '', 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  return colon === -1 ? undefined : credentials(pair.slice(0, colon), pair.slice(colon + 1))
}

/**
 * Credentials as the docker client keeps them: `config.json` in DOCKER_CONFIG (default
 * `~/.docker`), with its credential helpers. The file is read once, when first asked.
 *
 * @param env the variables of the docker client
 */
export function dockerCredentials(
  env: Readonly<Record<string, string | undefined>>
): FindCredentials {
  const file = join(dockerFolder(env), 'config.json')
  const read = async (): Promise<Config> => {
    let text: string
    try {
      text = await readFile(file, 'utf8')
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') return {}
      throw new FlowstoreError('REGISTRY', `docker's configuration can't be read: ${message}`, {
        cause: error
      })
    }
    try {
      return text.trim() === '' ? {} : configSchema.parse(JSON.parse(text))
    } catch (error) {
      throw new FlowstoreError('REGISTRY', `docker's configuration ${file} is not valid`, {
        hint: 'Log in again with docker login.',
        cause: error
      })
    }
  }
  let reading: Promise<Config> | undefined
  const helperEnv = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined)
  )
  return async registry => {
    const config = await (reading ??= read())
    const names = namesOf(registry)
    // As docker has it: a helper for the registry, then the store, and what was left in the file.
    const named = names.find(name => config.credHelpers?.[name])
    const [server = registry] = named === undefined ? names : [named]
    const helper = (named !== undefined && config.credHelpers?.[named]) || config.credsStore
    const inFile = names.map(name => inConfig(config, name)).find(found => found !== undefined)
    if (!helper) return inFile
    try {
      return (await askHelper(helper, server, helperEnv)) ?? inFile
    } catch (error) {
      if (inFile === undefined) throw error
      return inFile
    }
  }
}
