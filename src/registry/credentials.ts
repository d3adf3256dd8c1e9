import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import * as z from '../util/schema.js'
import { FlowstoreError } from '../errors.js'

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
        auth: z.string().optional(),
        username: z.string().optional(),
        password: z.string().optional(),
        identitytoken: z.string().optional()
      })
    )
    .optional(),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).optional()
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

async function askHelper(
  helper: string,
  server: string,
  env: Record<string, string>
): Promise<Credentials | undefined> {
  const { getExecOutput } = await import('@actions/exec')
  const { exitCode, stdout } = await getExecOutput(`docker-credential-${helper}`, ['get'], {
    input: Buffer.from(server),
    silent: true,
    ignoreReturnCode: true,
    env
  })
  if (exitCode !== 0) return undefined
  const answer = z
    .object({ Username: z.string(), Secret: z.string() })
    .safeParse(JSON.parse(stdout))
  return answer.success ? credentials(answer.data.Username, answer.data.Secret) : undefined
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
  const folder = env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homedir(), '.docker')
  const file = join(folder, 'config.json')
  const read = async (): Promise<Config> => {
    let text: string
    try {
      text = await readFile(file, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
      throw error
    }
    try {
      return configSchema.parse(JSON.parse(text))
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
    for (const name of namesOf(registry)) {
      const helper = config.credHelpers?.[name]
      const found = (helper && (await askHelper(helper, name, helperEnv))) || inConfig(config, name)
      if (found) return found
    }
    const [server = registry] = namesOf(registry)
    return config.credsStore ? askHelper(config.credsStore, server, helperEnv) : undefined
  }
}
