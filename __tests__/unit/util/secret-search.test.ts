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

test('a secret of bytes that are no text is found as it is, and in base64', () => {
  const bytes = Buffer.from('ff00fe01fd02fc03fb04fa05f906', 'hex')
  const find = secretSearch(new Map([['KEY', bytes]]))
  const around = Buffer.concat([Buffer.from('ab'), bytes, Buffer.from('c')])
  expect([find(around), find(around.toString('base64')), find(bytes.subarray(1))]).toEqual([
    ...['KEY', 'KEY'],
    undefined
  ])
})

test('of many secrets each is found, wherever it lies', () => {
  const values = Array.from(
    { length: 40 },
    (_each, index) => `${index}-secret-of-${'x'.repeat(index)}`
  )
  const find = secretSearch(new Map(values.map(value => [value, value])))
  for (const [index, value] of values.entries()) {
    const text = `${'x'.repeat(index)}${value}${'-secret-of'.repeat(index % 3)}`
    const base64 = Buffer.from(text).toString('base64')
    expect([find(text), find(base64), find(text.slice(0, index))]).toEqual([
      value,
      value,
      undefined
    ])
  }
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
