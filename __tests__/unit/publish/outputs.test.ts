import { expect, test } from '@jest/globals'
import { outputsOf, publishedReport } from '../../../src/publish/outputs.js'
import type { Report } from '../../../src/report.js'

const REPORT: Report = {
  storage: { type: 'Docker', image_name: 'flows' },
  flows: [
    { name: 'one', module: 'a.py', line: 3, location: '/opt/prefect/flows/one.prefect', size: 9 }
  ],
  image: {
    repository: 'ghcr.io/acme/flows',
    name: 'flows',
    tag: 'k',
    digest: 'sha256:1',
    tags: ['latest', 'main']
  },
  changed: true,
  versions: { python: '3.9.18', prefect: '1.4.1', cloudpickle: '3.1.2', flowstore: '0' },
  load: null,
  phases: [],
  notices: []
}
const PUBLISHED = { directory: '/work/.flowstore', hasFlowsJson: true, artifact: null }

test('the outputs of a pushed image name it by tag and by digest', () => {
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
    changed: 'true',
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

test('a storage without an image leaves its outputs empty', () => {
  const outputs = outputsOf(
    { ...REPORT, image: null },
    { ...PUBLISHED, hasFlowsJson: false, artifact: { id: '7', url: 'https://x/7' } }
  )
  expect(outputs).toMatchObject({
    'flows-path': '',
    image: '',
    'image-name': '',
    'artifact-id': '7',
    'artifact-url': 'https://x/7'
  })
})

test('report.json has the outputs in place of what they say', () => {
  const outputs = outputsOf(REPORT, PUBLISHED)
  expect(Object.keys(publishedReport(REPORT, outputs))).toEqual([
    'outputs',
    'versions',
    'load',
    'phases',
    'flows',
    'notices'
  ])
})
