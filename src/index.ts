export {
  FlowstoreError,
  FlowstoreErrors,
  ERROR_CODES,
  type ErrorCode,
  type ErrorDetails
} from './errors.js'
export {
  rulesFor,
  isRelease,
  SUPPORTED_PREFECT,
  type PrefectRules,
  type StorageType
} from './prefect/rules.js'
export type { Flow, FlowParameter, FlowVersions } from './storage/flow.js'
export { flowFile } from './storage/file.js'
export { LocalStorage, type LocalStorageOptions } from './storage/local.js'
export {
  Bytes,
  Memory,
  Storage,
  type EnvRunner,
  type SerializedStorage,
  type StorageOptions
} from './storage/storage.js'
export { checkOptions, type Options, type RawOptions } from './options/options.js'
export { buildStorage, type Surroundings } from './pipeline.js'
export { publishFiles } from './publish/files.js'
export { Recorder, silentLog, type Log, type LogView } from './util/log.js'
export type { Build, Notice, OutputName, Report, ReportFlow } from './report.js'
