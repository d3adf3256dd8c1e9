/** Environment variables. */
export type Variables = Readonly<Record<string, string | undefined>>

/** What identifies a commit; undefined for what it does not have. */
export interface CommitNames {
  /** The branch; for a pull request the one that it comes from. */
  readonly branch?: string | undefined
  /** The commit's full hash. */
  readonly sha?: string | undefined
  /** Number of the pull or merge request. */
  readonly pr?: string | undefined
  /** The git tag, without the `v` before a number. */
  readonly version?: string | undefined
}

/** What a CI service says in its environment variables. */
export interface CiService {
  /** What it says of the commit; all undefined where the run is not one of this service. */
  readonly commit: (env: Variables) => CommitNames
  /** Name of the repository without its owner, if the service says it. */
  readonly repository: (env: Variables) => string | undefined
}

/** A git tag without the `v` before a number. */
export const versionOf = (tag: string | undefined): string | undefined =>
  tag?.replace(/^v(?=\d)/, '')

/** A variable; undefined also where it is empty, as services leave those that do not apply. */
export const variable = (env: Variables, name: string): string | undefined => env[name] || undefined
