/**
 * Something that this client can't do in a registry, and that a daemon's own build and push may
 * still do: the registry is out of reach from here, takes no upload where the specification has it,
 * or the image is of a kind that has no layers to add to.
 */
export class AppendUnsupported extends Error {
  constructor(
    /** Why, as a clause. */
    readonly reason: string,
    options?: ErrorOptions
  ) {
    super(`a layer can't be added in the registry: ${reason}`, options)
    this.name = 'AppendUnsupported'
  }
}
