import type { StorageType } from '../prefect/rules.js'

/** Prefect's storage classes that have a counterpart here; `LocalStorage` is `Local` from 0.6.0 on. */
export const STORAGE_CLASSES: Readonly<Record<string, StorageType>> = {
  Docker: 'docker',
  Local: 'local',
  LocalStorage: 'local',
  Memory: 'memory',
  Bytes: 'bytes'
}

/** The storage that a text names: by its type or by Prefect's class name, in any case. */
export function storageNamed(text: string): StorageType | undefined {
  const name = text.toLowerCase()
  return Object.entries(STORAGE_CLASSES).find(
    ([className, type]) => className.toLowerCase() === name || type === name
  )?.[1]
}
