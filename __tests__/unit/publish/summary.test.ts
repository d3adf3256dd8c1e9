import { expect, test } from '@jest/globals'
import { summaryMarkdown } from '../../../src/publish/summary.js'
import type { Report } from '../../../src/report.js'

const REPORT: Report = {
  storage: { type: 'Docker' },
  image: null,
  changed: true,
  versions: { python: '3.9.1', prefect: '1.4.1', cloudpickle: '3', flowstore: '0' },
  load: { in: 'image', why: 'load-in asks for it' },
  phases: [{ name: 'load', seconds: 1.23 }],
  flows: [{ name: 'a|b <c>\n`d`', module: 'm.py', line: 3, location: '/x', size: 2048 }],
  notices: []
}

test('the name of a flow is escaped in the table', () => {
  const row = summaryMarkdown(REPORT)
    .split('\n')
    .find(line => line.includes('m.py'))
  expect(row).toBe('| a\\|b &lt;c> \\`d\\` | m.py:3 | /x | 2.0 KiB |')
})

test('the summary names each phase with its seconds', () => {
  expect(summaryMarkdown(REPORT)).toContain('load 1.2 s')
})

test('text of others is no command, and can’t turn the direction of a line', () => {
  const markdown = summaryMarkdown({
    ...REPORT,
    image: { repository: 'r/a\n::error::b', name: 'a', tag: 'x', digest: null, tags: ['##[c]'] },
    versions: { ...REPORT.versions, python: '3.9\n::error::d' },
    flows: [{ name: '\u202e##[e]', module: '\u001b[0K.py', line: 3, location: '/\u0085', size: 1 }],
    notices: [{ level: 'warning', message: 'f\n::error::g' }]
  })
  expect(markdown).not.toMatch(/^\s*::|##\w*\[|(?!\n)[\p{Cc}\p{Bidi_Control}]/mu)
  expect(markdown).toContain('> warning: f ::error::g')
})
