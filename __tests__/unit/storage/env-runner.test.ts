import { expect, test } from '@jest/globals'
import type { Flow } from '../../../src/flows/flow.js'
import type { StoredFlow } from '../../../src/flows/stored.js'
import { Bytes } from '../../../src/storage/bytes.js'
import { DockerStorage } from '../../../src/storage/docker.js'
import { LocalStorage } from '../../../src/storage/local.js'
import { Memory } from '../../../src/storage/memory.js'
import type { Storage } from '../../../src/storage/storage.js'
import { temporaryFolder } from '../../helpers/flowstore.js'

const flow = (release: string): Flow => ({
  name: 'My Flow',
  slug: 'my-flow',
  bytes: Buffer.from('pickle'),
  module: 'flows.py',
  line: 7,
  parameters: [],
  versions: { python: '3.7.16', prefect: release, cloudpickle: '1.1.1' }
})

/** The stored flow that a storage gives to what runs it. */
function storedIn(storage: Storage): StoredFlow {
  let given: StoredFlow | undefined
  storage.getEnvRunner('My Flow', stored => {
    given = stored
    return () => Promise.reject(new Error('not run'))
  })
  if (given === undefined) throw new Error('no flow was given')
  return given
}

const withFlow = <S extends Storage>(storage: S): S => {
  storage.addFlow(flow(storage.rules.release))
  return storage
}

test('docker storage gives the runner the image and the path in it', () => {
  const named = { registryUrl: 'r.io', imageName: 'flows', imageTag: '1', release: '1.4.1' }
  expect(storedIn(withFlow(new DockerStorage(named)))).toEqual({
    kind: 'image',
    name: 'My Flow',
    image: 'r.io/flows:1',
    path: '/opt/prefect/flows/my-flow.prefect',
    content: 'envelope'
  })
})

test('local storage gives the runner the file, and says whether it is source', () => {
  const directory = temporaryFolder()
  expect(storedIn(withFlow(new LocalStorage({ release: '0.9.8', directory })))).toEqual({
    kind: 'file',
    name: 'My Flow',
    path: `${directory}/my-flow.prefect`,
    content: 'pickle'
  })
  const script = { release: '1.4.1', directory, path: '/srv/flows.py', storedAsScript: true }
  expect(storedIn(withFlow(new LocalStorage(script)))).toMatchObject({
    path: '/srv/flows.py',
    content: 'source'
  })
})

test('bytes storage gives the runner the raw pickle, in every release', () => {
  for (const release of ['0.9.8', '1.4.1']) {
    expect(storedIn(withFlow(new Bytes({ release })))).toEqual({
      kind: 'bytes',
      name: 'My Flow',
      bytes: Buffer.from('pickle'),
      content: 'pickle'
    })
  }
})

test('a flow that the storage does not keep can’t be run', () => {
  expect(() => storedIn(withFlow(new Memory()))).toThrow(
    expect.objectContaining({ code: 'NOT_SUPPORTED' })
  )
  expect(() => storedIn(new Bytes())).toThrow(
    expect.objectContaining({ code: 'FLOW_NOT_CONTAINED', hint: 'It contains: no flow.' })
  )
})

test('a flow to run is found by its location too', () => {
  const storage = withFlow(new DockerStorage({ imageName: 'flows', imageTag: '1' }))
  const names: string[] = []
  storage.getEnvRunner('/opt/prefect/flows/my-flow.prefect', ({ name }) => {
    names.push(name)
    return () => Promise.reject(new Error('not run'))
  })
  expect(names).toEqual(['My Flow'])
})
