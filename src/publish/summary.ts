import type { Report } from '../report.js'
import { plainLine } from '../util/plain-text.js'
import { flowCount, humanSize } from '../util/text.js'
import { imageFacts, UNCHANGED } from './facts.js'

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
  const more = flows.length - MOST_ROWS
  return [
    `### flowstore: ${flowCount(flows.length)}`,
    '',
    `Python ${cell(versions.python)}, Prefect ${cell(versions.prefect)}, cloudpickle ${cell(versions.cloudpickle)}`,
    '',
    ...imageFacts(report).flatMap(([name, value]) => [`${name}: \`${value}\``, '']),
    ...(changed ? [] : [UNCHANGED, '']),
    '| Flow | Module | Location | Size |',
    '| --- | --- | --- | --- |',
    ...flows.slice(0, MOST_ROWS).map(flow => {
      const size = humanSize(flow.size)
      return `| ${cell(flow.name)} | ${cell(flow.module)}:${flow.line} | ${cell(flow.location)} | ${size} |`
    }),
    ...(more > 0 ? ['', `${more} more flows are in report.json.`] : []),
    '',
    phases.map(({ name, seconds }) => `${cell(name)} ${seconds.toFixed(1)} s`).join(', '),
    ...notices.map(notice => `\n> ${notice.level}: ${cell(notice.message)}`),
    ''
  ].join('\n')
}
