/** Environment variables. */
export type Variables = Readonly<Record<string, string | undefined>>

/** Names of a commit; each may be undefined. */
export interface CommitNames {
  /** The branch; for a pull request its source branch. */
  readonly branch?: string | undefined
  /** The commit's full hash. */
  readonly sha?: string | undefined
  /** Number of the pull or merge request. */
  readonly pr?: string | undefined
  /** The git tag, without the `v` before a number. */
  readonly version?: string | undefined
}

/** Reads the environment variables of one CI service. */
export interface CiService {
  /** Names of the commit; all undefined if the run is not on this service. */
  readonly commit: (env: Variables) => CommitNames
  /** Name of the repository without its owner, if the service gives it. */
  readonly repository: (env: Variables) => string | undefined
}

/** A git tag without the `v` before a number. */
export const versionOf = (tag: string | undefined): string | undefined =>
  tag?.replace(/^v(?=\d)/, '')

/** A variable's value; undefined if it is empty, as services leave variables that do not apply. */
export const variable = (env: Variables, name: string): string | undefined => env[name] || undefined
