import { FlowstoreError } from '../errors.js'
import type { PrefectRules } from '../prefect/generation.js'
import type { StorageKind } from '../prefect/storage-kinds.js'

/** @throws FlowstoreError NOT_SUPPORTED for a storage that can't hold the flows of a release, with the reason */
export function checkStorageExists({ release, generation }: PrefectRules, kind: StorageKind): void {
  const reason = generation.lacks[kind]
  if (reason === undefined) return
  throw new FlowstoreError(
    'NOT_SUPPORTED',
    `Prefect ${release} has no ${kind} storage: ${reason}`,
    {
      hint: 'Use docker or local storage.'
    }
  )
}
