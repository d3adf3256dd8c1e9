import { expect, test } from '@jest/globals'
import type { BuildInputs } from '../../../../src/build/inputs.js'
import { loadSettled } from '../../../../src/build/load/load-settled.js'
import type { LoadOutcome } from '../../../../src/build/load/loaded.js'
import { FlowstoreError } from '../../../../src/errors.js'
import type { LoadedFlows } from '../../../../src/flows/load.js'
import { silentLog } from '../../../../src/log.js'
import type { RawOptions } from '../../../../src/options/options.js'
import { inputsOf, loadedFlow, loadedFlows, services } from '../../../helpers/stages.js'

const session = {
  kind: 'interpreter' as const,
  session: {
    load: () => Promise.reject(new Error('not asked')),
    check: () => Promise.reject(new Error('not asked')),
    close: () => Promise.resolve()
  },
  why: '',
  expected: undefined
}

/** Settles with loads that give these flows, one after the other; tells what each was asked for. */
async function settle(raw: RawOptions, loads: readonly LoadedFlows[]) {
  const asked: BuildInputs[] = []
  const log = silentLog()
  const load = (inputs: BuildInputs): Promise<LoadOutcome> => {
    const loaded = loads[asked.push(inputs) - 1]
    if (loaded === undefined) throw new Error('one load too many')
    return Promise.resolve({ kind: 'loaded', inputs, image: null, loaded, session })
  }
  const settled = await loadSettled(inputsOf(raw), services(log), load)
  if (settled.kind !== 'loaded') throw new Error('found')
  return { settled, asked: asked.map(inputs => inputs.options), log }
}

const dockerFlow = (options: Readonly<Record<string, unknown>>) =>
  loadedFlow('one', { storage: { type: 'Docker', options } })

test('modules that say nothing of a storage are loaded once', async () => {
  const { settled, asked } = await settle({}, [loadedFlows([loadedFlow('one')])])
  expect(asked).toHaveLength(1)
  expect(settled.loaded.flows.map(flow => flow.name)).toEqual(['one'])
})

test('a module’s storage that makes another environment has the flows loaded again in it', async () => {
  const flow = dockerFlow({ env_vars: { MODE: 'ci' }, secrets: ['AWS'] })
  const { settled, asked } = await settle({}, [loadedFlows([flow]), loadedFlows([flow])])
  expect(asked.map(options => options.envVars)).toEqual([{}, { MODE: 'ci' }])
  expect(settled.inputs.options.envVars).toEqual({ MODE: 'ci' })
  expect(settled.secrets).toEqual(['AWS'])
})

test('a module’s storage that says what the options say has nothing loaded again', async () => {
  const flow = dockerFlow({ image_name: 'flows', registry_url: 'r.test' })
  expect((await settle({}, [loadedFlows([flow])])).asked).toHaveLength(1)
})

test('a module that does not import is tried once more with the dependencies of its storage', async () => {
  const problem = new FlowstoreError('MODULE_IMPORT', 'No module named inflection')
  const first = loadedFlows([], { problems: [problem], dependencies: ['inflection'] })
  const { asked } = await settle({}, [first, loadedFlows([loadedFlow('one')])])
  expect(asked.map(options => options.pythonDependencies)).toEqual([[], ['inflection']])
})

test('a module that does not import with them either is an error', async () => {
  const problem = new FlowstoreError('MODULE_IMPORT', 'No module named inflection')
  const load = loadedFlows([], { problems: [problem], dependencies: ['inflection'] })
  await expect(settle({}, [load, load])).rejects.toMatchObject({ code: 'MODULE_IMPORT' })
})

test('a flow with a storage that is none of ours is left alone, with a notice', async () => {
  const elsewhere = loadedFlow('two', { storage: { type: 'S3', options: {} } })
  const { settled, log } = await settle({}, [loadedFlows([loadedFlow('one'), elsewhere])])
  expect(settled.loaded.flows.map(flow => flow.name)).toEqual(['one'])
  expect(log.notices.map(notice => notice.message)).toEqual([expect.stringContaining('S3')])
})

test('with no flow left to store there is an error', async () => {
  const elsewhere = loadedFlow('two', { storage: { type: 'S3', options: {} } })
  await expect(settle({}, [loadedFlows([elsewhere])])).rejects.toMatchObject({
    code: 'FLOW_NOT_FOUND'
  })
})

test('storage-conflict: error refuses what a module says otherwise', async () => {
  const flow = dockerFlow({ image_name: 'theirs' })
  await expect(
    settle({ 'storage-conflict': 'error' }, [loadedFlows([flow])])
  ).rejects.toMatchObject({ code: 'STORAGE_CONFLICT' })
})
