import { RegistryUnusable } from '../../registry/unusable.js'

/** An index of which an image is gone: some rules for cleaning up a registry delete what has no tag. */
export class IncompleteIndex extends RegistryUnusable {
  constructor(index: string, missing: string) {
    super(`the repository lacks ${missing} of the index ${index}`)
  }
}
