import { expect, test } from '@jest/globals'
import { readResult } from '../../../../src/python/protocol/loader-output.js'
import type { Work } from '../../../../src/python/protocol/work.js'
import { changesResultSchema } from '../../../../src/python/protocol/protocol.js'

const thrownFor = (log: string, work?: Work): unknown => {
  try {
    return readResult({ exitCode: 1, log, files: new Map() }, changesResultSchema, 'python3', work)
  } catch (error) {
    return error
  }
}

test('a loader without space for its result does not blame a module', () => {
  expect(thrownFor('flowstore_loader: OSError: [Errno 28] No space left on device\n')).toMatchObject({
    code: 'WRITE_FAILED',
    message: "Python can't write its result (python3): [Errno 28] No space left on device"
  })
})

test('a Python without a result is LOAD_FAILED with what it printed', () => {
  expect(thrownFor('Segmentation fault\n')).toMatchObject({
    code: 'LOAD_FAILED',
    detail: 'Segmentation fault'
  })
})

test('a Python that ended while it worked on a module or a flow names it', () => {
  const place = { file: 'a.py', line: 3 }
  expect(thrownFor('', { kind: 'import', name: 'a.py', file: 'a.py' })).toMatchObject({
    code: 'LOAD_FAILED',
    message: 'a.py ended Python with exit code 1 while it was imported (python3)',
    file: 'a.py'
  })
  expect(thrownFor('', { kind: 'serialize', name: 'one', ...place })).toMatchObject({
    code: 'LOAD_FAILED',
    message: 'flow "one" ended Python with exit code 1 while it was serialized (python3)',
    ...place
  })
  expect(thrownFor('', { kind: 'read', name: 'one', ...place })).toMatchObject({
    code: 'HEALTHCHECK',
    message: 'flow "one" does not load back: it ended Python with exit code 1 (python3)',
    ...place
  })
})
