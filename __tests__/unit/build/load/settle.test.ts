import { expect, test } from '@jest/globals'
import type { BuildInputs } from '../../../../src/build/inputs.js'
import { settle } from '../../../../src/build/load/settle.js'
import type { LoadOutcome } from '../../../../src/build/load/loaded-build.js'
import { FlowstoreError } from '../../../../src/errors.js'
import type { LoadedFlows } from '../../../../src/flows/load.js'
import { silentLog } from '../../../../src/log.js'
import { checkOptions, type RawOptions } from '../../../../src/options/options.js'
import { repository } from '../../../helpers/flowstore.js'
import { inputsOf, loadedFlow, loadedFlows, services } from '../../../helpers/stages.js'
import { isolationOf } from '../../../../src/python/cell.js'

const session = {
  kind: 'interpreter' as const,
  session: {
    load: () => Promise.reject(new Error('not asked')),
    check: () => Promise.reject(new Error('not asked')),
    isolation: isolationOf(''),
    close: () => Promise.resolve()
  },
  why: '',
  expected: undefined,
  close: () => Promise.resolve()
}

/** Loads until the options are settled; each load has the next of these results. Returns the options of each load. */
async function settleWith(raw: RawOptions, loads: readonly LoadedFlows[]) {
  const asked: BuildInputs[] = []
  const log = silentLog()
  const load = (inputs: BuildInputs): Promise<LoadOutcome> => {
    const loaded = loads[asked.push(inputs) - 1]
    if (loaded === undefined) throw new Error('one load too many')
    return Promise.resolve({ kind: 'loaded', inputs, image: null, loaded, session })
  }
  const settled = await settle(inputsOf(raw), services(log), load)
  if (settled.kind !== 'loaded') throw new Error('found')
  return { settled, asked: asked.map(inputs => inputs.options), log }
}

const dockerFlow = (options: Readonly<Record<string, unknown>>) =>
  loadedFlow('one', { storage: { type: 'Docker', options } })

test('modules that declare no storage are loaded once', async () => {
  const { settled, asked } = await settleWith({}, [loadedFlows([loadedFlow('one')])])
  expect(asked).toHaveLength(1)
  expect(settled.loaded.flows.map(flow => flow.name)).toEqual(['one'])
})

test('modules are loaded again if their storage needs another environment', async () => {
  const flow = dockerFlow({ env_vars: { MODE: 'ci' }, secrets: ['AWS'] })
  const { settled, asked } = await settleWith({}, [loadedFlows([flow]), loadedFlows([flow])])
  expect(asked.map(options => options.envVars)).toEqual([{}, { MODE: 'ci' }])
  expect(settled.inputs.options.envVars).toEqual({ MODE: 'ci' })
  expect(settled.secrets).toEqual(['AWS'])
})

test('modules are not loaded again if their storage equals the options', async () => {
  const flow = dockerFlow({ image_name: 'flows', registry_url: 'r.test' })
  expect((await settleWith({}, [loadedFlows([flow])])).asked).toHaveLength(1)
})

test('a module that fails to import is loaded again with the dependencies of its storage', async () => {
  const problem = new FlowstoreError('MODULE_IMPORT', 'No module named inflection')
  const first = loadedFlows([], { problems: [problem], dependencies: ['inflection'] })
  const { asked } = await settleWith({}, [first, loadedFlows([loadedFlow('one')])])
  expect(asked.map(options => options.pythonDependencies)).toEqual([[], ['inflection']])
})

test('a module that fails to import with the dependencies of its storage is an error', async () => {
  const problem = new FlowstoreError('MODULE_IMPORT', 'No module named inflection')
  const load = loadedFlows([], { problems: [problem], dependencies: ['inflection'] })
  await expect(settleWith({}, [load, load])).rejects.toMatchObject({ code: 'MODULE_IMPORT' })
})

test('a flow whose storage is not supported is skipped, with a notice', async () => {
  const elsewhere = loadedFlow('two', { storage: { type: 'S3', options: {} } })
  const { settled, log } = await settleWith({}, [loadedFlows([loadedFlow('one'), elsewhere])])
  expect(settled.loaded.flows.map(flow => flow.name)).toEqual(['one'])
  expect(log.notices.map(notice => notice.message)).toEqual([expect.stringContaining('S3')])
})

test('a build in which every flow is skipped is an error', async () => {
  const elsewhere = loadedFlow('two', { storage: { type: 'S3', options: {} } })
  await expect(settleWith({}, [loadedFlows([elsewhere])])).rejects.toMatchObject({
    code: 'FLOW_NOT_FOUND',
    message: expect.stringContaining('no flow to store')
  })
})

test('a module that would build a flow is a notice, and a helper module is not', async () => {
  const flowless = [
    { file: 'made.py', seen: ['the function `f` builds a flow'], factories: ['f'] },
    { file: 'helper.py', seen: [], factories: [] }
  ]
  const { log } = await settleWith({}, [loadedFlows([loadedFlow('one')], { flowless })])
  expect(log.notices).toEqual([
    {
      level: 'notice',
      message:
        'no flow is stored from made.py. The function `f` builds a flow. To store such a flow, name the function in flows, such as made.py:f, or bind the flow to a variable at the top level of the module. To leave the module out, add the line !made.py to flows.',
      file: 'made.py'
    }
  ])
})

test('storage-conflict: error refuses a storage that differs from the options', async () => {
  const flow = dockerFlow({ image_name: 'theirs' })
  await expect(
    settleWith({ 'storage-conflict': 'error' }, [loadedFlows([flow])])
  ).rejects.toMatchObject({ code: 'STORAGE_CONFLICT' })
})

test('modules that do not agree on the name of the image are an error', async () => {
  const one = dockerFlow({ image_name: 'etl' })
  await expect(
    settleWith({ 'image-name': '' }, [loadedFlows([one, loadedFlow('two')])])
  ).rejects.toMatchObject({ code: 'STORAGE_CONFLICT' })
})

test('a push whose registry no module names is an error', async () => {
  const flows = loadedFlows([dockerFlow({ image_name: 'etl' })])
  await expect(settleWith({ 'registry-url': '', push: 'true' }, [flows])).rejects.toMatchObject({
    code: 'MISSING_OPTION'
  })
})

test('a base image of a module that is no reference is an error', async () => {
  const flows = loadedFlows([dockerFlow({ base_image: 'Python 3' })])
  await expect(settleWith({}, [flows])).rejects.toMatchObject({ code: 'INVALID_REFERENCE' })
})

test('calls without an effect, and values in flows, are notices', async () => {
  const { log } = await settleWith({}, [
    loadedFlows([loadedFlow('one')], {
      calls: [{ call: 'flow.run()', file: 'a.py', line: 3 }],
      revealed: [{ variable: 'KEY', flow: 'one', where: 'task "t"' }]
    })
  ])
  expect(log.notices.map(({ level, file, line }) => [level, file, line])).toEqual([
    ['notice', 'a.py', 3],
    ['warning', 'a.py', 1]
  ])
})

const RISKS: LoadedFlows['risks'] = [
  { kind: 'path', name: 'conf/a.yml', flows: ['one'], file: 'a.py', line: 3 },
  { kind: 'path', name: 'generated.csv', flows: ['one'], file: 'a.py', line: 4 },
  { kind: 'process', name: 'square', flows: ['one'], file: 'a.py', line: 5 }
]

/** The lines of the warnings about {@link RISKS}, in a repository that declares `conf/a.yml`. */
async function warnedLines(raw: RawOptions, dockerfile = ''): Promise<(number | undefined)[]> {
  const root = repository({ Dockerfile: dockerfile, 'conf/a.yml': '' })
  const options = checkOptions(
    { flows: 'a.py', 'registry-url': 'r.test', 'image-name': 'flows', ...raw },
    root
  )
  const sources = { root, files: [{ path: 'conf/a.yml', size: 1, executable: false }], size: 1 }
  const log = silentLog()
  const loaded = loadedFlows([loadedFlow('one')], { risks: RISKS })
  await settle({ ...inputsOf(), options, sources }, services(log), asked =>
    Promise.resolve({ kind: 'loaded', inputs: asked, image: null, loaded, session })
  )
  return log.notices.map(notice => notice.line)
}

test('calls that fail in a run are warnings, if their files are sources', async () => {
  expect(await warnedLines({})).toEqual([3, 5])
})

test.each(['conf/a.yml:/conf/a.yml', 'conf:/conf', './conf/:/x'])(
  'a file that is copied by %s may be in the working directory',
  async files => {
    expect(await warnedLines({ files })).toEqual([5])
  }
)

test('a Dockerfile that copies files may copy them into the working directory', async () => {
  expect(await warnedLines({ dockerfile: 'Dockerfile' }, 'FROM a\ncopy . /app')).toEqual([5])
  expect(await warnedLines({ dockerfile: 'Dockerfile' }, 'FROM a\nRUN true')).toEqual([3, 5])
})
