import type { FlowstoreError } from '../errors.js'
import type { Notice } from '../log.js'
import type { Report } from '../report.js'
import { flowCount, humanSize } from '../util/text.js'
import { imageFacts, UNCHANGED } from './facts.js'

/** A text on one line: a line break in a flow's name could start a command to the runner. */
const oneLine = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- the pattern matches control characters
  text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')

/**
 * The report of a finished build for a terminal.
 *
 * @param storagePath path of `storage.json`
 */
export function terminalReport(report: Report, storagePath: string): string {
  const { flows, versions, changed } = report
  const { python, prefect, cloudpickle } = versions
  return [
    `${flowCount(flows.length)} (Python ${python}, Prefect ${prefect}, cloudpickle ${cloudpickle}):`,
    ...flowRows(report),
    ...imageFacts(report).map(([name, value]) => `${name}: ${value}`),
    ...(changed ? [] : [UNCHANGED]),
    `Storage: ${storagePath}`
  ].join('\n')
}

/** One aligned row for each flow: name, definition, size, location. */
function flowRows({ flows }: Report): string[] {
  const rows = flows.map(flow => [
    flow.name,
    `${flow.module}:${flow.line}`,
    humanSize(flow.size),
    flow.location
  ])
  const widths = [0, 1, 2].map(column => Math.max(...rows.map(row => (row[column] ?? '').length)))
  return rows.map(row => {
    const cells = row.map((text, column) => text.padEnd(widths[column] ?? 0))
    return oneLine(`  ${cells.join('  ')}`).trimEnd()
  })
}

/** An error as a terminal shows it: code, message, file and line, cause, hint. */
export function terminalError(error: FlowstoreError): string {
  const line = error.line ? `:${error.line}` : ''
  const where = error.file ? ` (${error.file}${line})` : ''
  const detail = (error.detail ?? '').split('\n').filter(Boolean)
  return [
    oneLine(`error ${error.code}: ${error.message}${where}`),
    ...detail.map(text => `    | ${oneLine(text)}`),
    ...(error.hint ? [`  hint: ${error.hint}`] : [])
  ].join('\n')
}

/** A notice as a terminal shows it. */
export const terminalNotice = (notice: Notice): string =>
  oneLine(`${notice.level}: ${notice.message}`)
