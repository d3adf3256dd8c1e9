import type { FlowstoreError } from '../errors.js'
import type { Notice } from '../log.js'
import type { Build, Report } from '../report.js'
import { humanSize } from '../util/format.js'

/** What there is to say of the image, if the storage has one. */
const imageLines = ({ outputs }: Report): (readonly [string, string])[] =>
  (
    [
      ['Image', outputs.image],
      ['Tags', outputs.tags.split('\n').join(', ')],
      ['Digest', outputs.digest]
    ] as const
  ).filter(([, value]) => value !== '')

const UNCHANGED = 'Unchanged: the registry has this image, made of the same input.'

/** One line of text, whatever a flow is called: a line break could begin a command to the runner. */
const oneLine = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')

/** What a person reads in a terminal when a build is done. */
export function terminalReport({ report }: Build): string {
  const rows = report.flows.map(flow => [
    flow.name,
    `${flow.module}:${flow.line}`,
    humanSize(flow.size),
    flow.location
  ])
  const widths = [0, 1, 2].map(column => Math.max(...rows.map(row => (row[column] ?? '').length)))
  const { python, prefect, cloudpickle } = report.versions
  return [
    `${rows.length} ${rows.length === 1 ? 'flow' : 'flows'} (Python ${python}, Prefect ${prefect}, cloudpickle ${cloudpickle}):`,
    ...rows.map(row =>
      oneLine(`  ${row.map((text, i) => text.padEnd(widths[i] ?? 0)).join('  ')}`).trimEnd()
    ),
    ...imageLines(report).map(([name, value]) => `${name}: ${value}`),
    ...(report.outputs.changed === 'false' ? [UNCHANGED] : []),
    `Storage: ${report.outputs['storage-path']}`
  ].join('\n')
}

/** An error as a terminal shows it: code, message, place, why, what to do. */
export function terminalError(error: FlowstoreError): string {
  const place = error.file ? ` (${error.file}${error.line ? `:${error.line}` : ''})` : ''
  return [
    oneLine(`error ${error.code}: ${error.message}${place}`),
    ...(error.detail ?? '')
      .split('\n')
      .filter(Boolean)
      .map(line => `    | ${oneLine(line)}`),
    ...(error.hint ? [`  hint: ${error.hint}`] : [])
  ].join('\n')
}

/** A notice as a terminal shows it. */
export const terminalNotice = (notice: Notice): string =>
  oneLine(`${notice.level}: ${notice.message}`)

/** Text inside a Markdown table's cell: a flow's name may hold anything. */
const cell = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_{}[\]()#+!|~-]/g, '\\$&')
    .replace(/\s+/g, ' ')

/** GitHub takes a job summary of 1 MiB. */
const MOST_ROWS = 1000

/** The job summary: flows, versions and the time of each phase. */
export function summaryMarkdown({ report }: Build): string {
  const { flows, phases, notices, versions } = report
  const more = flows.length - MOST_ROWS
  return [
    `### flowstore: ${flows.length} ${flows.length === 1 ? 'flow' : 'flows'}`,
    '',
    `Python ${versions.python}, Prefect ${versions.prefect}, cloudpickle ${versions.cloudpickle}`,
    '',
    ...imageLines(report).flatMap(([name, value]) => [`${name}: \`${value}\``, '']),
    ...(report.outputs.changed === 'false' ? [UNCHANGED, ''] : []),
    '| Flow | Module | Location | Size |',
    '| --- | --- | --- | --- |',
    ...flows
      .slice(0, MOST_ROWS)
      .map(
        flow =>
          `| ${cell(flow.name)} | ${cell(flow.module)}:${flow.line} | ${cell(flow.location)} | ${humanSize(flow.size)} |`
      ),
    ...(more > 0 ? ['', `${more} more flows are in report.json.`] : []),
    '',
    phases.map(({ name, seconds }) => `${name} ${seconds.toFixed(1)} s`).join(', '),
    ...notices.map(notice => `\n> ${notice.level}: ${cell(notice.message)}`),
    ''
  ].join('\n')
}
