export {
  FlowstoreError,
  FlowstoreErrors,
  ERROR_CODES,
  type ErrorCode,
  type ErrorDetails
} from './errors.js'
export {
  defaultBaseImage,
  isRelease,
  rulesFor,
  SUPPORTED_PREFECT,
  type PrefectRules,
  type StorageType
} from './prefect/rules.js'
export type { Flow, FlowParameter, FlowVersions } from './storage/flow.js'
export { flowFile } from './storage/file.js'
export { flowsJson, storageLabels } from './storage/flows-json.js'
export { LocalStorage, type LocalStorageOptions } from './storage/local.js'
export {
  Bytes,
  Memory,
  Storage,
  type EnvRunner,
  type FlowRunner,
  type FlowRunResult,
  type StoredFlow,
  type SerializedStorage,
  type StorageOptions
} from './storage/storage.js'
export { DockerStorage, type DockerStorageOptions } from './storage/docker.js'
export {
  Docker,
  type BuildOptions,
  type DockerCollaborators,
  type DockerOptions
} from './image/docker.js'
export type { BaseImage } from './image/base.js'
export type { Environment } from './image/environment.js'
export type { EnvironmentPlan } from './image/environment-plan.js'
export type { ModuleFile } from './load/loader.js'
export { connectDocker, type Daemon } from './util/docker.js'
export { loadFlows, type LoadedFlows } from './load/flows.js'
export { containerPython } from './load/container.js'
export { interpreterPython, type InterpreterOptions } from './load/interpreter.js'
export type { PythonPlace } from './load/loader.js'
export { listSources, type Sources } from './discover/sources.js'
export { discoverModules, type FlowModule } from './discover/modules.js'
export { checkOptions, type Options, type RawOptions } from './options/options.js'
export { buildStorage } from './pipeline.js'
export type { Surroundings } from './phases/discover.js'
export { publishFiles } from './publish/files.js'
export { Recorder, silentLog, type Log, type LogView } from './util/log.js'
export type { Build, Notice, OutputName, Report, ReportFlow } from './report.js'
export { deserialize } from './storage/deserialize.js'
export { imageRunner, interpreterRunner, type Live } from './run/runners.js'
export {
  dockerCredentials,
  type Credentials,
  type FindCredentials
} from './registry/credentials.js'
