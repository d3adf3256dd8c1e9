import { expect, test } from '@jest/globals'
import { DEFAULT_LIMITS, limitError, type LimitedWork } from '../../../src/python/limits.js'

const limited: LimitedWork = {
  limits: { seconds: 3, memory: 2 ** 30, processes: 9 },
  work: { kind: 'import', name: 'flows/etl.py', file: 'flows/etl.py' },
  root: '/work',
  where: '/usr/bin/python3'
}

const STACK = `Thread 0x01 (most recent call first):
  File "<flowstore_loader.session>", line 3 in serve

Current thread 0x02 (most recent call first):
  File "/usr/lib/python3/socket.py", line 70 in connect
  File "/work/flows/etl.py", line 8 in query
  File "/work/flows/etl.py", line 12 in <module>
  File "<frozen importlib._bootstrap>", line 2 in _call
  File "<flowstore_loader.modules>", line 3 in import_request
`

test('the error of a timeout names the module, its line, and the frames that are not the loader’s', () => {
  const error = limitError({ reason: 'time', stack: STACK }, limited)
  expect(error).toMatchObject({ code: 'LOAD_LIMIT', exitCode: 3, file: 'flows/etl.py', line: 8 })
  expect(error.message).toBe(
    'the import of flows/etl.py did not end within load-timeout, 3 s (/usr/bin/python3)'
  )
  expect(error.detail).toBe(
    [
      'Current thread 0x02 (most recent call first):',
      '  File "/usr/lib/python3/socket.py", line 70 in connect',
      '  File "flows/etl.py", line 8 in query',
      '  File "flows/etl.py", line 12 in <module>'
    ].join('\n')
  )
})

test('the error of the memory names its limit', () => {
  const { message } = limitError({ reason: 'memory', stack: '' }, limited)
  expect(message).toContain('flows/etl.py needs more memory than load-memory allows, 1g')
})

test('without a module or a flow, the error is about the load', () => {
  const error = limitError(
    { reason: 'time', stack: '' },
    { ...limited, work: undefined, limits: DEFAULT_LIMITS }
  )
  expect(error.message).toMatch(/^the load of the flows did not end within load-timeout, 600 s/)
  expect(error).toMatchObject({ file: undefined, detail: undefined })
})

test('the error of a flow that is serialized or read back names it, and the line that made it', () => {
  const flow = { name: 'etl', file: 'flows/etl.py', line: 3 }
  const serialized = limitError(
    { reason: 'time', stack: '' },
    { ...limited, work: { kind: 'serialize', ...flow } }
  )
  expect(serialized).toMatchObject({ file: 'flows/etl.py', line: 3 })
  expect(serialized.message).toMatch(/^the serialization of flow "etl" did not end within/)
  const read = limitError(
    { reason: 'memory', stack: '' },
    { ...limited, work: { kind: 'read', ...flow } }
  )
  expect(read.message).toMatch(/^reading flow "etl" back needs more memory than load-memory/)
})
