import { PassThrough } from 'node:stream'
import { expect, test } from '@jest/globals'
import { FlowstoreError } from '../../../src/errors.js'
import { ISOLATED } from '../../../src/python/cell.js'
import { inSession } from '../../../src/python/loader.js'
import { PROTOCOL } from '../../../src/python/protocol/protocol.js'
import { DEFAULT_LIMITS } from '../../../src/python/limits.js'
import { pythonOver } from '../../../src/python/python.js'
import type { LoaderProcess, Transport } from '../../../src/python/transport.js'

const busy = () => Promise.reject(new FlowstoreError('DAEMON', 'device is busy'))

const RESULTS = {
  probe: {
    executable: '/python',
    versions: { python: '3.9.1', prefect: null, cloudpickle: null, pip: null },
    packages: {},
    machine: 'x86_64',
    libc: '',
    site: [],
    folders: {}
  },
  run: { state: 'Success', successful: true, message: null, detail: null, refused: false, loaded: true }
}

/** Python over processes that answer one request each, and can't be removed. */
function pythonThatStays(action: keyof typeof RESULTS, read?: LoaderProcess['read']) {
  const result = JSON.stringify({ protocol: PROTOCOL, action, ...RESULTS[action] })
  const start = (): Promise<LoaderProcess> => {
    const input = new PassThrough()
    const ended = new Promise<number>(resolve => {
      input.resume().on('end', () => {
        resolve(0)
      })
    })
    return Promise.resolve({
      input,
      output: new PassThrough(),
      errors: new PassThrough(),
      ended,
      folders: { home: '/home', output: '/out', sources: '/src', top: '/src' },
      prepare: () => Promise.resolve(),
      put: () => Promise.resolve(),
      read: read ?? (() => Promise.resolve(new Map([['result.json', Buffer.from(result)]]))),
      end: busy
    })
  }
  const transport: Transport = {
    description: 'a container',
    limits: DEFAULT_LIMITS,
    inContainer: true,
    start
  }
  return pythonOver(transport, busy)
}

const run = { parameters: {}, env: {}, onOutput: () => undefined }

test('a probe has its result even if its process can’t be removed', async () => {
  expect((await pythonThatStays('probe').probe()).versions.python).toBe('3.9.1')
})

test('a run has its state even if its process can’t be removed', async () => {
  const ran = await pythonThatStays('run').run({ kind: 'file', name: 'a', path: '/a', content: 'pickle' }, run)
  expect(ran.state).toBe('Success')
})

test('the error is that of the failed request, even if its process can’t be removed', async () => {
  const unreadable = () => Promise.reject(new FlowstoreError('DAEMON', 'the first failure'))
  await expect(pythonThatStays('probe', unreadable).probe()).rejects.toMatchObject({
    message: 'the first failure'
  })
})

test('the work in a session has its result even if the session can’t be closed', async () => {
  const unused = () => Promise.reject(new Error('not asked for'))
  const open = () =>
    Promise.resolve({ isolation: ISOLATED, load: unused, check: unused, close: busy })
  expect(await inSession(open, () => Promise.resolve('done'))).toBe('done')
  await expect(
    inSession(open, () => Promise.reject(new Error('the first failure')))
  ).rejects.toThrow('the first failure')
})
