import { homedir } from 'node:os'
import { join } from 'node:path'

/** The folder of the docker client's configuration. */
export const dockerFolder = (env: Readonly<Record<string, string | undefined>>): string =>
  env['DOCKER_CONFIG'] || join(env['HOME'] || homedir(), '.docker')
