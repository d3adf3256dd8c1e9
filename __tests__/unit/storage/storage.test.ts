import { describe, expect, test } from '@jest/globals'
import type { StoredFlow } from '../../../src/flows/stored-flow.js'
import { Bytes } from '../../../src/storage/bytes.js'
import { DockerStorage } from '../../../src/storage/docker.js'
import { LocalStorage } from '../../../src/storage/local.js'
import { Memory } from '../../../src/storage/memory.js'
import type { Storage } from '../../../src/storage/storage.js'
import { flowOf } from '../../helpers/flows.js'
import { temporaryFolder } from '../../helpers/flowstore.js'
import { golden, GOLDEN_RELEASES, goldenSlugs } from '../../helpers/golden.js'

const NOW = Date.parse('2020-01-02T03:04:05.678Z') + 0.901

test.each(GOLDEN_RELEASES)('storages are serialized as Prefect %s serializes them', release => {
  const slugs = goldenSlugs(release)
  const directory = temporaryFolder()
  const storages: Record<string, () => Storage> = {
    local: () => new LocalStorage({ release, directory, now: () => NOW }),
    memory: () => new Memory({ release }),
    bytes: () => new Bytes({ release })
  }
  const cases = golden<{ names?: string[] }>(release).filter(row =>
    /^(local|memory|bytes)\.(serialize_empty|two_flows\.serialize)$/.test(row.case)
  )
  expect(cases.length).toBeGreaterThan(1)
  for (const row of cases) {
    const storage = storages[row.case.split('.')[0] ?? '']?.()
    for (const name of row.input.names ?? []) {
      storage?.addFlow(flowOf(release, name, slugs.get(name) ?? ''))
    }
    const text = JSON.stringify(storage?.serialize()).replaceAll(directory, '$WORK/flows')
    expect(JSON.parse(text)).toEqual(row.output)
  }
})

test('a flow that another Prefect release made is refused', () => {
  const storage = new Bytes({ release: '0.5.4' })
  expect(() => storage.addFlow(flowOf('0.9.8'))).toThrow(/Prefect 0\.9\.8.*0\.5\.4/)
})

describe('getEnvRunner', () => {
  const NAME = 'My Flow'

  const withFlow = <S extends Storage>(storage: S): S => {
    storage.addFlow(flowOf(storage.rules.release, NAME, 'my-flow'))
    return storage
  }

  /** The stored flow that a storage gives to what runs it, by the flow's name or location. */
  function storedIn(storage: Storage, nameOrLocation = NAME): StoredFlow {
    let given: StoredFlow | undefined
    storage.getEnvRunner(nameOrLocation, stored => {
      given = stored
      return { run: () => Promise.reject(new Error('not run')) }
    })
    if (given === undefined) throw new Error('no flow was given')
    return given
  }

  test('Docker storage gives the runner the image and the path in it', () => {
    const named = { registryUrl: 'r.io', imageName: 'flows', imageTag: '1', release: '1.4.1' }
    expect(storedIn(withFlow(new DockerStorage(named)))).toEqual({
      kind: 'image',
      name: NAME,
      image: 'r.io/flows:1',
      path: '/opt/prefect/flows/my-flow.prefect',
      content: 'envelope'
    })
  })

  test('local storage gives the runner the path of the pickle', () => {
    const directory = temporaryFolder()
    expect(storedIn(withFlow(new LocalStorage({ release: '0.9.8', directory })))).toEqual({
      kind: 'file',
      name: NAME,
      path: `${directory}/my-flow.prefect`,
      content: 'pickle'
    })
  })

  test('local storage says that a script is source', () => {
    const script = { path: '/srv/flows.py', storedAsScript: true }
    const local = new LocalStorage({ release: '1.4.1', directory: temporaryFolder(), ...script })
    expect(storedIn(withFlow(local))).toMatchObject({
      path: '/srv/flows.py',
      content: 'source'
    })
  })

  test.each(['0.9.8', '1.4.1'])(
    'bytes storage of Prefect %s gives the runner the raw pickle',
    release => {
      expect(storedIn(withFlow(new Bytes({ release })))).toEqual({
        kind: 'bytes',
        name: NAME,
        bytes: flowOf(release, NAME).bytes,
        content: 'pickle'
      })
    }
  )

  test('memory storage can’t give a flow to a runner', () => {
    expect(() => storedIn(withFlow(new Memory()))).toThrow(
      expect.objectContaining({ code: 'NOT_SUPPORTED' })
    )
  })

  test('a flow that the storage does not contain can’t be run', () => {
    expect(() => storedIn(new Bytes())).toThrow(
      expect.objectContaining({ code: 'FLOW_NOT_CONTAINED', hint: 'It contains: no flow.' })
    )
  })

  test('a flow is found by its location too', () => {
    const storage = withFlow(new DockerStorage({ imageName: 'flows', imageTag: '1' }))
    expect(storedIn(storage, '/opt/prefect/flows/my-flow.prefect').name).toBe(NAME)
  })
})

test('a path is refused for Prefect before 0.12.5', () => {
  expect(() => new DockerStorage({ release: '0.12.4', path: '/srv/flows.py' })).toThrow(
    'have no path and no stored_as_script; Prefect 0.12.5 and later have them'
  )
})
