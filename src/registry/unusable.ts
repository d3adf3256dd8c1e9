/**
 * A registry that can't be used from here. A Docker daemon's own build and push may still work: the
 * registry may be in reach of the daemon only, may lack the uploads of the specification, or may hold
 * content of a kind that this client does not read.
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
