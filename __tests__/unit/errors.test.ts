import { expect, test } from '@jest/globals'
import { errorsOf } from '../../src/errors.js'

test.each(['ENOSPC', 'EDQUOT', 'EROFS'])('a disk that takes nothing more (%s) is no bug', code => {
  const fault = Object.assign(new Error(`${code}: write`), { code })
  expect(errorsOf(fault)).toMatchObject([
    { code: 'WRITE_FAILED', message: `${code}: write`, hint: expect.stringContaining('TMPDIR') }
  ])
})

test('an unknown error is a bug', () => {
  expect(errorsOf(new TypeError('x'))).toMatchObject([{ code: 'INTERNAL', message: 'x' }])
})
