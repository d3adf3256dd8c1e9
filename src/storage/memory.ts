import { FlowstoreError } from '../errors.js'
import type { EnvRunner } from '../flows/run.js'
import type { LocatingStorage } from '../prefect/generation.js'
import { checkStorageExists } from './no-such-storage.js'
import { Storage, type StorageOptions } from './storage.js'

/** Prefect's `Memory`: a flow exists as long as the storage object; its JSON has no flows. Not for Prefect 2 and 3. */
export class Memory extends Storage {
  readonly kind = 'memory'
  readonly name = 'Memory'

  /** @throws FlowstoreError NOT_SUPPORTED for Prefect 2 and 3, and the errors of {@link Storage} */
  constructor(options: StorageOptions = {}) {
    super(options)
    checkStorageExists(this.rules, this.kind)
  }

  override getEnvRunner(locationOrName: string): EnvRunner {
    return this.stored(locationOrName)
  }

  protected override locating(): LocatingStorage {
    return { kind: 'memory' }
  }

  protected override stored(name: string): never {
    throw new FlowstoreError(
      'NOT_SUPPORTED',
      `${name === '' ? 'a flow' : `flow "${name}"`} can't be run: memory storage keeps flows only in the process that made it`
    )
  }
}
