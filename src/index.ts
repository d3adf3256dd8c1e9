export {
  FlowstoreError,
  FlowstoreErrors,
  ERROR_CODES,
  type ErrorCode,
  type ErrorDetails
} from './errors.js'
export type { FlowContent, PrefectRules, StorageRules } from './prefect/generation.js'
export { defaultBaseImage } from './prefect/install.js'
export { isRelease, rulesFor, SUPPORTED_PREFECT } from './prefect/releases.js'
export type { StorageKind } from './prefect/storage-kinds.js'
export type { Flow, FlowParameter, FlowVersions, LoadedFlow } from './flows/flow.js'
export { flowFile } from './storage/file.js'
export { flowsJson, storageLabels } from './storage/flows-json.js'
export { LocalStorage, type LocalStorageOptions } from './storage/local.js'
export { Bytes } from './storage/bytes.js'
export { Memory } from './storage/memory.js'
export { Storage, type SerializedStorage, type StorageOptions } from './storage/storage.js'
export type { EnvRunner, FlowRunner, FlowRunResult } from './flows/run.js'
export type { StoredFlow } from './flows/stored-flow.js'
export { DockerStorage, type DockerStorageOptions } from './storage/docker.js'
export {
  Docker,
  type BuildOptions,
  type DockerCollaborators,
  type DockerOptions
} from './build/docker.js'
export type { BaseImage } from './environment/base/base-image.js'
export type { EnvironmentImage } from './environment/environment.js'
export type { EnvironmentPlan } from './environment/plan/plan.js'
export type { ModuleFile } from './python/loader.js'
export { connectDocker, type Daemon } from './docker/connect.js'
export { loadFlows, type LoadedFlows, type LoadOptions } from './flows/load.js'
export { containerPython } from './python/container.js'
export { interpreterPython, type InterpreterOptions } from './python/interpreter.js'
export type { Python } from './python/loader.js'
export { listSources } from './sources/listing.js'
export type { Sources } from './sources/sources.js'
export { discoverModules, type FlowModule } from './sources/modules.js'
export { checkOptions, type Options, type RawOptions } from './options/options.js'
export { buildStorage } from './build/build.js'
export type { Surroundings } from './build/services.js'
export { publishFiles } from './publish/build-files.js'
export { Recorder, silentLog, type Log, type LogView, type Notice } from './log.js'
export type { OutputName, Outputs, PublishedReport } from './publish/outputs.js'
export { publishToDirectory, type PublishedBuild } from './publish/directory.js'
export type {
  Build,
  BuildDocuments,
  Report,
  ReportFlow,
  ReportImage,
  ReportLoad
} from './report.js'
export { deserialize } from './storage/deserialize.js'
export { imageRunner, interpreterRunner, type RunControl } from './flows/runners.js'
export {
  dockerCredentials,
  type Credentials,
  type FindCredentials
} from './registry/auth/credentials.js'
