import { expect, test } from '@jest/globals'
import { DockerStorage } from '../../../src/storage/docker.js'
import type { Flow } from '../../../src/flows/flow.js'
import { flowsJson, storageLabels } from '../../../src/storage/flows-json.js'
import { Bytes } from '../../../src/storage/bytes.js'
import { Memory } from '../../../src/storage/memory.js'
import type { Storage } from '../../../src/storage/storage.js'

const flow = (name: string, release: string, serialized?: Record<string, string>): Flow => ({
  name,
  slug: Buffer.from(name).toString('hex'),
  bytes: Buffer.from(name),
  module: 'flows.py',
  line: 1,
  parameters: [],
  versions: { python: '3.9.18', prefect: release, cloudpickle: '3.1.2' },
  serialized
})

const fields = (name: string) => ({
  name: JSON.stringify(name),
  __version__: '"1.4.1"',
  tasks: '[{"a": 1.0, "b": 12345678901234567890}]'
})

function filled(storage: Storage, names: readonly string[], serialized = true): Storage {
  const { release } = storage.rules
  for (const name of names) {
    storage.addFlow(flow(name, release, serialized ? fields(name) : undefined))
  }
  return storage
}

test('every flow has the whole storage; keys and names are sorted, numbers stay as written', () => {
  const named = { release: '1.4.1', registryUrl: 'r', imageName: 'i', imageTag: 't' }
  const storage =
    '{"__version__": "1.4.1", "flows": {"aa": "/opt/prefect/flows/6161.prefect", "b": "/opt/prefect/flows/62.prefect"}, "image_name": "i", "image_tag": "t", "path": null, "prefect_version": "1.4.1", "registry_url": "r", "secrets": [], "stored_as_script": false, "type": "Docker"}'
  const one = (name: string) =>
    `{"__version__": "1.4.1", "name": "${name}", "storage": ${storage}, "tasks": [{"a": 1.0, "b": 12345678901234567890}]}`
  expect(flowsJson(filled(new DockerStorage(named), ['b', 'aa']))).toBe(
    `{"flows": [${one('aa')}, ${one('b')}], "version": 1}\n`
  )
})

test('flows are sorted by name as Python sorts text', () => {
  const names = ['\u{1f680}', '\uffee', 'Z', 'a']
  const document = flowsJson(filled(new DockerStorage({ release: '0.14.13' }), names)) ?? ''
  expect((JSON.parse(document) as { flows: Flow[] }).flows.map(({ name }) => name)).toEqual([
    'Z',
    'a',
    '\uffee',
    '\u{1f680}'
  ])
})

test('there is no flows.json if no Prefect could read it', () => {
  expect(flowsJson(filled(new DockerStorage({ release: '0.14.12' }), ['a']))).toBeUndefined()
  expect(flowsJson(filled(new Bytes({ release: '1.4.1' }), ['a']))).toBeUndefined()
  expect(flowsJson(filled(new Memory({ release: '1.4.1' }), ['a']))).toBeUndefined()
  expect(flowsJson(filled(new DockerStorage(), ['a'], false))).toBeUndefined()
})

test('only local storage labels its flows with the machine’s name', () => {
  expect(
    (['local', 'docker', 'memory', 'bytes'] as const).map(kind => storageLabels(kind, 'builder'))
  ).toEqual([['builder'], [], undefined, undefined])
})

test('a flow without a serialized form is left out, and is in the storage of the others', () => {
  const storage = filled(new DockerStorage({ release: '1.4.1' }), ['a', 'b'])
  storage.addFlow(flow('bad', '1.4.1'))
  const { flows } = JSON.parse(flowsJson(storage) ?? '') as {
    readonly flows: readonly {
      readonly name: string
      readonly storage: { readonly flows: object }
    }[]
  }
  expect(flows.map(({ name }) => name)).toEqual(['a', 'b'])
  expect(Object.keys(flows[0]?.storage.flows ?? {})).toEqual(['a', 'b', 'bad'])
})
