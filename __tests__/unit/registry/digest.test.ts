import { expect, test } from '@jest/globals'
import { digestOf, hasDigest, isDigest } from '../../../src/registry/digest.js'

test('the digest of a text is that of its UTF-8 bytes', () => {
  expect(digestOf('ä')).toBe(digestOf(Buffer.from([0xc3, 0xa4])))
})

test('a digest and a tag are distinguished', () => {
  expect([isDigest(digestOf('')), isDigest('1.0')]).toEqual([true, false])
})

test.each([
  ['SHA-256', digestOf('x'), true],
  [
    'SHA-512',
    'sha512:a4abd4448c49562d828115d13a1fccea927f52b4d5459297f8b43e42da89238bc13626e43dcb38ddb082488927ec904fb42057443983e88585179d50551afe62',
    true
  ],
  ['SHA-256 of something else', digestOf('y'), false],
  ['an unknown algorithm', 'md5:9dd4e461268c8034f5c8564e155c67a6', false]
])('content is compared with its digest: %s', (_, digest, same) => {
  expect(hasDigest(Buffer.from('x'), digest)).toBe(same)
})
