import type { FlowWithStorage, ModuleStorage } from '../../flows/flow.js'
import { ENTRIES, prefectName } from '../../options/values/names.js'
import * as readers from '../../options/values/readers.js'
import type { OptionKey } from '../../options/schema.js'
import { kindOfClass, type StorageKind } from '../../prefect/storage-kinds.js'

/** The storage that a module sets on a flow, if it has the type of the storage to fill. */
export const storageOfKind = (
  { storage }: FlowWithStorage,
  kind: StorageKind
): ModuleStorage | undefined =>
  storage !== null && kindOfClass(storage.type) === kind ? storage : undefined

/** A value, or why the option can't have it, as a clause that follows `flow "name": `. */
export type ReadParameter =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'problem'; readonly problem: string }

/** Reads the text of a module's parameter as the option of that name reads its own. */
export function readParameter(key: OptionKey, value: unknown): ReadParameter {
  if (ENTRIES[key].kind !== 'text' || typeof value !== 'string') return { kind: 'value', value }
  const parsed = ENTRIES[key].parse(readers).safeParse(value)
  if (parsed.success) return { kind: 'value', value: parsed.data }
  const [issue] = parsed.error.issues
  return { kind: 'problem', problem: `its ${prefectName(key)} ${issue?.message ?? 'is invalid'}` }
}
