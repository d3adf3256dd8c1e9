import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { interpreterPython } from '../../../src/python/interpreter.js'
import type { ReadableFlow } from '../../../src/python/protocol/readable-flow.js'
import { noSources } from '../../../src/sources/sources.js'
import { temporaryFolder } from '../../helpers/flowstore.js'
import { isAlive } from '../../helpers/processes.js'
import { checkedFlow, standInPython } from '../../helpers/stages.js'

const pythonOf = (python: string, envVars: Record<string, string> = {}) =>
  interpreterPython({ python, sources: noSources('/repository'), env: process.env, envVars })

const OK = `({ flows }) => ({ flows: flows.map(({ name }) =>
  ({ ...${JSON.stringify(checkedFlow(''))}, name })), storageError: null })`

const NO_CHECKS = { storage: null, serialize: false, results: false }

test('a session puts flows and modules where the loader finds them, and removes them', async () => {
  const { python, notes } = standInPython(OK)
  const session = await pythonOf(python, { PYTHONPATH: '/mine', MODE: 'ci' }).open()
  const source = join(temporaryFolder(), 'helper.py')
  writeFileSync(source, 'value = 1')
  const flows: ReadableFlow[] = [
    { kind: 'bytes', name: 'a', bytes: Buffer.from('pickle'), content: 'pickle' },
    { kind: 'bytes', name: 'b', bytes: Buffer.from('module'), content: 'source' },
    { kind: 'file', name: 'c', path: '/elsewhere', content: 'envelope' }
  ]
  const checked = await session.check(flows, NO_CHECKS, [{ source, path: 'pkg/helper.py', size: 9 }])
  expect(checked.flows.map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  await session.check([], NO_CHECKS)
  const [first, second] = notes()
  const home = String(first?.['cwd'])
  expect(first).toMatchObject({
    mode: 'session',
    flows: ['pickle', 'module', null],
    module: 'value = 1',
    env: { MODE: 'ci', PYTHONPATH: `/mine:${home}/modules`, HOME: `${home}/home` },
    request: {
      action: 'check',
      output: `${home}/out/0`,
      flows: [
        { path: `${home}/flows/0`, content: 'pickle' },
        { path: `${home}/flows/1`, content: 'source' },
        { path: '/elsewhere', content: 'envelope' }
      ]
    }
  })
  expect(second).toMatchObject({ pid: first?.['pid'], request: { output: `${home}/out/1` } })
  await session.close()
  await session.close()
  expect([existsSync(home), isAlive(Number(first?.['pid']))]).toEqual([false, false])
})

test('a probe and a run each have a process, and a run gets its parameters and variables', async () => {
  const { python, notes } = standInPython(
    `({ action }) => action === 'run'
      ? { state: 'Success', successful: true, message: null, detail: null, refused: false, loaded: true }
      : { executable: 'x', versions: { python: '3.9.1', prefect: null, cloudpickle: null, pip: null },
          packages: {}, machine: 'x86_64', libc: '', site: [], folders: {} }`
  )
  const place = pythonOf(python)
  expect((await place.probe(['/a'])).versions.python).toBe('3.9.1')
  const flow: ReadableFlow = {
    kind: 'bytes',
    name: 'a',
    bytes: Buffer.from('pickle'),
    content: 'pickle'
  }
  const run = { parameters: { x: 1 }, env: { A: 'b' }, onOutput: () => undefined }
  expect(await place.run(flow, run)).toMatchObject({ state: 'Success' })
  const [probed, ran] = notes()
  expect(probed).toMatchObject({ mode: 'once', request: { action: 'probe', folders: ['/a'] } })
  expect(probed?.['env']).not.toHaveProperty('PYTHONPATH')
  expect(ran).toMatchObject({
    mode: 'once',
    flows: ['pickle'],
    env: { A: 'b', PYTHONUNBUFFERED: '1' },
    request: { action: 'run', parameters: { x: 1 }, flow: { name: 'a', content: 'pickle' } }
  })
  expect(ran?.['pid']).not.toBe(probed?.['pid'])
  expect(existsSync(String(ran?.['cwd']))).toBe(false)
})

test('an aborted run fails with the reason, and leaves no process and no folder', async () => {
  const { python, notes } = standInPython('() => { for (;;); }')
  const abort = new AbortController()
  const run = { parameters: {}, env: {}, onOutput: () => undefined, signal: abort.signal }
  const flow: ReadableFlow = { kind: 'file', name: 'a', path: '/a', content: 'pickle' }
  const failure = pythonOf(python)
    .run(flow, run)
    .catch((error: unknown) => error)
  const hasNotes = () => statSync(join(python, '../notes'), { throwIfNoEntry: false })?.size
  while (!hasNotes()) await new Promise(done => setTimeout(done, 20))
  abort.abort(new Error('enough'))
  expect(await failure).toEqual(new Error('enough'))
  const [noted] = notes()
  expect([existsSync(String(noted?.['cwd'])), isAlive(Number(noted?.['pid']))]).toEqual([
    false,
    false
  ])
})

test.each([
  ['that is absent', 'ENOENT', () => '/no/such/python'],
  [
    'that may not be run',
    'EACCES',
    () => {
      const file = join(temporaryFolder(), 'python')
      writeFileSync(file, '')
      return file
    }
  ]
])('a load and a probe fail with the reason for an interpreter %s', async (_what, code, file) => {
  const python = file()
  const message = `Python gave no result (${python}): spawn ${python} ${code}`
  const failure = { code: 'LOAD_FAILED', message }
  await expect(pythonOf(python).probe()).rejects.toMatchObject(failure)
  await expect(pythonOf(python).check([], NO_CHECKS)).rejects.toMatchObject(failure)
})

test('the error of a process without a result has its exit code and last output', async () => {
  const python = join(temporaryFolder(), 'python')
  writeFileSync(python, '#!/bin/sh\necho last words >&2\nexit 7\n')
  chmodSync(python, 0o755)
  const failure = {
    code: 'LOAD_FAILED',
    message: `Python ended with exit code 7 and no result (${python})`,
    detail: 'last words'
  }
  await expect(pythonOf(python).probe()).rejects.toMatchObject(failure)
  await expect(pythonOf(python).check([], NO_CHECKS)).rejects.toMatchObject(failure)
})
