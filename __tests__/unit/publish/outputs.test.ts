import { expect, test } from '@jest/globals'
import {
  gitHubOutputs,
  OUTPUT_NAMES,
  outputsOf,
  publishedReport,
  type Outputs
} from '../../../src/publish/outputs.js'
import type { Report } from '../../../src/report.js'

const REPORT: Report = {
  storage: { type: 'Docker', image_name: 'flows' },
  flows: [
    {
      name: 'one',
      module: 'a.py',
      line: 3,
      location: '/opt/prefect/flows/one.prefect',
      size: 9,
      key: 'k1',
      changed: true
    }
  ],
  image: {
    repository: 'ghcr.io/acme/flows',
    name: 'flows',
    tag: 'k',
    digest: 'sha256:1',
    tags: ['latest', 'main'],
    platforms: null,
    attached: []
  },
  changed: true,
  deployments: null,
  deployed: null,
  commits: null,
  comparedWith: null,
  versions: { python: '3.9.18', prefect: '1.4.1', cloudpickle: '3.1.2', flowstore: '0' },
  checkedIn: 'image',
  environment: { builder: 'daemon', why: 'a daemon answers' },
  load: null,
  phases: [],
  notices: []
}
const PUBLISHED = {
  directory: '/work/.flowstore',
  hasFlowsJson: true,
  hasSbom: false,
  hasProvenance: false,
  artifact: null
}

test('the outputs name a pushed image by its tag and by its digest', () => {
  expect(outputsOf(REPORT, PUBLISHED)).toEqual({
    storage: '{"type":"Docker","image_name":"flows"}',
    'storage-path': '/work/.flowstore/storage.json',
    'flows-path': '/work/.flowstore/flows.json',
    flows: '{"one":"/opt/prefect/flows/one.prefect"}',
    image: 'ghcr.io/acme/flows:k',
    'image-name': 'flows',
    'image-tag': 'k',
    tags: 'latest\nmain',
    digest: 'sha256:1',
    'image-ref': 'ghcr.io/acme/flows@sha256:1',
    'sbom-path': '',
    'provenance-path': '',
    changed: 'true',
    'changed-flows': '["one"]',
    'prefect-file-path': '',
    'deployments-path': '',
    deployments: '',
    'changed-deployments': '',
    'artifact-id': '',
    'artifact-url': ''
  })
})

test('an image that is not pushed has no digest and no image-ref', () => {
  const image = { ...REPORT.image, digest: null, tags: [] } as Report['image']
  expect(outputsOf({ ...REPORT, image }, PUBLISHED)).toMatchObject({
    image: 'ghcr.io/acme/flows:k',
    digest: '',
    'image-ref': '',
    tags: ''
  })
})

test('the outputs of an image are empty for a storage without one', () => {
  const outputs = outputsOf(
    { ...REPORT, image: null },
    {
      ...PUBLISHED,
      hasFlowsJson: false,
      hasSbom: false,
      hasProvenance: false,
      artifact: { name: 'storage', id: '7', url: 'https://x/7' }
    }
  )
  expect(outputs).toMatchObject({
    'flows-path': '',
    image: '',
    'image-name': '',
    'artifact-id': '7',
    'artifact-url': 'https://x/7'
  })
})

test('the outputs have the deployments of Prefect 2 and 3, and those that changed', () => {
  const one = {
    name: 'daily',
    flow: 'one',
    entrypoint: 'a.py:one',
    image: 'ghcr.io/acme/flows:k',
    changed: true
  }
  const deployments = [one, { ...one, name: 'weekly', changed: false }]
  expect(outputsOf({ ...REPORT, deployments }, PUBLISHED)).toMatchObject({
    'prefect-file-path': '/work/.flowstore/prefect.yaml',
    'deployments-path': '/work/.flowstore/deployments.json',
    deployments: JSON.stringify(deployments),
    'changed-deployments': JSON.stringify([one])
  })
})

test('of two flows of one name the output has the first, as the storage has', () => {
  const [flow] = REPORT.flows
  const flows = ['a.py:one', 'b.py:one'].flatMap(location => (flow ? [{ ...flow, location }] : []))
  expect(outputsOf({ ...REPORT, flows }, PUBLISHED).flows).toBe('{"one":"a.py:one"}')
})

test('report.json has the outputs instead of the storage and the image', () => {
  const outputs = outputsOf(REPORT, PUBLISHED)
  expect(Object.keys(publishedReport(REPORT, outputs))).toEqual([
    'outputs',
    'versions',
    'commits',
    'platforms',
    'attached',
    'checkedIn',
    'environment',
    'load',
    'phases',
    'flows',
    'deployments',
    'deployed',
    'comparedWith',
    'notices'
  ])
})

const NAMED = Object.fromEntries(OUTPUT_NAMES.map(name => [name, name])) as Outputs

test('an output that GitHub would drop is left empty, with a notice', () => {
  const { values, notices } = gitHubOutputs(
    { ...NAMED, storage: 'x'.repeat(600_000), flows: '{"a": "hunter22"}' },
    ['hunter22']
  )
  expect([values.storage, values.flows, values.digest]).toEqual(['', '', 'digest'])
  expect(notices.map(notice => notice.message)).toEqual([
    expect.stringContaining("'storage' is over GitHub's limit"),
    expect.stringContaining("'flows' holds a masked value")
  ])
})
