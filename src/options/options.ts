/** Which storage a run fills; Prefect's class names are accepted and end as one of these. */
export type StorageKind = 'docker' | 'local' | 'memory' | 'bytes'

/** The options of a run, read and checked: what Action inputs and CLI flags both become. */
export interface Options {
  /** Files, folders, globs, `path.py:flow name`, `package.module:flow name`. */
  readonly flows: readonly string[]
  readonly storage: StorageKind
  readonly registryUrl?: string | undefined
  readonly imageName?: string | undefined
  readonly imageTag?: string | undefined
  readonly baseImage?: string | undefined
  readonly pythonDependencies: readonly string[]
  /** Path relative to the working directory. */
  readonly requirementsFile?: string | undefined
  readonly envVars: Readonly<Record<string, string>>
  readonly files: readonly FileOption[]
  /** URL of the Docker daemon. */
  readonly baseUrl?: string | undefined
  readonly prefectVersion?: string | undefined
  readonly localImage: boolean
  readonly push: boolean
  readonly directory?: string | undefined
  readonly loadIn: 'image' | 'runner'
  readonly python?: string | undefined
  readonly healthcheck: boolean
  readonly outputDirectory: string
  readonly uploadArtifact: boolean
  readonly artifactName: string
}

/** A file to copy into the image. */
export interface FileOption {
  /** Path relative to the working directory, or absolute. */
  readonly source: string
  /** Absolute POSIX path in the image. */
  readonly destination: string
}
