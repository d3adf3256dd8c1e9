import { ENTRIES, OPTION_KEYS, prefectName } from './values/names.js'

/**
 * Prefect's names of the parameters that are read from the storages in modules: every option that a module may
 * set, and `secrets`, for which there is no option.
 */
export const storageOptions = (): readonly string[] => [
  ...OPTION_KEYS.filter(key => ENTRIES[key].module !== undefined).map(prefectName),
  'secrets'
]
