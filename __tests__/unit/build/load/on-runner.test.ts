import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { loadOnRunner } from '../../../../src/build/load/on-runner.js'
import type { SessionFlows } from '../../../../src/build/load/load-in-session.js'
import { withServices } from '../../../../src/build/services.js'
import type { RawOptions } from '../../../../src/options/options.js'
import { cacheFolder, programOf } from '../../../../src/packages/machine/virtual-environment.js'
import type { LoadResult } from '../../../../src/python/protocol/protocol.js'
import { temporaryFolder } from '../../../helpers/flowstore.js'
import { serveRegistry } from '../../../helpers/registry-server.js'
import {
  inputsOf,
  interpreterSession,
  loadedFlow,
  loadedFlows,
  logWithLines,
  plannedImage,
  standInPython
} from '../../../helpers/stages.js'
import { NOTHING_LOADED, ONE_FLOW } from '../../../helpers/load-results.js'

/** A load of one flow by an interpreter that is like the image's. */
const LOADED: Omit<LoadResult, 'protocol' | 'action'> = {
  ...NOTHING_LOADED,
  versions: { python: '3.9.18', prefect: '0.5.4', cloudpickle: '1.1.1' },
  flows: [ONE_FLOW]
}

const differing = (what: string) => ({
  ...LOADED,
  flows: [],
  differences: [{ what, expected: '2.0', found: '1.0' }]
})

const WITH_PROBLEM = {
  ...LOADED,
  flows: [],
  problems: [
    {
      code: 'MODULE_IMPORT',
      message: 'no file /data/prices.csv',
      file: 'a.py',
      line: 1,
      detail: null,
      hint: null,
      absent: []
    }
  ]
}

const PROBE = {
  executable: 'python',
  versions: { python: '3.9.18', prefect: null, cloudpickle: null, pip: null },
  packages: {},
  machine: 'x86_64',
  libc: '',
  site: [],
  folders: {}
}

const answering = (load: object): string =>
  `({ action }) => action === 'probe' ? ${JSON.stringify(PROBE)} : ${JSON.stringify(load)}`

/** The answers of a machine's interpreters to a load. */
interface Machine {
  /** `python3` on PATH; default none. */
  readonly onPath?: object
  /** The interpreter that the cache has for the environment image; default none. */
  readonly kept?: object
}

/** Loads flows on a machine with these interpreters; returns the log and the reason for a container. */
async function load(
  raw: RawOptions,
  { onPath, kept }: Machine,
  inContainer?: SessionFlows
): Promise<{ result: SessionFlows | Error; lines: string[]; asked: string[]; python: string }> {
  const planned = await plannedImage(await serveRegistry())
  const environment = { ...planned.environment, location: { kind: 'daemon' } as const }
  const [folder, cache] = [temporaryFolder(), temporaryFolder()]
  const python = join(folder, 'python3')
  if (onPath) standInPython(answering(onPath), python)
  if (kept) {
    const home = cacheFolder(cache, 'python', environment.key)
    standInPython(answering(kept), programOf(home, 'python'))
    writeFileSync(`${home}.complete`, '')
  }
  const { log, lines } = logWithLines()
  const asked: string[] = []
  const tryContainer = (why: string) => {
    asked.push(why)
    return Promise.resolve(inContainer)
  }
  const surroundings = { cwd: folder, env: { PATH: folder }, cache }
  const result = await withServices(surroundings, log, services =>
    loadOnRunner(inputsOf(raw), { ...planned, environment }, services, tryContainer)
  ).catch((error: unknown) => error as Error)
  return { result, lines, asked, python }
}

const RUNNER = { 'load-in': 'runner' }
const AUTO = { 'load-in': 'auto' }

const IN_CONTAINER: SessionFlows = {
  loaded: loadedFlows([loadedFlow('one')]),
  session: interpreterSession()
}

test('an interpreter on PATH that matches the image’s loads the flows', async () => {
  const { result, lines, python } = await load(RUNNER, { onPath: LOADED })
  expect(result).toMatchObject({
    loaded: { flows: [{ name: 'one', bytes: Buffer.from('pickle') }] },
    session: { kind: 'interpreter', why: `${python} matches the image's Python` }
  })
  expect(lines).toEqual([
    'While they are loaded, flow modules reach the network, processes and files of this machine',
    `Loading on the runner: ${python} matches the image's Python`
  ])
})

test('the interpreter that is cached for the environment is tried first', async () => {
  const { result } = await load(RUNNER, { kept: LOADED, onPath: differing('pandas') })
  expect(result).toMatchObject({
    session: { why: 'an interpreter cached for this environment' }
  })
})

test('the next interpreter is tried if one differs from the image’s', async () => {
  const { result, python } = await load(RUNNER, { kept: differing('pandas'), onPath: LOADED })
  expect(result).toMatchObject({ session: { why: `${python} matches the image's Python` } })
})

test('with load-in: auto, flows that don’t load here are loaded in a container, with the reason', async () => {
  const { result, asked } = await load(AUTO, { onPath: WITH_PROBLEM }, IN_CONTAINER)
  expect([result, asked]).toEqual([IN_CONTAINER, ['no file /data/prices.csv']])
})

test('with load-in: auto, a container loads the flows if no interpreter is like the image’s', async () => {
  const { result, asked } = await load(AUTO, { onPath: differing('pandas') }, IN_CONTAINER)
  expect([result, asked]).toEqual([IN_CONTAINER, ['pandas is 1.0, 2.0 in the image']])
})

test('with load-in: auto, a container loads the flows if there is no interpreter', async () => {
  const { result, asked } = await load(AUTO, {}, IN_CONTAINER)
  expect([result, asked]).toEqual([IN_CONTAINER, ['no interpreter was found']])
})

test('with load-in: runner, the problems of the modules are the result, and no container is used', async () => {
  const { result, asked } = await load(RUNNER, { onPath: WITH_PROBLEM }, IN_CONTAINER)
  expect(result).toMatchObject({ loaded: { problems: [{ code: 'MODULE_IMPORT' }] } })
  expect(asked).toEqual([])
})

test('with load-in: auto and no daemon, the interpreter created for the environment reports the problems', async () => {
  const { result } = await load(AUTO, { kept: WITH_PROBLEM, onPath: WITH_PROBLEM })
  expect(result).toMatchObject({
    loaded: { problems: [{ code: 'MODULE_IMPORT' }] },
    session: { why: 'an interpreter created for this environment' }
  })
})

test('if no interpreter is like the image’s, the error says how the last one differs', async () => {
  const { result } = await load(RUNNER, { kept: differing('numpy'), onPath: differing('pandas') })
  expect(result).toMatchObject({
    code: 'VERSION_MISMATCH',
    message: 'the runner and the image differ: numpy is 1.0, 2.0 in the image',
    hint: expect.stringContaining('load-in: image')
  })
})

test('if python names an interpreter, no other is tried before one is created', async () => {
  const { python } = standInPython(answering(LOADED))
  const { result } = await load({ ...RUNNER, python }, { onPath: differing('pandas') })
  expect(result).toMatchObject({ session: { why: `${python} matches the image's Python` } })
})

test('a command in python that does not exist is an error', async () => {
  const { result } = await load({ ...RUNNER, python: 'python-of-nobody' }, { onPath: LOADED })
  expect(result).toMatchObject({ code: 'PYTHON_NOT_FOUND' })
})

const WITHOUT_LIBRARY = {
  ...WITH_PROBLEM,
  problems: WITH_PROBLEM.problems.map(problem => ({
    ...problem,
    message: 'ImportError: libpq.so.5: cannot open shared object file: No such file or directory'
  }))
}

test('with load-in: runner, a container loads modules that need a system library that this machine lacks', async () => {
  const { result, asked } = await load(RUNNER, { onPath: WITHOUT_LIBRARY }, IN_CONTAINER)
  expect([result, asked]).toEqual([
    IN_CONTAINER,
    ['this machine lacks the system library libpq.so.5']
  ])
})

test('without a daemon, the error names the system library that this machine lacks', async () => {
  const { result } = await load(RUNNER, { kept: WITHOUT_LIBRARY, onPath: WITHOUT_LIBRARY })
  expect(result).toMatchObject({
    loaded: { problems: [{ hint: expect.stringContaining('libpq.so.5') }] }
  })
})

test('the log says why the packages of the image are not used', async () => {
  const { lines } = await load(AUTO, {}, IN_CONTAINER)
  expect(lines).toEqual([
    "The packages of the environment image can't be used here: the environment image is not in a registry that can be read from here"
  ])
})
