/** A layer whose content can't be used outside the image. A Docker daemon still can. */
export class LayerUnusable extends Error {
  constructor(
    /** Why, as a clause. */
    readonly reason: string
  ) {
    super(`the layers can't be used here: ${reason}`)
    this.name = 'LayerUnusable'
  }
}
