import { ISOLATED } from '../../../src/python/cell.js'
import { expect, test } from '@jest/globals'
import { FlowstoreError } from '../../../src/errors.js'
import { failureMarkdown, summaryMarkdown } from '../../../src/publish/summary.js'
import type { Report } from '../../../src/report.js'

const REPORT: Report = {
  storage: { type: 'Docker' },
  image: null,
  changed: true,
  deployments: null,
  deployed: null,
  commits: null,
  comparedWith: null,
  versions: { python: '3.9.1', prefect: '1.4.1', cloudpickle: '3', flowstore: '0' },
  checkedIn: 'image',
  environment: null,
  load: {
    in: 'image',
    why: 'load-in asks for it',
    isolation: ISOLATED,
    modules: { loaded: 2, taken: 0 }
  },
  phases: [{ name: 'load', seconds: 1.23 }],
  flows: [
    {
      name: 'a|b <c>\n`d`',
      module: 'm.py',
      line: 3,
      location: '/x',
      size: 2048,
      key: 'k1',
      changed: true
    }
  ],
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
    image: {
      repository: 'r/a\n::error::b',
      name: 'a',
      tag: 'x',
      digest: null,
      tags: ['##[c]'],
      platforms: null,
      attached: []
    },
    versions: { ...REPORT.versions, python: '3.9\n::error::d' },
    flows: [
      {
        name: '\u202e##[e]',
        module: '\u001b[0K.py',
        line: 3,
        location: '/\u0085',
        size: 1,
        key: 'k1',
        changed: true
      }
    ],
    notices: [{ level: 'warning', message: 'f\n::error::g' }]
  })
  expect(markdown).not.toMatch(/^\s*::|##\w*\[|(?!\n)[\p{Cc}\p{Bidi_Control}]/mu)
  expect(markdown).toContain('> warning: f ::error::g')
})

const FAILURE = new FlowstoreError('MODULE_IMPORT', 'No module named "pandas"', {
  file: 'flows/a_b.py',
  line: 4,
  detail: 'Traceback:\n  import pandas\n\n```',
  hint: 'Add the package.'
})

test('the summary of a failed run says what failed, where, why, and what to do', () => {
  expect(failureMarkdown([FAILURE], [])).toBe(
    [
      '### flowstore failed: 1 error',
      '',
      '**MODULE\\_IMPORT**: No module named "pandas"',
      '',
      'Where: flows/a\\_b.py:4',
      '',
      '    Traceback:',
      '      import pandas',
      '    ```',
      '',
      'Hint: Add the package.',
      '',
      'Nothing was published: no output, no artifact and no file in the output directory.',
      ''
    ].join('\n')
  )
})

test('the summary of a failed run has the notices before the failure', () => {
  const notices = [{ level: 'warning' as const, message: 'a is old' }]
  expect(failureMarkdown([new FlowstoreError('INTERNAL', 'x')], notices)).toContain(
    '\n> warning: a is old\n'
  )
})

test('the summary of a failed run has as many errors, and lines of each, as GitHub accepts', () => {
  const detail = Array.from({ length: 100 }, (_, line) => `line ${line}`).join('\n')
  const error = new FlowstoreError('MODULE_IMPORT', 'x', { detail })
  const markdown = failureMarkdown(
    Array.from({ length: 60 }, () => error),
    []
  )
  expect(markdown).toContain('### flowstore failed: 60 errors')
  expect(markdown.split('MODULE').length - 1).toBe(50)
  expect(markdown).toContain('10 more errors are in the log.')
  expect(markdown).not.toContain('line 59\n')
  expect(markdown).toContain('line 60\n')
})

test('text of others in the summary of a failed run is no command', () => {
  const error = new FlowstoreError('MODULE_IMPORT', 'a\n::error::b ##[c]', {
    file: '##[d].py',
    detail: 'e\n::add-mask::f\n##vso[g]',
    hint: '##[h]'
  })
  expect(failureMarkdown([error], [])).not.toMatch(/^\s*::|##\w*\[/m)
})

test('it names the flows that changed, and what they were compared with', () => {
  const flows = REPORT.flows.flatMap(flow =>
    ['a', 'b', 'c'].map(name => ({ ...flow, name, changed: name !== 'b' }))
  )
  const text = summaryMarkdown({
    ...REPORT,
    flows: flows.slice(0, 3),
    comparedWith: 'r.test/flows:old'
  })
  expect(text).toContain('Changed flows: a, c \\(2 of 3, compared with r.test/flows:old\\)')
})

test.each<[Report['checkedIn'], string]>([
  ['image', 'in a container of the image'],
  ['cell', 'on the runner, in a cell'],
  ['runner', 'on the runner'],
  [null, 'no, since the healthcheck is off']
])('it says where the flows were read back: %j', (checkedIn, words) => {
  expect(summaryMarkdown({ ...REPORT, checkedIn })).toContain(`\nRead back: ${words}\n`)
})

test('it names no changed flows if nothing was compared', () => {
  expect(summaryMarkdown(REPORT)).not.toContain('Changed flows')
})

const DEPLOYMENT = {
  name: 'daily',
  flow: 'a|b',
  entrypoint: 'a.py:one',
  image: 'r.test/flows:k',
  changed: true
}

test('flows of Prefect 2 and 3 have entrypoints, and a table of their deployments', () => {
  const markdown = summaryMarkdown({ ...REPORT, deployments: [DEPLOYMENT] })
  expect(markdown).toContain('| Flow | Module | Entrypoint | Size |')
  expect(markdown).toContain(
    '| Deployment | Entrypoint |\n| --- | --- |\n| a\\|b/daily | a.py:one |\n'
  )
  expect(summaryMarkdown({ ...REPORT, deployments: [] })).not.toContain('| Deployment |')
})

test('the table says which deployments changed, if they were compared', () => {
  const deployments = [DEPLOYMENT, { ...DEPLOYMENT, name: 'weekly', changed: false }]
  const markdown = summaryMarkdown({ ...REPORT, deployments, comparedWith: 'r.test/flows:old' })
  expect(markdown).toContain('| a\\|b/daily | a.py:one | yes |\n| a\\|b/weekly | a.py:one | no |\n')
})

test('after a deploy the table says what became of each deployment on the server', () => {
  const deployed = {
    server: { url: 'http://127.0.0.1:4200/api', version: '3.9.1' },
    project: 'p',
    dryRun: true,
    deployments: [
      {
        flow: 'one',
        name: '##[daily]',
        id: 'x',
        state: 'changed' as const,
        changes: [{ field: 'tags', from: null, to: 'x' }],
        scheduledRunsMadeAnew: false
      }
    ]
  }
  const markdown = summaryMarkdown({ ...REPORT, deployments: [DEPLOYMENT], deployed })
  expect(markdown.replaceAll('\\', '')).toContain(
    [
      '1 deployment: 1 changed (Prefect 3.9.1, http://127.0.0.1:4200/api)',
      '',
      'Nothing was written: this was a dry run.',
      '',
      '| Deployment | On the server | What differs |',
      '| --- | --- | --- |',
      '| one/# #[daily] | changed | tags |',
      ''
    ].join('\n')
  )
})

test('the summary says what built the environment image and why, and nothing of one that was found', () => {
  const environment = { builder: 'direct', why: 'no Docker daemon answers' } as const
  expect(summaryMarkdown({ ...REPORT, environment })).toContain(
    'Environment image: built without a daemon, since no Docker daemon answers\n'
  )
  const found = { builder: null, why: 'it was built before' }
  expect(summaryMarkdown({ ...REPORT, environment: found })).not.toContain('Environment image')
})

test('the summary says of how many modules the flows were taken', () => {
  const load = REPORT.load && { ...REPORT.load, modules: { loaded: 1, taken: 199 } }
  const line = 'Flow modules: 1 loaded, the flows of 199 taken from the earlier image'
  expect(summaryMarkdown({ ...REPORT, load })).toContain(line)
  expect(summaryMarkdown(REPORT)).not.toContain('Flow modules')
})
