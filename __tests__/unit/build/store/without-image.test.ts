import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import type { SettledBuild } from '../../../../src/build/load/loaded-build.js'
import { storeWithoutImage } from '../../../../src/build/store/without-image.js'
import type { LoadedFlow } from '../../../../src/flows/flow.js'
import { silentLog } from '../../../../src/log.js'
import type { RawOptions } from '../../../../src/options/options.js'
import type { ReadableFlow } from '../../../../src/python/protocol/readable-flow.js'
import type { CheckResult } from '../../../../src/python/protocol/protocol.js'
import { noSources } from '../../../../src/sources/sources.js'
import { repository, temporaryFolder } from '../../../helpers/flowstore.js'
import {
  allGood,
  inputsOf,
  interpreterSession,
  loadedFlow,
  services,
  settledBuild
} from '../../../helpers/stages.js'

const inputs = (raw: RawOptions, root = '/work') => ({
  ...inputsOf({ 'registry-url': '', 'image-name': '', ...raw }),
  sources: noSources(root)
})

/** Stores flows in a storage without an image; returns what was checked, and the log. */
async function store(
  raw: RawOptions,
  flows: readonly LoadedFlow[] = [loadedFlow('one')],
  more: Partial<SettledBuild> = {},
  root = '/work'
) {
  const checked: ReadableFlow[] = []
  const session = interpreterSession({
    check: asked => {
      checked.push(...asked)
      return Promise.resolve(allGood(asked))
    }
  })
  const log = silentLog()
  const build = settledBuild(flows, inputs(raw, root), { session, ...more })
  const stored = await storeWithoutImage(build, services(log, { cwd: root }))
  return { stored, checked, log }
}

const failing = interpreterSession({
  check: asked => {
    const good = allGood(asked)
    const flows = good.flows.map(flow => ({ ...flow, ok: false, error: 'ImportError: no shop' }))
    return Promise.resolve<CheckResult>({ ...good, flows })
  }
})

const SCRIPT = { storage: 'local', 'stored-as-script': 'true' }

test('local storage has a file for each flow, and the report its location and size', async () => {
  const directory = temporaryFolder()
  const { stored } = await store({ storage: 'local', directory })
  const [flow] = stored.built.flows
  expect(flow).toMatchObject({ name: 'one', module: 'a.py', line: 1 })
  expect(flow?.location).toContain(directory)
  expect(readFileSync(flow?.location ?? '')).toHaveLength(flow?.size ?? -1)
})

test('the directory of local storage is relative to the repository', async () => {
  const root = temporaryFolder()
  const { stored } = await store({ storage: 'local', directory: 'flows' }, undefined, {}, root)
  expect(stored.storage.serialize()).toMatchObject({ directory: join(root, 'flows') })
})

test('bytes storage has the pickle of each flow in its JSON', async () => {
  const { stored } = await store({ storage: 'bytes' })
  expect(stored.storage.serialize()).toMatchObject({
    type: 'Bytes',
    flows: { one: Buffer.from('pickle of one').toString('base64') }
  })
})

test('memory storage has the flows as long as it lives', async () => {
  const { stored } = await store({ storage: 'memory' })
  expect([...stored.storage.flows.keys()]).toEqual(['one'])
})

test('the storage has the secrets that modules name', async () => {
  const { stored } = await store({ storage: 'bytes' }, undefined, { secrets: ['AWS'] })
  expect(stored.storage.secrets).toEqual(['AWS'])
})

test('the result of a build without an image is changed, and says where its flows were loaded and why', async () => {
  const { stored } = await store({ storage: 'memory' })
  expect(stored).toMatchObject({
    image: null,
    changed: true,
    load: {
      in: 'runner',
      why: 'the test asks for it',
      isolation: { network: false, processes: false, files: false }
    },
    built: { dockerfile: '' }
  })
})

test('each flow is checked as the bytes that the storage keeps', async () => {
  const { checked } = await store({ storage: 'bytes' }, [loadedFlow('one'), loadedFlow('two')])
  const place = { module: 'a.py', line: 1 }
  expect(checked).toEqual([
    {
      name: 'one',
      kind: 'bytes',
      bytes: Buffer.from('pickle of one'),
      content: 'pickle',
      ...place
    },
    { name: 'two', kind: 'bytes', bytes: Buffer.from('pickle of two'), content: 'pickle', ...place }
  ])
})

test('no flow is checked without a healthcheck', async () => {
  const { checked, log } = await store({ storage: 'bytes', healthcheck: 'false' })
  expect([checked, log.phases.map(phase => phase.name)]).toEqual([[], ['store']])
})

test('a flow that does not load back is an error, and leaves no file', async () => {
  const directory = temporaryFolder()
  const asked = store({ storage: 'local', directory }, undefined, { session: failing })
  await expect(asked).rejects.toMatchObject({
    code: 'HEALTHCHECK',
    message: expect.stringContaining('ImportError: no shop')
  })
  expect(readdirSync(directory)).toEqual([])
})

test('if a flow can’t be added, the files of the flows before it are removed', async () => {
  const directory = temporaryFolder()
  const flows = [loadedFlow('one'), loadedFlow('two'), loadedFlow('one')]
  await expect(store({ storage: 'local', directory }, flows)).rejects.toMatchObject({
    code: 'NAME_CONFLICT'
  })
  const left = readdirSync(directory, { recursive: true, withFileTypes: true })
  expect(left.filter(entry => entry.isFile())).toEqual([])
})

test('a release that has no class for the storage gets a warning', async () => {
  const { log } = await store({ storage: 'bytes' })
  expect(log.notices).toEqual([
    {
      level: 'warning',
      message: "Prefect 1.4.1 has no Bytes storage: it can't read this storage.json"
    }
  ])
})

test('a release that has a class for the storage gets no warning', async () => {
  const { log } = await store({ storage: 'local', directory: temporaryFolder() })
  expect(log.notices).toEqual([])
})

test('a module that is stored as a script is checked at the path where Prefect reads it', async () => {
  const root = repository({ 'a.py': 'in the repository', 'flows/a.py': 'where Prefect reads it' })
  const { checked, stored, log } = await store(
    { ...SCRIPT, path: join(root, 'flows/a.py'), directory: root },
    [loadedFlow('one')],
    {},
    root
  )
  expect(checked).toMatchObject([
    { name: 'one', kind: 'bytes', bytes: Buffer.from('where Prefect reads it'), content: 'source' }
  ])
  expect(stored.storage.flows.get('one')).toBe(join(root, 'flows/a.py'))
  expect(log.notices).toEqual([])
})

test('a script that does not exist at that path yet is checked in the repository, with a warning', async () => {
  const root = repository({ 'a.py': 'in the repository' })
  const path = join(root, 'absent/a.py')
  const { checked, log } = await store(
    { ...SCRIPT, path, directory: root },
    [loadedFlow('one')],
    {},
    root
  )
  expect(checked).toMatchObject([
    { name: 'one', kind: 'bytes', bytes: Buffer.from('in the repository'), content: 'source' }
  ])
  expect(log.notices).toEqual([
    {
      level: 'warning',
      message: expect.stringContaining(`the module belongs at ${path}`),
      file: 'a.py'
    }
  ])
})

test('flows that were loaded with their serialized form make a flows.json', async () => {
  const flow = loadedFlow('one', { serialized: { name: '"one"' } })
  const { stored } = await store({ storage: 'local', directory: temporaryFolder() }, [flow])
  expect(stored.built.flowsTemplate).toContain('"name": "one"')
})

test('flows without their serialized form make no flows.json', async () => {
  const { stored } = await store({ storage: 'local', directory: temporaryFolder() })
  expect(stored.built.flowsTemplate).toBeNull()
})
