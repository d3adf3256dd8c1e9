import { gzipSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import { putInImage } from '../../../src/build/store/put-in-image.js'
import {
  loadRecordsFile,
  readEarlierLoads,
  type LoadRecords
} from '../../../src/image/load-records.js'
import { readNamed } from '../../../src/image/oci/read.js'
import { DockerStorage } from '../../../src/storage/docker.js'
import { sha256 } from '../../../src/util/hash.js'
import { tarOf } from '../../../src/util/tar.js'
import { digestOf, serveRegistry, type RegistryServer } from '../../helpers/registry-server.js'
import {
  loadedFlow,
  NO_IMAGE_METADATA,
  plannedImage,
  putImage,
  repositoryIn
} from '../../helpers/stages.js'

const NONE: LoadRecords = { common: 'c', together: null, modules: [] }
const RECORDS: LoadRecords = {
  ...NONE,
  modules: [
    {
      ...{ file: 'a.py', inputs: ['a.py', 'lib.py'], key: 'k', why: null },
      ...{ flows: { one: 'h' }, load: null }
    },
    {
      ...{ file: 'b.py', inputs: [], key: null, why: 'it starts a process' },
      ...{ flows: {}, load: null }
    }
  ]
}

async function readAt(registry: RegistryServer, tag: string) {
  const { client, path } = await repositoryIn(registry)
  const image = await readNamed(client, path, tag)
  if (image === undefined) throw new Error(`no tag ${tag}`)
  return readEarlierLoads(client, path, image.own)
}

test('the records of a build and its pickles are read from its image', async () => {
  const registry = await serveRegistry()
  const storage = new DockerStorage({
    registryUrl: registry.host,
    imageName: 'acme/flows',
    imageTag: 'k'
  })
  const flow = loadedFlow('one')
  storage.addFlow(flow)
  const { tags } = await putInImage({
    storage,
    planned: await plannedImage(registry),
    trees: [],
    records: RECORDS,
    metadata: NO_IMAGE_METADATA,
    record: null,
    findSecret: undefined,
    root: '/work',
    tags: [],
    assemble: 'auto',
    healthcheck: true,
    checkLayer: () => Promise.resolve(),
    layerCheckedIn: 'image',
    onChecked: () => undefined
  })
  await tags.move()
  expect(await readAt(registry, 'k')).toEqual({
    records: RECORDS,
    pickles: new Map([[sha256(flow.bytes), flow.bytes]]),
    checkedIn: 'image'
  })
})

test('a layer that the registry lost gives no records, and says so', async () => {
  const registry = await serveRegistry()
  putImage(registry, 'acme/flows', 'k', { 'io.flowstore.loads': 'x' })
  registry.blobs.delete(digestOf('layer'))
  expect(await readAt(registry, 'k')).toBe(
    `${registry.host}/acme/flows lacks the blob ${digestOf('layer')}`
  )
})

/** What is read of an image with labels, whose last layer has a file of records with a content. */
async function readWith(labels: Readonly<Record<string, string>>, content: Buffer) {
  const registry = await serveRegistry()
  const tar = await tarOf([{ path: 'opt/flowstore/.flowstore-loads.json', content }])
  putImage(registry, 'acme/flows', 'k', labels, gzipSync(tar))
  return readAt(registry, 'k')
}

test('an image without the label has no records', async () => {
  const { content } = loadRecordsFile(RECORDS, '/')
  expect(await readWith({}, content)).toBe('its build made none')
})

test('a file that the label does not name is not read', async () => {
  const { labels } = loadRecordsFile(RECORDS, '/')
  const { content } = loadRecordsFile(NONE, '/')
  expect(await readWith(labels, content)).toMatch(/does not have the file/)
})

test.each([
  ['of another version', '{"flowstore": "0.0.1", "modules": []}'],
  ['in another form', '{"modules": 1}'],
  ['that is no JSON', 'x']
])('a file %s has no records', async (_, text) => {
  const content = Buffer.from(text)
  const { labels } = loadRecordsFile(RECORDS, '/')
  const named = Object.fromEntries(Object.keys(labels).map(name => [name, sha256(content)]))
  expect(await readWith(named, content)).toBe('another version of flowstore built it')
})
