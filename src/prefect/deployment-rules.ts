import { comparable, rowOf, type Change } from './release-table.js'

/** What a release of Prefect 2 or 3 takes in a deployment, in its API and in `prefect.yaml`. */
export interface DeploymentRules {
  /** The field of the API with the job variables. */
  readonly jobVariables: 'infra_overrides' | 'job_variables'
  /** `one`: one schedule, as `schedule`; `several`: a list, as `schedules`, and `paused` beside it. */
  readonly schedules: 'one' | 'several'
  /** Whether a cron schedule can join day and day of the week with AND. */
  readonly scheduleDayOr: boolean
  /** Whether a schedule can have parameters and a slug. */
  readonly scheduleParameters: boolean
  /** Whether a schedule can name the one that it replaces. */
  readonly scheduleReplaces: boolean
  /** Whether a deployment can limit its concurrent runs. */
  readonly concurrency: boolean
  /** Whether that limit can have a grace period. */
  readonly concurrencyGrace: boolean
  /** Whether parameters are checked against the schema, if the deployment doesn't say. */
  readonly enforceParameterSchema: boolean
}

/** Sources: the server's `DeploymentCreate` and the command `prefect deploy` of the releases themselves. */
const TABLE: readonly [Change<DeploymentRules>, ...Change<Partial<DeploymentRules>>[]] = [
  [
    '2.13.0',
    {
      jobVariables: 'infra_overrides',
      schedules: 'one',
      scheduleDayOr: false,
      scheduleParameters: false,
      scheduleReplaces: false,
      concurrency: false,
      concurrencyGrace: false,
      enforceParameterSchema: false
    }
  ],
  // The server of 2.16 takes a list already; its `prefect deploy` does not.
  ['2.17.0', { jobVariables: 'job_variables', schedules: 'several' }],
  ['3.0.0', { concurrency: true, enforceParameterSchema: true }],
  ['3.2.0', { scheduleParameters: true }],
  // Servers took it long before; `prefect deploy` left it out.
  ['3.4.0', { scheduleDayOr: true }],
  ['3.6.0', { scheduleReplaces: true }],
  // 3.6.4 has none.
  ['3.6.6', { concurrencyGrace: true }]
]

/** The rules of a release of Prefect 2 or 3. */
export const deploymentRules = (prefect: string): DeploymentRules =>
  rowOf<DeploymentRules>(TABLE, comparable(prefect) ?? prefect)
