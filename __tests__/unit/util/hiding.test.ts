import { expect, test } from '@jest/globals'
import { hiding } from '../../../src/util/hiding.js'

test('each value is replaced, a longer one before one that it contains', () => {
  const hide = hiding(['secret', 'secret-key'])
  expect(hide('a secret-key, a secret')).toBe('a ***, a ***')
})

test('each line of a value is replaced', () => {
  expect(hiding(['-----BEGIN\nMIIEpAIB\n'])('error near MIIEpAIB')).toBe('error near ***')
})

test('a short value stays, as it is too common', () => {
  expect(hiding(['dev', ''])('the dev database')).toBe('the dev database')
})
