/**
 * A registry that can't be used from here. A Docker daemon's own build and push may still work: the registry
 * may be reachable only from the daemon, may lack the specification's uploads, or may have content that this
 * client does not read.
 */
export class RegistryUnusable extends Error {
  constructor(
    /** Why, as a clause. */
    readonly reason: string,
    options?: ErrorOptions
  ) {
    super(`the registry can't be used from here: ${reason}`, options)
    this.name = 'RegistryUnusable'
  }
}
