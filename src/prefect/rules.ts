// The former names, for rooms that still import them.
export type { PrefectRules } from './generation.js'
export { defaultBaseImage, pipUpgrade, prefectRequirements } from './install.js'
export { isRelease, NEWEST_PREFECT, rulesFor, SUPPORTED_PREFECT } from './releases.js'
export { pinnedPrefect } from './resolve.js'
export type { StorageKind as StorageType } from './storage-kinds.js'
