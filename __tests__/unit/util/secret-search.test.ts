import { expect, test } from '@jest/globals'
import { secretSearch } from '../../../src/util/secret-search.js'

const VALUE = 'p/ss"w+rd ünd so'
const search = secretSearch(new Map([['TOKEN', VALUE]]))

test.each([
  ['as it is', `a${VALUE}b`],
  ['in JSON', JSON.stringify({ a: `x${VALUE}y` })],
  ['in a URL', `https://x:${encodeURIComponent(VALUE)}@host`],
  ...['', '.', '..', '...'].flatMap(before => [
    [
      `in base64 after ${before.length} bytes`,
      Buffer.from(`${before}${VALUE}z`).toString('base64')
    ],
    [`in base64url after ${before.length}`, Buffer.from(`${before}${VALUE}z`).toString('base64url')]
  ])
])('a secret is found %s', (_how, text) => {
  expect(search(text)).toBe('TOKEN')
  expect(search(Buffer.from(`\0${text}\0`))).toBe('TOKEN')
})

test('another text has none', () => {
  expect(search(VALUE.slice(1))).toBeUndefined()
  expect(search(Buffer.from(VALUE.slice(0, -1)).toString('base64'))).toBeUndefined()
})

test('a value of fewer than 12 characters is no secret', () => {
  const short = secretSearch(
    new Map([
      ['MAX_TOKENS', '1000'],
      ['TOKEN', 'elevenchars']
    ])
  )
  expect(short('1000 elevenchars')).toBeUndefined()
})
