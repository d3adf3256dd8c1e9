import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { Docker } from '../../../src/build/docker.js'
import type { EntrypointFlow } from '../../../src/flows/flow.js'
import type { StoredFlow } from '../../../src/flows/stored-flow.js'
import { listSources } from '../../../src/sources/listing.js'
import type { FlowSources } from '../../../src/sources/sources.js'
import { Bytes } from '../../../src/storage/bytes.js'
import { deserialize } from '../../../src/storage/deserialize.js'
import { LocalStorage } from '../../../src/storage/local.js'
import { Memory } from '../../../src/storage/memory.js'
import { flowOf, plainDetails } from '../../helpers/flows.js'
import { repository, temporaryFolder } from '../../helpers/flowstore.js'

const release = '3.9.1'

const entrypointFlow = (name: string, entrypoint: string): EntrypointFlow => ({
  name,
  entrypoint,
  module: entrypoint.split(':')[0] ?? '',
  line: 3,
  versions: { python: '3.12.1', prefect: release, cloudpickle: '3.1.2' },
  details: plainDetails()
})

const one = entrypointFlow('one', 'flows/a.py:one')
const other = entrypointFlow('one', 'flows/b.py:other')

const sourcesOf = async (root: string): Promise<FlowSources> => ({
  ...(await listSources(root)),
  importRoots: []
})

/** Gives what a runner is asked to run. */
const asked = (storage: LocalStorage | Docker | ReturnType<typeof deserialize>, flow: string) => {
  const flows: StoredFlow[] = []
  storage.getEnvRunner(flow, stored => {
    flows.push(stored)
    return { run: () => Promise.reject(new Error('not run')) }
  })
  return flows[0]
}

describe.each([
  ['local', () => new LocalStorage({ release, directory: join(temporaryFolder(), 'new') })],
  ['docker', () => new Docker({ release, registryUrl: 'ghcr.io/acme', imageName: 'shop' })]
])('%s storage of flows with entrypoints', (_kind, make) => {
  test('a flow has its entrypoint as location, and is found by its name and by its entrypoint', () => {
    const storage = make()
    expect(storage.addFlow(one)).toBe('flows/a.py:one')
    expect(storage.has('one')).toBe(true)
    expect(storage.getFlow('one')).toBe(one)
    expect(storage.getFlow('flows/a.py:one')).toBe(one)
    expect(() => storage.getFlow('two')).toThrow(
      expect.objectContaining({ code: 'FLOW_NOT_CONTAINED', hint: 'It contains: one.' })
    )
  })

  test('of two flows with one name the first has the name, and both are found by entrypoint', () => {
    const storage = make()
    storage.addFlow(one)
    storage.addFlow(other)
    expect([...storage.flows]).toEqual([['one', 'flows/a.py:one']])
    expect(storage.added).toEqual([one, other])
    expect(storage.getFlow('flows/b.py:other')).toBe(other)
  })

  test('the same flow is refused the second time', () => {
    const storage = make()
    storage.addFlow(one)
    expect(() => storage.addFlow(one)).toThrow(expect.objectContaining({ code: 'NAME_CONFLICT' }))
  })

  test('a pickle is refused, and a storage of pickles refuses a flow with an entrypoint', () => {
    const refusal = (hint: string) =>
      expect.objectContaining({ code: 'UNSUPPORTED_PREFECT', hint: expect.stringContaining(hint) })
    expect(() => make().addFlow(flowOf('1.4.1'))).toThrow(refusal("release: '1.4.1'"))
    expect(() => new Bytes().addFlow(one)).toThrow(refusal("release: '3.9.1'"))
  })

  test('a build without the sources is an error that says where they come from', async () => {
    const storage = make()
    storage.addFlow(one)
    await expect(storage.build()).rejects.toMatchObject({
      code: 'STORAGE_INVALID',
      hint: expect.stringContaining('loadFlows')
    })
  })
})

test.each([
  ['bytes', () => new Bytes({ release })],
  ['memory', () => new Memory({ release })],
  ['bytes', () => deserialize({ type: 'Bytes', __version__: release, flows: {} })]
])('%s storage is refused with the reason', (kind, make) => {
  expect(make).toThrow(
    expect.objectContaining({
      code: 'NOT_SUPPORTED',
      message: expect.stringContaining(
        `Prefect 3.9.1 has no ${kind} storage: a run has to read the sources`
      ),
      hint: 'Use docker or local storage.'
    })
  )
})

describe('Docker of flows with entrypoints', () => {
  const surroundings = { cwd: repository({ 'flows/a.py': '' }) }

  test('its JSON has the keys that a build writes, and is read back', async () => {
    const sources = await sourcesOf(surroundings.cwd)
    const options = { release, registryUrl: 'ghcr.io/acme', imageName: 'team/shop', imageTag: 'v1' }
    const docker = new Docker({ ...options, sources }, surroundings)
    docker.addFlow(one)
    const json = docker.serialize()
    expect(json).toEqual({
      type: 'Docker',
      __version__: release,
      prefect_version: release,
      registry_url: 'ghcr.io/acme',
      image_name: 'team/shop',
      image_tag: 'v1',
      path: '/opt/prefect/shop',
      stored_as_script: true,
      secrets: [],
      flows: { one: 'flows/a.py:one' }
    })
    const again = deserialize(JSON.stringify(json))
    expect(again.serialize()).toEqual(json)
    expect(again.getFlow('flows/a.py:one')).toEqual({ name: 'one', entrypoint: 'flows/a.py:one' })
  })

  test('a runner gets the image, the folder and the entrypoint, also for a flow that the JSON does not name', () => {
    const docker = new Docker({ release, imageName: 'shop', imageTag: 'v1' }, surroundings)
    docker.addFlow(one)
    const expected = {
      kind: 'image',
      name: 'one',
      image: 'shop:v1',
      path: '/opt/prefect/shop',
      content: 'entrypoint',
      entrypoint: 'flows/a.py:one'
    }
    expect(asked(docker, 'one')).toEqual(expected)
    const again = deserialize(docker.serialize())
    expect(asked(again, 'flows/a.py:one')).toEqual(expected)
    const unnamed = 'flows/b.py:other'
    expect(asked(again, unnamed)).toEqual({ ...expected, name: unnamed, entrypoint: unnamed })
    expect(() => asked(again, 'two')).toThrow(
      expect.objectContaining({ code: 'FLOW_NOT_CONTAINED' })
    )
  })

  test('sources above the root put the root below the project', async () => {
    const { files, ...rest } = await sourcesOf(surroundings.cwd)
    const above = { ...files[0], path: '../libs/x.py', size: 0, executable: false }
    const sources = { ...rest, files: [...files, above] }
    const docker = new Docker({ release, imageName: 'shop', sources }, surroundings)
    expect(docker.path).toMatch(/^\/opt\/prefect\/shop\/[^/]+$/)
  })

  test.each([
    ['path', { path: '/srv' }],
    ['storedAsScript', { storedAsScript: true }],
    ['modules', { modules: [{ source: '/a', path: 'a', size: 1 }] }]
  ])('the option %s of pickles is refused', (name, options) => {
    expect(() => new Docker({ release, ...options })).toThrow(
      expect.objectContaining({
        code: 'STORAGE_INVALID',
        message: `the option '${name}' is for Prefect 0.5 to 1.4, and the storage is for Prefect 3.9.1`
      })
    )
  })

  test('a storage of pickles refuses sources', async () => {
    const sources = await sourcesOf(surroundings.cwd)
    expect(() => new Docker({ sources })).toThrow(
      expect.objectContaining({ code: 'STORAGE_INVALID' })
    )
  })
})

describe('local storage of flows with entrypoints', () => {
  test('a build writes the sources into its folder, with links and executable files', async () => {
    const root = repository({ 'flows/a.py': 'one', 'data.csv': '1', 'run.sh': '#!/bin/sh\n' })
    symlinkSync('data.csv', join(root, 'link.csv'))
    chmodSync(join(root, 'run.sh'), 0o755)
    const directory = join(temporaryFolder(), 'sources')
    const storage = new LocalStorage({ release, directory, sources: await sourcesOf(root) })
    storage.addFlow(one)
    expect(existsSync(directory)).toBe(false)
    await storage.build()
    expect(readFileSync(join(directory, 'flows/a.py'), 'utf8')).toBe('one')
    expect(readlinkSync(join(directory, 'link.csv'))).toBe('data.csv')
    const modeOf = (file: string) => (statSync(join(directory, file)).mode & 0o777).toString(8)
    expect(['run.sh', 'data.csv'].map(modeOf)).toEqual(['755', '644'])
    expect(storage.serialize()).toEqual({
      type: 'Local',
      __version__: release,
      directory,
      path: directory,
      stored_as_script: true,
      secrets: [],
      flows: { one: 'flows/a.py:one' }
    })
    const again = deserialize(JSON.stringify(storage.serialize()))
    expect(again.serialize()).toEqual(storage.serialize())
    expect(asked(again, 'one')).toEqual({
      kind: 'entrypoint',
      name: 'one',
      entrypoint: 'flows/a.py:one',
      folder: directory
    })
  })

  test('a second build replaces what the first wrote', async () => {
    const directory = join(temporaryFolder(), 'sources')
    for (const name of ['a.py', 'b.py']) {
      const sources = await sourcesOf(repository({ [name]: '' }))
      const storage = new LocalStorage({ release, directory, sources })
      storage.addFlow(one)
      await storage.build()
    }
    expect(readdirSync(directory)).toEqual(['.flowstore-sources', 'b.py'])
  })

  test('a folder with other files is refused and stays as it is', async () => {
    const directory = repository({ 'mine.txt': 'precious' })
    const sources = await sourcesOf(repository({ 'flows/a.py': '' }))
    const storage = new LocalStorage({ release, directory, sources })
    storage.addFlow(one)
    await expect(storage.build()).rejects.toMatchObject({
      code: 'WRITE_FAILED',
      message: expect.stringContaining('it has other files')
    })
    expect(readdirSync(directory)).toEqual(['mine.txt'])
  })

  test('what it wrote is no source of the next build', async () => {
    const root = repository({ 'flows/a.py': '' })
    const directory = join(root, 'out')
    const sources = await sourcesOf(root)
    const storage = new LocalStorage({ release, directory, sources })
    storage.addFlow(one)
    await storage.build()
    expect((await listSources(root)).files.map(({ path }) => path)).toEqual(['flows/a.py'])
  })

  test('a storage without a folder is refused: the default is for pickles', () => {
    expect(() => new LocalStorage({ release })).toThrow(
      expect.objectContaining({
        code: 'STORAGE_INVALID',
        hint: expect.stringContaining('directory')
      })
    )
  })

  test('the files of the sources are those of the artifact', async () => {
    const root = repository({ 'flows/a.py': '' })
    writeFileSync(join(root, 'b.txt'), '')
    const sources = await sourcesOf(root)
    const storage = new LocalStorage({ release, directory: join(temporaryFolder(), 'x'), sources })
    expect([...storage.flowFiles().keys()]).toEqual(['b.txt', 'flows/a.py'])
  })
})
