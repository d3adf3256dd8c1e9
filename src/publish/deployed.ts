import type { FieldChange } from '../deployments/deploy/compare.js'
import type {
  DeployedDeployment,
  DeploymentState,
  DeployResult
} from '../deployments/deploy/result.js'
import { plainLine } from '../util/plain-text.js'

const ORDER: readonly DeploymentState[] = [
  'created',
  'updated',
  'new',
  'changed',
  'unchanged',
  'deleted',
  'gone'
]

/** Longest text of a value: a parameter schema may be long. */
const LONGEST = 120

function valueText(value: unknown): string {
  const text = value === null ? 'none' : typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}

const changeText = ({ field, from, to }: FieldChange): string =>
  from === '***' || to === '***'
    ? `${field}: changed (not shown)`
    : `${field}: ${valueText(from)} -> ${valueText(to)}`

/** Fields that are shown with the name of the variable or parameter. */
const WITH_NAME = /^((?:job_variables|parameters)\.[^.]+|[^.]+)/

/** Names of the fields that changed, each once. */
const fieldsOf = ({ changes }: DeployedDeployment): string =>
  [...new Set(changes.map(({ field }) => WITH_NAME.exec(field)?.[0] ?? field))].join(', ')

/** `3 deployments: 1 created, 2 unchanged`. */
function counts(deployments: readonly DeployedDeployment[]): string {
  const parts = ORDER.map(state => {
    const count = deployments.filter(each => each.state === state).length
    return count === 0 ? '' : `${count} ${state}`
  }).filter(Boolean)
  const total = deployments.filter(({ state }) => state !== 'gone' && state !== 'deleted').length
  return `${total} ${total === 1 ? 'deployment' : 'deployments'}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`
}

/** How many deployments became what, and on which server. */
const headline = ({ server: { url, version }, deployments }: DeployResult): string =>
  `${counts(deployments)} (${version === null ? 'Prefect Cloud' : `Prefect ${version}`}, ${url})`

/** A deployment as Prefect writes it: `flow/name`. */
export const deploymentLabel = ({ flow, name }: { flow: string; name: string }): string =>
  plainLine(`${flow}/${name}`)

const DRY_RUN = 'Nothing was written: this was a dry run.'

/** What becomes of the deployments that only the server has, in a line; undefined without any. */
const goneText = (deployments: readonly DeployedDeployment[]): string | undefined =>
  deployments.some(({ state }) => state === 'gone')
    ? 'gone: an earlier deploy of this project wrote it, and no file has it any more; a deploy with prune deletes it'
    : undefined

/** The deployments whose scheduled runs were made anew, in a line; undefined without any. */
function renewedText(deployments: readonly DeployedDeployment[]): string | undefined {
  const renewed = deployments.filter(each => each.scheduledRunsMadeAnew).map(deploymentLabel)
  return renewed.length > 0 ? `Scheduled runs made anew: ${renewed.join(', ')}` : undefined
}

/** The result of a deploy for a summary: plain lines, and a row of each deployment with its state and what differs. */
export function deployedFacts(result: DeployResult): {
  readonly lines: readonly string[]
  readonly rows: readonly (readonly [label: string, state: string, fields: string])[]
} {
  const { dryRun, deployments } = result
  return {
    lines: [
      headline(result),
      goneText(deployments),
      dryRun ? DRY_RUN : undefined,
      renewedText(deployments)
    ].flatMap(line => (line === undefined ? [] : [plainLine(line)])),
    rows: deployments.map(each => [deploymentLabel(each), each.state, fieldsOf(each)])
  }
}

/** The result of a deploy for a terminal: one row for each deployment; in a dry run also each difference. */
export function deployedText(result: DeployResult): string {
  const { dryRun, deployments } = result
  const label = deploymentLabel
  const width = Math.max(0, ...deployments.map(each => label(each).length))
  const rows = deployments.flatMap(each => {
    const note = dryRun ? '' : fieldsOf(each)
    const row = `  ${each.state.padEnd(9)}  ${label(each).padEnd(width)}  ${note}`.trimEnd()
    return [
      row,
      ...(dryRun ? each.changes.map(change => `               ${changeText(change)}`) : [])
    ]
  })
  return [
    headline(result),
    ...rows,
    goneText(deployments),
    renewedText(deployments),
    dryRun ? DRY_RUN : undefined
  ]
    .flatMap(line => (line === undefined ? [] : [plainLine(line)]))
    .join('\n')
}
