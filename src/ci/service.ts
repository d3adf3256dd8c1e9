/** Environment variables. */
export type Variables = Readonly<Record<string, string | undefined>>

/** The pull or merge request of a run. */
export interface PullRequest {
  /** Undefined if the service does not say it. */
  readonly number: string | undefined
  /** The branch that it is to be merged into. */
  readonly target: string | undefined
}

/** Names of a commit; each may be undefined. */
export interface CommitNames {
  /** The branch; for a pull request its source branch. Undefined for a run of a git tag. */
  readonly branch?: string | undefined
  /** The commit's full hash. */
  readonly sha?: string | undefined
  /** The git tag. */
  readonly tag?: string | undefined
  /** Undefined for a run that is not for a pull or merge request. */
  readonly pullRequest?: PullRequest | undefined
  /** The repository's default branch. */
  readonly defaultBranch?: string | undefined
  /** Whether the run is for a release that is marked as a pre-release; undefined without a release. */
  readonly isPrerelease?: boolean | undefined
}

/** Reads what one CI service says about a run: its environment variables, and the files that they name. */
export interface CiService {
  /** Names of the commit; all undefined if the run is not on this service. */
  readonly commit: (env: Variables) => CommitNames | Promise<CommitNames>
  /** Name of the repository without its owner, if the service gives it. */
  readonly repository: (env: Variables) => string | undefined
  /** Address of the repository, if the service gives it: one for the web, or for git. */
  readonly url: (env: Variables) => string | undefined
  /**
   * The repository that the code of a pull or merge request is from, if it is another one; undefined for any other run.
   * Absent for a service that does not say it.
   */
  readonly fork?: (env: Variables) => string | undefined | Promise<string | undefined>
}

/** A variable's value; undefined if it is empty, as services leave variables that do not apply. */
export const variable = (env: Variables, name: string): string | undefined => env[name] || undefined

/** The pull request of a number; undefined without one. Some services write `false` for none. */
export const pullRequestOf = (
  number: string | undefined,
  target: string | undefined
): PullRequest | undefined =>
  number === undefined || number === 'false' ? undefined : { number, target }

/** The source of a pull request, if it is not its target. */
export const ifOther = (
  source: string | undefined,
  target: string | undefined
): string | undefined => (source === target ? undefined : source)

/** The branch of a ref `refs/heads/NAME`. */
export const branchOfRef = (ref: string | undefined): string | undefined =>
  /^refs\/heads\/(.+)$/.exec(ref ?? '')?.[1]

/** The git tag of a ref `refs/tags/NAME`. */
export const tagOfRef = (ref: string | undefined): string | undefined =>
  /^refs\/tags\/(.+)$/.exec(ref ?? '')?.[1]

/** The number of a pull request in a ref `refs/pull/NUMBER/…`. */
export const numberOfRef = (ref: string | undefined): string | undefined =>
  /^refs\/pull\/(\d+)\//.exec(ref ?? '')?.[1]

/** The last part of a path: the name of `owner/name`. */
export const lastPart = (path: string | undefined): string | undefined => path?.split('/').at(-1)
