import type { FieldChange } from './compare.js'

/** What a deploy did with a deployment; `new` and `changed` in a dry run, `gone` for one that only the server has. */
export type DeploymentState =
  'created' | 'updated' | 'unchanged' | 'deleted' | 'new' | 'changed' | 'gone'

/** One deployment of a {@link DeployResult}. */
export interface DeployedDeployment {
  readonly flow: string
  readonly name: string
  /** Null for a deployment that the server does not have yet. */
  readonly id: string | null
  readonly state: DeploymentState
  readonly changes: readonly FieldChange[]
  /** Whether the server made the scheduled runs of a deployment anew, because it was updated. */
  readonly scheduledRunsMadeAnew: boolean
}

/** What a deploy did. */
export interface DeployResult {
  readonly server: {
    readonly url: string
    /** Null for Prefect Cloud. */
    readonly version: string | null
  }
  /** The value of the label that a prune goes by; null if the server has no labels. */
  readonly project: string | null
  readonly dryRun: boolean
  readonly deployments: readonly DeployedDeployment[]
}
