import type { Flow } from '../flows/flow.js'
import type { StoredFlow } from '../flows/stored-flow.js'
import type { LocatingStorage } from '../prefect/generation.js'
import { contentOf } from './file.js'
import { checkStorageExists } from './no-such-storage.js'
import { Storage, type StorageOptions } from './storage.js'

/** Prefect's `Bytes`: each flow's raw cloudpickle, in base64 inside the JSON. Not for Prefect 2 and 3. */
export class Bytes extends Storage {
  readonly kind = 'bytes'
  readonly name = 'Bytes'
  /** Flow name to base64. */
  private readonly contents = new Map<string, string>()

  /** @throws FlowstoreError NOT_SUPPORTED for Prefect 2 and 3, and the errors of {@link Storage} */
  constructor(options: StorageOptions = {}) {
    super(options)
    checkStorageExists(this.rules, this.kind)
  }

  /** Creates a storage from the flows of a JSON: name to base64. */
  static from(flows: Readonly<Record<string, string>>, options: StorageOptions): Bytes {
    const storage = new Bytes(options)
    storage.restore(Object.fromEntries(Object.keys(flows).map(name => [name, name])))
    for (const [name, content] of Object.entries(flows)) storage.contents.set(name, content)
    return storage
  }

  protected override locating(): LocatingStorage {
    return { kind: 'bytes' }
  }

  protected override write(flow: Flow): void {
    this.contents.set(flow.name, contentOf(flow, 'pickle').toString('base64'))
  }

  protected override stored(name: string): StoredFlow {
    return {
      kind: 'bytes',
      name,
      bytes: this.pickle(name),
      content: this.content
    }
  }

  protected override pickle(name: string): Buffer {
    return Buffer.from(this.contents.get(name) ?? '', 'base64')
  }

  protected override fields(): Readonly<Record<string, unknown>> {
    return { ...super.fields(), flows: Object.fromEntries(this.contents) }
  }
}
