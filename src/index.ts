import { flowRunner } from './build/flow-runner.js'
import { setDefaultRunner } from './storage/default-runner.js'

setDefaultRunner(flowRunner())

export {
  FlowstoreError,
  FlowstoreErrors,
  ERROR_CODES,
  type ErrorCode,
  type ErrorDetails,
  type Undone
} from './errors.js'
export type { FlowContent } from './prefect/generation.js'
export { isRelease, SUPPORTED_PREFECT } from './prefect/releases.js'
export type { StorageKind } from './prefect/storage-kinds.js'
export type {
  EntrypointDetails,
  EntrypointFlow,
  Flow,
  FlowOrigin,
  FlowParameter,
  FlowVersions,
  NamedFlow,
  PickledFlow,
  PickleFlow
} from './flows/flow.js'
export type { FieldChange } from './deployments/deploy/compare.js'
export type {
  DeployedDeployment,
  DeploymentState,
  DeployResult
} from './deployments/deploy/result.js'
export type { Deployment, DeploymentsDocument, DeploymentsFlow } from './deployments/document.js'
export type { Json, JsonObject } from './deployments/yaml.js'
export type { Builder } from './environment/request.js'
export type { ProjectChoice } from './packages/lock-files/format.js'
export { LocalStorage, type LocalStorageOptions } from './storage/local.js'
export { Bytes } from './storage/bytes.js'
export { Memory } from './storage/memory.js'
export { Storage, type SerializedStorage, type StorageOptions } from './storage/storage.js'
export { DockerStorage, type DockerStorageOptions } from './storage/docker.js'
export { deserialize } from './storage/deserialize.js'
export {
  Docker,
  type BuildOptions,
  type BuiltImage,
  type DockerOptions,
  type PulledImage
} from './build/docker.js'
export type { BuildKwargs } from './docker/build-kwargs.js'
export type { Installer } from './packages/uv.js'
export type { ModuleFile } from './python/loader.js'
export {
  buildStorage,
  loadFlows,
  type BuildStorageSurroundings,
  type LibraryFlows,
  type LibrarySurroundings,
  type LoadFlowsOptions
} from './build/library.js'
export { deploy, type DeployOptions } from './build/deploy.js'
export type { FlowSources, SourceFile, Sources } from './sources/sources.js'
export type { BuildStorageOptions } from './options/build-storage-options.js'
export { Recorder, type Log, type LogView, type Notice } from './log.js'
export { publishToDirectory, type PublishedBuild } from './publish/directory.js'
export type { OutputName, Outputs, PublishedReport } from './publish/outputs.js'
export type {
  Build,
  BuildDocuments,
  FileContent,
  Report,
  ReportCommits,
  ReportDeployment,
  ReportFlow,
  ReportImage,
  ReportEnvironment,
  ReportLoad,
  ReportPlatform
} from './report.js'
export type { Attached } from './image/attestations/attach.js'
export type { EnvRunner, FlowRunner, FlowRunResult, RunOptions } from './flows/run.js'
export type { StoredFlow } from './flows/stored-flow.js'
export type { CheckedIn } from './image/labels.js'
export type { Isolation } from './python/cell.js'
export type { ReadableFlow } from './python/protocol/readable-flow.js'
export type { RunControl } from './flows/runners.js'
export { flowRunner, type FlowRunnerOptions } from './build/flow-runner.js'
export type { InterpreterRequest } from './build/run-python.js'
