import { expect, test } from '@jest/globals'
import { wordsOf } from '../../../src/registry/answer.js'

const answer = (body: string, status = 403) => ({
  status,
  body: Buffer.from(body),
  headers: { get: () => null },
  url: new URL('https://registry.example/v2/')
})

test.each([
  ['{"errors":[{"code":"DENIED","message":"no"},{"code":"QUOTA"}]}', 'DENIED: no; QUOTA'],
  ['{"error":"invalid_grant","error_description":"expired"}', 'invalid_grant: expired'],
  ['{"details":"incorrect username or password"}', 'incorrect username or password'],
  ['{"message":"gone"}', 'gone'],
  ['no such page\n', 'no such page'],
  ['<html>proxy</html>', 'Forbidden'],
  ['{"errors":[]}', '{"errors":[]}'],
  ['', 'Forbidden']
])('the words of %j are %j', (body, words) => {
  expect(wordsOf(answer(body))).toBe(words)
})

test('a status without a name is shown by its number', () => {
  expect(wordsOf(answer('', 599))).toBe('status 599')
})

test('a very long message is cut', () => {
  expect(wordsOf(answer('x'.repeat(1000)))).toHaveLength(500)
})
