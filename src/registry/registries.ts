import { FlowstoreError } from '../errors.js'
import { RetryTime } from '../http/retry.js'
import type { Log } from '../log.js'
import { dockerCredentials, type FindCredentials } from './auth/credentials.js'
import { RegistryClient, type RegistryClientOptions } from './client.js'
import { InsecureRegistries } from './insecure.js'
import { isRegistry } from './reference.js'

/** The registries of a run, with docker's logins. All its clients share the time for failed requests. */
export interface Registries {
  readonly credentials: FindCredentials
  /**
   * A client of one registry.
   *
   * @param access what its reads ask for; default `pull`
   * @param login default that of `credentials`, which may ask a helper
   * @throws FlowstoreError REGISTRY for an unusable docker configuration
   */
  readonly client: (
    registry: string,
    access?: RegistryClientOptions['access'],
    login?: ReturnType<FindCredentials>
  ) => Promise<RegistryClient>
}

/** What is wrong with a text that is no host, after the name of the option. */
export const noHost = (text: string): string =>
  `has '${text}', which is no host: write HOST or HOST:PORT, without a scheme and a path`

/**
 * @param env the variables of the docker client
 * @param hosts the option `insecure-registries`
 * @param log gets a warning for each of these that is not safe
 * @throws FlowstoreError INVALID_OPTION for what is no host
 */
export function registriesOf(
  env: Readonly<Record<string, string | undefined>>,
  hosts: readonly string[],
  log: Pick<Log, 'notice'>
): Registries {
  for (const host of hosts.filter(each => !isRegistry(each))) {
    throw new FlowstoreError('INVALID_OPTION', `the option 'insecure-registries' ${noHost(host)}`)
  }
  const credentials = dockerCredentials(env)
  const retryTime = new RetryTime()
  const insecure = new InsecureRegistries(hosts, message => {
    log.notice({ level: 'warning', message })
  })
  return {
    credentials,
    client: async (registry, access, login = credentials(registry)) =>
      new RegistryClient(registry, await login, { access, insecure, retryTime })
  }
}
