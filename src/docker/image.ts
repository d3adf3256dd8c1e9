import { platformOf } from '../util/platform.js'

/** What a daemon knows of an image that it has. */
export interface DaemonImage {
  /** Digest of its configuration. */
  readonly id: string
  /** What registries know it by, `registry/name@digest` each. */
  readonly repoDigests: readonly string[]
  /** `os/architecture`. */
  readonly platform: string
  /** The user it runs as; empty for root. */
  readonly user: string
  /** Variables, `NAME=value` each. */
  readonly env: readonly string[]
  readonly labels: Readonly<Record<string, string>>
}

/** The part that is read of "Inspect an image" (Docker Engine API). */
export interface InspectAnswer {
  readonly Id: string
  readonly RepoDigests?: readonly string[] | null
  readonly Os: string
  readonly Architecture: string
  readonly Config?: {
    readonly User?: string
    readonly Env?: readonly string[] | null
    readonly Labels?: Readonly<Record<string, string>> | null
  } | null
}

/** Reads an answer. What is empty may be null, and is left out from API 1.52 (Engine 29) on. */
export function imageOf({
  Id: id,
  RepoDigests: repoDigests,
  Os: os,
  Architecture: architecture,
  Config: config
}: InspectAnswer): DaemonImage {
  return {
    id,
    repoDigests: repoDigests ?? [],
    platform: platformOf(os, architecture),
    user: config?.User ?? '',
    env: config?.Env ?? [],
    labels: config?.Labels ?? {}
  }
}
