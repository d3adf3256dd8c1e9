import { platformOf } from '../util/platform.js'

/** A daemon's facts about one of its images. */
export interface DaemonImage {
  /** Digest of its configuration. */
  readonly id: string
  /** Its names in registries, each `registry/name@digest`. */
  readonly repoDigests: readonly string[]
  /** `os/architecture`. */
  readonly platform: string
  /** The user of its processes; empty for root. */
  readonly user: string
  /** Variables, each `NAME=value`. */
  readonly env: readonly string[]
  /** Program and arguments that get the command of a container; empty if the command is started itself. */
  readonly entrypoint: readonly string[]
  /** What SHELL of a Dockerfile set for its RUN instructions; empty for the default. */
  readonly shell: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  /** How many layers it has. */
  readonly layers: number
}

/** The fields of "Inspect an image" (Docker Engine API) that are used here. */
export interface InspectAnswer {
  readonly Id: string
  readonly RepoDigests?: readonly string[] | null
  readonly Os: string
  readonly Architecture: string
  readonly RootFS?: { readonly Layers?: readonly string[] | null } | null
  readonly Config?: {
    readonly User?: string
    readonly Env?: readonly string[] | null
    readonly Entrypoint?: readonly string[] | null
    readonly Shell?: readonly string[] | null
    readonly Labels?: Readonly<Record<string, string>> | null
  } | null
}

/** Reads an answer. Empty fields may be null; from API 1.52 (Engine 29) on they are absent. */
export function imageOf({
  Id: id,
  RepoDigests: repoDigests,
  Os: os,
  Architecture: architecture,
  RootFS: files,
  Config: config
}: InspectAnswer): DaemonImage {
  return {
    id,
    repoDigests: repoDigests ?? [],
    platform: platformOf(os, architecture),
    user: config?.User ?? '',
    env: config?.Env ?? [],
    entrypoint: config?.Entrypoint ?? [],
    shell: config?.Shell ?? [],
    labels: config?.Labels ?? {},
    layers: files?.Layers?.length ?? 0
  }
}
