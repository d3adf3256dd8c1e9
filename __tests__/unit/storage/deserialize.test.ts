import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { Bytes } from '../../../src/storage/bytes.js'
import { deserialize } from '../../../src/storage/deserialize.js'
import { LocalStorage } from '../../../src/storage/local.js'
import { flowOf } from '../../helpers/flows.js'
import { temporaryFolder } from '../../helpers/flowstore.js'
import { golden, GOLDEN_RELEASES } from '../../helpers/golden.js'

/** The result of a recorded load: a storage, or a message. */
interface Output {
  readonly message?: string
  readonly prefect_version?: string
}

test.each(GOLDEN_RELEASES)('JSON is accepted, or refused, as Prefect %s does it', release => {
  const rows = golden<Record<string, unknown>, Output>(release).filter(row =>
    row.case.startsWith('schema.load.')
  )
  expect(rows.length).toBeGreaterThan(8)
  for (const { input, output, error } of rows) {
    const words = error?.message ?? output?.message
    let said = ''
    let version: unknown
    try {
      version = deserialize(input, { release }).serialize()['prefect_version']
    } catch (thrown) {
      said = (thrown as Error).message
    }
    // Prefect puts its messages in dictionaries, by field.
    const [field = '', ...rest] = said.split(': ')
    expect([words !== undefined, words?.includes(rest.join(': ')) ?? true]).toEqual([
      said !== '',
      true
    ])
    expect(words?.includes(`'${field.split('.')[0] ?? ''}'`) ?? true).toBe(true)
    expect(version).toBe(output?.prefect_version)
  }
})

const FILES = [
  {
    flows: { 'My Flow #1': '/root/.prefect/my-flow-1.prefect' },
    image_name: 'img',
    prefect_version: '0.5.4',
    image_tag: 't1',
    registry_url: 'gcr.io/acme/flows',
    __version__: '0.5.4',
    type: 'Docker'
  },
  {
    flows: { a: '/opt/prefect/flows/a.prefect' },
    secrets: ['AWS'],
    registry_url: null,
    image_name: 'img',
    image_tag: 't1',
    path: null,
    stored_as_script: false,
    prefect_version: '1.4.1',
    __version__: '1.4.1',
    type: 'Docker'
  },
  { flows: { a: 'gASVZg==' }, __version__: '0.9.8', type: 'Bytes' },
  { __version__: '0.5.4', type: 'Memory' }
]

test.each(FILES)(
  'the JSON of a $type storage of Prefect $__version__ is read and written again unchanged',
  json => {
    const storage = deserialize(JSON.stringify(json))
    expect(storage.serialize()).toEqual(json)
    expect([...storage.flows.keys()]).toEqual(Object.keys(json.flows ?? {}))
  }
)

test('reading the JSON of a local storage creates no folder', () => {
  const directory = join(temporaryFolder(), 'none')
  const json = {
    flows: { a: join(directory, 'a.prefect') },
    directory,
    __version__: '0.5.4',
    type: 'LocalStorage'
  }
  expect(deserialize(json).serialize()).toEqual(json)
  expect(existsSync(directory)).toBe(false)
})

test.each([
  ['nothing', 'the storage is not a JSON object'],
  ['{"type": "S3", "flows": {}}', 'S3 is a storage of Prefect that flowstore does not read'],
  ['[]', 'STORAGE_INVALID']
])('%s is refused', (json, words) => {
  let said = ''
  try {
    deserialize(json)
  } catch (error) {
    said = `${(error as { code: string }).code} ${(error as Error).message}`
  }
  expect(said).toContain(words)
  expect(said).toContain('STORAGE_INVALID')
})

test.each(['0.5.4', '0.14.22'])(
  'a local storage from JSON gives the flows of its files (Prefect %s)',
  release => {
    const storage = new LocalStorage({ release, directory: temporaryFolder() })
    const flow = flowOf(release)
    const location = storage.addFlow(flow)
    const again = deserialize(storage.serialize())
    const key = storage.rules.getFlowByName ? flow.name : location
    expect(again.getFlow(key)).toEqual({ name: flow.name, bytes: flow.bytes })
  }
)

test('a bytes storage from JSON gives its flows, and the same JSON', () => {
  const storage = new Bytes({ release: '0.5.4' })
  const flow = flowOf('0.5.4')
  storage.addFlow(flow)
  const again = deserialize(storage.serialize())
  expect(again.getFlow(flow.name)).toEqual({ name: flow.name, bytes: flow.bytes })
  expect(again.serialize()).toEqual(storage.serialize())
})

test('a docker storage from JSON says where its flow is', () => {
  const json = { type: 'Docker', flows: { a: '/opt/a.prefect' }, image_name: 'x', image_tag: '1' }
  expect(() => deserialize(json).getFlow('a')).toThrow(
    expect.objectContaining({
      code: 'NOT_SUPPORTED',
      message: 'flow "a" can\'t be read here: it is at /opt/a.prefect in x:1'
    })
  )
})

test('a Local storage without a directory has Prefect’s default, without a tilde', () => {
  const local = deserialize({ type: 'Local', __version__: '1.4.1', flows: {} })
  expect(local.serialize()).toMatchObject({ directory: join(homedir(), '.prefect', 'flows') })
  // Prefect keeps a given directory as it is.
  const given = deserialize({ type: 'Local', __version__: '1.4.1', directory: '~/x', flows: {} })
  expect(given.serialize()).toMatchObject({ directory: '~/x' })
})

test('a Docker storage without a registry names the image in the daemon, in every release', () => {
  const fields = { type: 'Docker', image_name: 'flows', image_tag: '1', flows: { a: '/a' } }
  for (const version of ['0.5.4', '1.4.1']) {
    const images: unknown[] = []
    const storage = deserialize({ ...fields, __version__: version })
    storage.getEnvRunner('a', stored => {
      images.push(stored)
      return { run: () => Promise.reject(new Error('not run')) }
    })
    expect(images).toMatchObject([{ kind: 'image', image: 'flows:1', path: '/a' }])
  }
})
