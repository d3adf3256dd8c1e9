import { posix } from 'node:path'
import { FlowstoreError } from '../errors.js'
import type { StoredFlow } from '../flows/stored-flow.js'
import type { LocatingStorage, PrefectRules } from '../prefect/generation.js'
import { Storage, type StorageOptions } from './storage.js'

/** Options of {@link DockerStorage}. */
export interface DockerStorageOptions extends StorageOptions {
  /** Registry with its path, such as `ghcr.io/acme`. */
  readonly registryUrl?: string | undefined
  readonly imageName?: string | undefined
  readonly imageTag?: string | undefined
  /** Prefect's folder in the image, from 0.12.2 on; default the release's. */
  readonly prefectDirectory?: string | undefined
  /** Release or git ref for the JSON; default the storage's release, `master` for a checkout of Prefect. */
  readonly prefectVersion?: string | undefined
}

/** Joins registry and name as the Prefect release does. */
function join(registry: string, name: string, rule: PrefectRules['nameJoin']): string {
  if (name.startsWith('/') || registry === '') return name
  if (rule === 'os.path') return registry.endsWith('/') ? registry + name : `${registry}/${name}`
  return posix.join(registry, name)
}

/** The part of Prefect's `Docker` storage that needs no daemon: name, locations in the image, JSON. */
export class DockerStorage extends Storage {
  readonly kind = 'docker'
  readonly registryUrl: string | undefined
  /** A build sets it if it is undefined. */
  imageName: string | undefined
  /** A build sets it if it is undefined. */
  imageTag: string | undefined
  readonly prefectVersion: string
  readonly prefectDirectory: string | undefined

  constructor(options: DockerStorageOptions = {}) {
    super(options)
    this.registryUrl = options.registryUrl
    this.imageName = options.imageName
    this.imageTag = options.imageTag
    this.prefectDirectory = options.prefectDirectory
    const { release, generation } = this.rules
    if (this.prefectDirectory !== undefined && !this.rules.prefectDirectory) {
      const since = generation.since.prefectDirectory
      throw new FlowstoreError(
        'UNSUPPORTED_PREFECT',
        `Docker storage of Prefect ${release} has no prefect_directory${since === undefined ? '' : `; Prefect ${since} and later have it`}`
      )
    }
    this.prefectVersion = options.prefectVersion ?? (release.includes('+') ? 'master' : release)
  }

  /** Creates a storage from the flows of a JSON: name to location. */
  static from(
    flows: Readonly<Record<string, string>>,
    options: DockerStorageOptions
  ): DockerStorage {
    const storage = new DockerStorage(options)
    storage.restore(flows)
    return storage
  }

  /** Registry and name of the image, without its tag. */
  get repository(): string {
    if (this.imageName === undefined) throw this.unnamed()
    return join(this.registryUrl ?? '', this.imageName, this.rules.nameJoin)
  }

  /**
   * `registry/name:tag`.
   *
   * @throws FlowstoreError STORAGE_INVALID in Prefect's words while a part is missing; before 0.6.5 also for
   * a missing registry
   */
  get name(): string {
    if (this.rules.nameNeedsRegistry && this.registryUrl === undefined) throw this.unnamed()
    return this.image
  }

  /** The reference of the image for a daemon, which may have one without a registry. */
  private get image(): string {
    if (this.imageTag === undefined) throw this.unnamed()
    return `${this.repository}:${this.imageTag}`
  }

  protected override fields(): Readonly<Record<string, unknown>> {
    return {
      ...super.fields(),
      registry_url: this.registryUrl,
      image_name: this.imageName,
      image_tag: this.imageTag,
      prefect_version: this.prefectVersion
    }
  }

  protected override locating(): LocatingStorage {
    return { kind: 'docker', prefectDirectory: this.prefectDirectory }
  }

  protected override stored(name: string, location: string): StoredFlow {
    const { image, content } = this
    return content === 'entrypoint'
      ? { kind: 'image', name, image, path: this.path ?? '/', content, entrypoint: location }
      : { kind: 'image', name, image, path: location, content }
  }

  private unnamed(): FlowstoreError {
    return new FlowstoreError('STORAGE_INVALID', this.rules.nameMissing)
  }
}
