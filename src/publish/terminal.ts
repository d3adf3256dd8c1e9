import type { FlowstoreError } from '../errors.js'
import type { Notice } from '../log.js'
import { asFlags } from '../options/values/notation.js'
import type { Report } from '../report.js'
import { plainLine, plainLines } from '../util/plain-text.js'
import { flowCount, humanSize } from '../util/text.js'
import { NO_COLOURS, type Colours } from './colours.js'
import { changedFact, deploymentsFact, imageFacts, UNCHANGED } from './facts.js'
import type { Outputs } from './outputs.js'

/**
 * The report of a finished build for a terminal.
 *
 * @param paths of `storage.json`, and of `prefect.yaml` if there is one
 */
export function terminalReport(
  report: Report,
  paths: Pick<Outputs, 'storage-path' | 'prefect-file-path'>
): string {
  const { flows, versions, changed } = report
  const { python, prefect, cloudpickle } = versions
  const changes = changedFact(report)
  return [
    `${flowCount(flows.length)} (Python ${python}, Prefect ${prefect}, cloudpickle ${cloudpickle}):`,
    ...flowRows(report),
    ...imageFacts(report).map(([name, value]) => `${name}: ${value}`),
    ...(changed ? [] : [UNCHANGED]),
    ...(changes === undefined ? [] : [changes.join(': ')]),
    ...deploymentsFact(report).map(fact => fact.join(': ')),
    ...(paths['prefect-file-path'] === '' ? [] : [`Prefect file: ${paths['prefect-file-path']}`]),
    `Storage: ${paths['storage-path']}`
  ]
    .map(plainLine)
    .join('\n')
}

/** One aligned row for each flow: name, definition, size, location. */
function flowRows({ flows }: Report): string[] {
  const rows = flows.map(flow =>
    [flow.name, `${flow.module}:${flow.line}`, humanSize(flow.size), flow.location].map(plainLine)
  )
  const widths = [0, 1, 2].map(column => Math.max(...rows.map(row => (row[column] ?? '').length)))
  return rows.map(row => {
    const cells = row.map((text, column) => text.padEnd(widths[column] ?? 0))
    return `  ${cells.join('  ')}`.trimEnd()
  })
}

/** An error as a terminal shows it: code, message, file and line, cause, hint, and where to read more. */
export function terminalError(error: FlowstoreError, { red, cyan }: Colours = NO_COLOURS): string {
  const detail = plainLines(error.detail ?? '')
    .split('\n')
    .filter(Boolean)
  return [
    `${red(`error ${error.code}:`)} ${plainLine(`${asFlags(error.message)}${where(error)}`)}`,
    ...detail.map(text => `    | ${text}`),
    ...(error.hint ? [`  ${cyan('hint:')} ${plainLine(asFlags(error.hint))}`] : []),
    `  See ${error.link}`
  ].join('\n')
}

/** A notice as a terminal shows it: level, message, file and line. */
export const terminalNotice = (notice: Notice, { yellow, cyan }: Colours = NO_COLOURS): string => {
  const paint = notice.level === 'warning' ? yellow : cyan
  return `${paint(`${notice.level}:`)} ${plainLine(`${asFlags(notice.message)}${where(notice)}`)}`
}

/** The place of an error or a notice; empty if its file is not known. */
const where = ({ file, line }: { file?: string | undefined; line?: number | undefined }): string =>
  file ? ` (${file}${line ? `:${line}` : ''})` : ''

/** The errors and notices of a failed run, as `failure.json` holds them. */
export const failureJson = (
  errors: readonly FlowstoreError[],
  notices: readonly Notice[]
): string => `${JSON.stringify({ ...jsonErrors(errors), notices }, null, 2)}\n`

/** Errors as `--json` prints them, with options as the command line writes them. Null is an absent value. */
export const jsonErrors = (errors: readonly FlowstoreError[]): object => ({
  exitCode: errors[0]?.exitCode ?? 1,
  errors: errors.map(({ code, message, hint, file, line, phase, detail, link }) => ({
    code,
    message: asFlags(message),
    hint: hint === undefined ? null : asFlags(hint),
    file: file ?? null,
    line: line ?? null,
    phase: phase ?? null,
    detail: detail ?? null,
    link
  }))
})
