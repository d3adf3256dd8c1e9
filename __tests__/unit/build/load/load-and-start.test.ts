import { expect, test } from '@jest/globals'
import { loadAndStart } from '../../../../src/build/load/load-and-start.js'
import { FirstStart } from '../../../../src/environment/first-start.js'
import { serveRegistry } from '../../../helpers/registry-server.js'
import { NOTHING_LOADED } from '../../../helpers/load-results.js'
import { inputsOf, interpreterSession, plannedImage, services } from '../../../helpers/stages.js'

/** Loads with an interpreter; returns how the load ended and which commands were started. */
async function load(session: { isCompared: boolean; differs?: boolean; fails?: boolean }) {
  const started: string[] = []
  const { isCompared, differs = false, fails = false } = session
  const result = {
    ...NOTHING_LOADED,
    protocol: 14 as const,
    action: 'load' as const,
    versions: { python: '3.9.18', prefect: '3.9.1', cloudpickle: '3.0.0' },
    differences: differs ? [{ what: 'numpy', expected: '2.0', found: '1.0' }] : []
  }
  const opened = {
    ...interpreterSession({
      load: () =>
        fails
          ? Promise.reject(new Error('too slow'))
          : Promise.resolve({ result, files: new Map(), log: '' })
    }),
    expected: { python: '3.9', machine: 'x86_64', packages: {} },
    isCompared,
    python: {
      start: (command: readonly string[]) => {
        started.push(command.join(' '))
        return Promise.resolve({ protocol: 14, action: 'start', exitCode: 0, printed: '' } as const)
      }
    }
  }
  const firstStart = new FirstStart(['prefect', 'version'], () => Promise.resolve())
  const planned = { ...(await plannedImage(await serveRegistry())), firstStart }
  const ended = await loadAndStart(inputsOf({}), planned, opened, services(), undefined).then(
    () => 'loaded',
    (error: unknown) => (error as Error).message
  )
  return { ended, started }
}

test('a command starts with the packages of the image, also if the load fails', async () => {
  expect(await load({ isCompared: false, fails: true })).toEqual({
    ended: 'too slow',
    started: ['prefect version']
  })
})

test('a command starts with an interpreter of the machine that is like the image', async () => {
  expect((await load({ isCompared: true })).started).toEqual(['prefect version'])
})

test('a command does not start with an interpreter that the load finds to be another one', async () => {
  const { ended, started } = await load({ isCompared: true, differs: true })
  expect([ended, started]).toEqual(['loaded', []])
})
