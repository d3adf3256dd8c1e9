import type { FlowstoreError } from '../errors.js'
import type { Notice } from '../log.js'
import type { Report } from '../report.js'
import { plainLine, plainLines } from '../util/plain-text.js'
import { flowCount, humanSize } from '../util/text.js'
import { changedFact, deploymentsFact, imageFacts, UNCHANGED } from './facts.js'

/** Maximum number of flows in a summary: GitHub accepts 1 MiB per step. */
const MOST_ROWS = 1000

/** Text as one line of Markdown, also inside a cell of a table: a flow's name may have any character. */
const cell = (text: string): string =>
  plainLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_{}[\]()#+!|~-]/g, '\\$&')
    .replace(/\s+/g, ' ')

/** The job summary in Markdown: flows, image, versions, and the time of each phase. */
export function summaryMarkdown(report: Report): string {
  const { flows, phases, notices, versions, changed } = report
  const changes = changedFact(report)
  const more = flows.length - MOST_ROWS
  return [
    `### flowstore: ${flowCount(flows.length)}`,
    '',
    `Python ${cell(versions.python)}, Prefect ${cell(versions.prefect)}, cloudpickle ${cell(versions.cloudpickle)}`,
    '',
    ...imageFacts(report).flatMap(([name, value]) => [`${name}: \`${value}\``, '']),
    ...(changed ? [] : [UNCHANGED, '']),
    ...(changes === undefined ? [] : [`${changes[0]}: ${cell(changes[1])}`, '']),
    ...deploymentsFact(report).flatMap(([name, value]) => [`${name}: ${value}`, '']),
    '| Flow | Module | Location | Size |',
    '| --- | --- | --- | --- |',
    ...flows.slice(0, MOST_ROWS).map(flow => {
      const size = humanSize(flow.size)
      return `| ${cell(flow.name)} | ${cell(flow.module)}:${flow.line} | ${cell(flow.location)} | ${size} |`
    }),
    ...(more > 0 ? ['', `${more} more flows are in report.json.`] : []),
    '',
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
