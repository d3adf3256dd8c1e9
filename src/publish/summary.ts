import type { FlowstoreError } from '../errors.js'
import type { Notice } from '../log.js'
import type { Report } from '../report.js'
import { plainLine, plainLines } from '../util/plain-text.js'
import { flowCount, humanSize } from '../util/text.js'
import { deployedFacts, deploymentLabel } from './deployed.js'
import {
  changedFact,
  checkFact,
  deploymentsFact,
  environmentFacts,
  imageFacts,
  modulesFact,
  openFact,
  UNCHANGED
} from './facts.js'

/** Maximum number of flows and of deployments in a summary: GitHub accepts 1 MiB per step. */
const MOST_ROWS = 1000

/** Text as one line of Markdown, also inside a cell of a table: a flow's name may have any character. */
const cell = (text: string): string =>
  plainLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_{}[\]()#+!|~-]/g, '\\$&')
    .replace(/\s+/g, ' ')

/** A table in Markdown; of more rows than fit, a line says how many there are. */
function table(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  what: string
): readonly string[] {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const more = rows.length - MOST_ROWS
  return [
    row(columns),
    row(columns.map(() => '---')),
    ...rows.slice(0, MOST_ROWS).map(cells => row(cells.map(cell))),
    ...(more > 0 ? ['', `${more} more ${what} are in report.json.`] : []),
    ''
  ]
}

/** What a deploy did with each deployment, else which deployments there are; nothing before Prefect 2. */
function deploymentLines({ deployed, deployments, comparedWith }: Report): readonly string[] {
  if (deployed !== null) {
    const { lines, rows } = deployedFacts(deployed)
    return [
      ...lines.flatMap(line => [cell(line), '']),
      ...table(['Deployment', 'On the server', 'What differs'], rows, 'deployments')
    ]
  }
  if (deployments === null || deployments.length === 0) return []
  const isCompared = comparedWith !== null
  const rows = deployments.map(each => [
    deploymentLabel(each),
    each.entrypoint,
    ...(isCompared ? [each.changed ? 'yes' : 'no'] : [])
  ])
  const columns = ['Deployment', 'Entrypoint', ...(isCompared ? ['Changed'] : [])]
  return table(columns, rows, 'deployments')
}

/** The job summary in Markdown: flows, image, deployments, versions, and the time of each phase. */
export function summaryMarkdown(report: Report): string {
  const { flows, phases, notices, versions, changed } = report
  const changes = changedFact(report)
  const location = report.deployments === null ? 'Location' : 'Entrypoint'
  return [
    `### flowstore: ${flowCount(flows.length)}`,
    '',
    `Python ${cell(versions.python)}, Prefect ${cell(versions.prefect)}, cloudpickle ${cell(versions.cloudpickle)}`,
    '',
    ...imageFacts(report).flatMap(([name, value]) => [`${name}: \`${value}\``, '']),
    ...environmentFacts(report).flatMap(([name, value]) => [`${name}: ${cell(value)}`, '']),
    ...(changed ? [] : [UNCHANGED, '']),
    ...(changes === undefined ? [] : [`${changes[0]}: ${cell(changes[1])}`, '']),
    checkFact(report).join(': '),
    '',
    ...modulesFact(report).flatMap(fact => [fact.join(': '), '']),
    ...openFact(report).flatMap(fact => [fact.join(': '), '']),
    ...deploymentsFact(report).flatMap(([name, value]) => [`${name}: ${cell(value)}`, '']),
    ...table(
      ['Flow', 'Module', location, 'Size'],
      flows.map(flow => [
        ...[flow.name, `${flow.module}:${flow.line}`, flow.location],
        humanSize(flow.size)
      ]),
      'flows'
    ),
    ...deploymentLines(report),
    phases.map(({ name, seconds }) => `${cell(name)} ${seconds.toFixed(1)} s`).join(', '),
    ...noticeLines(notices),
    ''
  ].join('\n')
}

const noticeLines = (notices: readonly Notice[]): string[] =>
  notices.map(notice => `\n> ${notice.level}: ${cell(notice.message)}`)

/** Maximum number of errors in a summary, and of lines of the cause of each: the last lines say most. */
const MOST_ERRORS = 50
const MOST_DETAIL = 40

/** The job summary of a failed run in Markdown: each error with its place, cause and hint. */
export function failureMarkdown(
  errors: readonly FlowstoreError[],
  notices: readonly Notice[]
): string {
  const more = errors.length - MOST_ERRORS
  return [
    `### flowstore failed: ${errors.length === 1 ? '1 error' : `${errors.length} errors`}`,
    '',
    ...errors.slice(0, MOST_ERRORS).flatMap(errorLines),
    ...(more > 0 ? [`${more} more errors are in the log.`, ''] : []),
    'Nothing was published: no output, no artifact and no file in the output directory.',
    ...noticeLines(notices),
    ''
  ].join('\n')
}

function errorLines({ code, message, file, line, detail = '', hint }: FlowstoreError): string[] {
  const place = file === undefined ? [] : [`Where: ${cell(file)}${line ? `:${line}` : ''}`, '']
  const cause = plainLines(detail)
    .split('\n')
    .filter(text => text.trim() !== '')
    .slice(-MOST_DETAIL)
  return [
    `**${cell(code)}**: ${cell(message)}`,
    '',
    ...place,
    // Indented, it is code, whatever it contains.
    ...(cause.length > 0 ? [...cause.map(text => `    ${text}`), ''] : []),
    ...(hint === undefined ? [] : [`Hint: ${cell(hint)}`, ''])
  ]
}
