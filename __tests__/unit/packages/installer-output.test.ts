import { expect, test } from '@jest/globals'
import { pipReason } from '../../../src/packages/installer-output.js'

test('the reason of a failure is what pip marks as an error, or else its last lines', () => {
  expect(
    pipReason('Collecting x\nERROR: No matching distribution found for x==9\nWARNING: y')
  ).toBe('ERROR: No matching distribution found for x==9')
  expect(pipReason('one\ntwo')).toBe('one\ntwo')
})

test('an error of uv comes with the lines that continue it', () => {
  const words = `  × No solution found when resolving dependencies:
  ╰─▶ Because a was not found in the package registry and you require a==1,
      we can conclude that your requirements are unsatisfiable.`
  expect(pipReason(`Using Python 3.9.18 environment at: /usr/local\n${words}\n`)).toBe(words)
  expect(pipReason('error: Failed\n  Caused by: it\nResolved')).toBe(
    'error: Failed\n  Caused by: it'
  )
})
