import { expect, test } from '@jest/globals'
import { readResult } from '../../../../src/python/protocol/loader-output.js'
import { changesResultSchema } from '../../../../src/python/protocol/protocol.js'

const thrownFor = (log: string): unknown => {
  try {
    return readResult({ exitCode: 1, log, files: new Map() }, changesResultSchema, 'python3')
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
