import type { Credentials } from '../registry/auth/credentials.js'
import type { Reference } from '../registry/reference.js'

/** A login as the daemon's API takes it; without credentials an empty one, which old daemons ask for. */
export const registryLogin = (
  { registry }: Reference,
  credentials: Credentials | undefined
): object => ({ serveraddress: registry, ...credentials })
