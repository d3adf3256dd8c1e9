import { RegistryClient, type RegistryClientOptions } from '../../src/registry/client.js'
import type { Credentials, FindCredentials } from '../../src/registry/auth/credentials.js'
import type { Registries } from '../../src/registry/registries.js'
import { serveRegistry, type RegistryServer, type Rule } from './registry-server.js'

export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
export const LOGIN = { username: 'me', password: 'secret' }

/** The body of a registry's refusal. */
export const errorBody = (code: string, message: string): string =>
  JSON.stringify({ errors: [{ code, message }] })

/** A registry with rules for misbehaviour, and a client of it that does not wait between attempts. */
export interface ClientOfRegistry {
  readonly registry: RegistryServer
  readonly client: RegistryClient
  /** Pauses that were not waited for, in milliseconds. */
  readonly pauses: number[]
}

export async function clientOf(
  rules: readonly Rule[] = [],
  options: RegistryClientOptions = {},
  credentials: Credentials | undefined = LOGIN
): Promise<ClientOfRegistry> {
  const registry = await serveRegistry(...rules)
  const pauses: number[] = []
  const sleep = (milliseconds: number) => Promise.resolve(pauses.push(milliseconds))
  const client = new RegistryClient(registry.host, credentials, { sleep, ...options })
  return { registry, client, pauses }
}

/** A pause without the part that is left to chance. */
export const withoutJitter = (pause: number): number =>
  [500, 1500, 4500].find(base => pause >= base && pause <= base * 1.25) ?? pause

/** Registries with these logins; default none. */
export const registriesWith = (
  credentials: FindCredentials = () => Promise.resolve(undefined)
): Registries => ({
  credentials,
  client: async (registry, access, login = credentials(registry)) =>
    new RegistryClient(registry, await login, { access })
})
