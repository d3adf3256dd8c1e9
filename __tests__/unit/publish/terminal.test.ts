import { expect, test } from '@jest/globals'
import { FlowstoreError } from '../../../src/errors.js'
import { terminalError, terminalNotice, terminalReport } from '../../../src/publish/terminal.js'
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
  load: null,
  phases: [],
  flows: [
    { name: 'one', module: 'a.py', line: 3, location: '/one', size: 9, key: 'k1', changed: true }
  ],
  notices: []
}

const paths = (storage: string, prefect = '') => ({
  'storage-path': storage,
  'prefect-file-path': prefect
})

test('the rows of the flows are aligned as they are shown', () => {
  const hostile = {
    name: '::set-output name=image-ref::x\u001b[0K\n\n',
    module: '##[add-mask].py',
    line: 10,
    location: '/x\u2028##vso[y]',
    size: 2048,
    key: 'k1',
    changed: true
  }
  const report = terminalReport({ ...REPORT, flows: [...REPORT.flows, hostile] }, paths('/s.json'))
  expect(report.split('\n').slice(1)).toEqual([
    '  one                                   a.py:3               9 B      /one',
    '  : :set-output name=image-ref::x [0K   # #[add-mask].py:10  2.0 KiB  /x # #vso[y]',
    'Storage: /s.json'
  ])
})

test('the facts of the image, the versions and the path are plain lines', () => {
  const image = {
    repository: 'r/a\n::error::b',
    name: 'a',
    tag: 'x',
    digest: null,
    tags: ['##[group]c'],
    platforms: null,
    attached: []
  }
  const versions = { ...REPORT.versions, python: '3.9\n::error::d' }
  const report = terminalReport({ ...REPORT, image, versions }, paths('/out ##[e]/s.json'))
  expect(report.split('\n')).toEqual([
    '1 flow (Python 3.9 ::error::d, Prefect 1.4.1, cloudpickle 3):',
    '  one  a.py:3  9 B  /one',
    'Image: r/a ::error::b:x',
    'Tags: # #[group]c',
    'Storage: /out # #[e]/s.json'
  ])
})

test('the commit of the image is named, and that of the run if it is another one', () => {
  const image = {
    ...{ repository: 'r/a', name: 'a', tag: 'x', digest: null, tags: [], platforms: null },
    attached: [{ artifactType: 'application/vnd.cyclonedx+json', digest: 'sha256:1' }]
  }
  const lines = (run: string) =>
    terminalReport({ ...REPORT, image, commits: { image: 'a1', run } }, paths('/s.json'))
  expect(lines('a1')).toContain('\nAttached: application/vnd.cyclonedx+json\nCommit: a1\n')
  expect(lines('b2')).toContain('\nCommit: a1, which made the image; this run is for b2\n')
})

test('an error has a plain message, file and hint, and the lines of its detail', () => {
  const error = new FlowstoreError('MODULE_IMPORT', 'can’t import ##[a]\n::error::b', {
    file: 'x\r::error::c.py',
    line: 7,
    detail: 'Traceback\n::error::d\n\n##[e]f',
    hint: 'The storage has: g\n::error::h ##[i].'
  })
  expect(terminalError(error).split('\n')).toEqual([
    'error MODULE_IMPORT: can’t import # #[a] ::error::b (x ::error::c.py:7)',
    '    | Traceback',
    '    | : :error::d',
    '    | # #[e]f',
    '  hint: The storage has: g ::error::h # #[i].',
    '  See https://github.com/org/flowstore-action/blob/main/docs/errors.md#module_import'
  ])
})

test('a notice has its file and line', () => {
  const notice = { level: 'notice', message: 'a', file: 'flows/b.py', line: 7 } as const
  expect(terminalNotice(notice)).toBe('notice: a (flows/b.py:7)')
})

test('a notice is one plain line', () => {
  expect(terminalNotice({ level: 'warning', message: 'a\n::error::b ##[c]' })).toBe(
    'warning: a ::error::b # #[c]'
  )
})

test('it names the flows that changed, and what they were compared with', () => {
  const flows = REPORT.flows.flatMap(flow =>
    ['a', 'b', 'c'].map(name => ({ ...flow, name, changed: name !== 'b' }))
  )
  const text = terminalReport(
    { ...REPORT, flows: flows.slice(0, 3), comparedWith: 'r.test/flows:old' },
    paths('/s.json')
  )
  expect(text).toContain('Changed flows: a, c (2 of 3, compared with r.test/flows:old)')
})

test('it names no changed flows if nothing was compared', () => {
  expect(terminalReport(REPORT, paths('/s.json'))).not.toContain('Changed flows')
})

const deployment = {
  name: 'daily',
  flow: 'one',
  entrypoint: 'a.py:one',
  image: 'r.test/flows:k',
  changed: true
}

test('flows of Prefect 2 and 3 have their deployments, and the path of prefect.yaml', () => {
  const report = { ...REPORT, deployments: [deployment, { ...deployment, name: 'weekly' }] }
  const lines = (...given: Parameters<typeof terminalReport>) =>
    terminalReport(...given)
      .split('\n')
      .slice(-3)
  expect(lines(report, paths('/s.json', '/prefect.yaml'))).toEqual([
    'Deployments: 2',
    'Prefect file: /prefect.yaml',
    'Storage: /s.json'
  ])
})

test('it names the deployments that changed, and what they were compared with', () => {
  const deployments = [deployment, { ...deployment, name: 'weekly', changed: false }]
  const report = { ...REPORT, deployments, comparedWith: 'r.test/flows:old' }
  expect(terminalReport(report, paths('/s.json', '/prefect.yaml'))).toContain(
    'Changed deployments: one/daily (1 of 2, compared with r.test/flows:old)'
  )
})
