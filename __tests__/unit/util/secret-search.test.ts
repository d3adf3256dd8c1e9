import { expect, test } from '@jest/globals'
import { secretLines, secretSearch } from '../../../src/util/secret-search.js'

/** What is found for these secrets in a content. */
const searchOf = (secrets: readonly (readonly [string, string | Buffer])[]) => {
  const find = secretSearch(new Map(secrets))
  return (content: string | Buffer) => find?.(content)
}

const VALUE = 'p/ss"w+rd ünd so'
const search = searchOf([['TOKEN', VALUE]])

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
  const find = searchOf([['KEY', bytes]])
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
  const find = searchOf(values.map(value => [value, value]))
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
  const short = new Map([
    ['MAX_TOKENS', '1000'],
    ['TOKEN', 'elevenchars']
  ])
  expect(secretSearch(short)).toBeUndefined()
})

test('a log must not show a line of a secret that is long enough to be one', () => {
  const file = Buffer.from('-----BEGIN KEY-----\r\nMIIEpAIBAAKC\n  short\n-----BEGIN KEY-----\n')
  expect(secretLines([file, 'one-line-alone', 'elevenchars', Buffer.alloc(20, 0xff)])).toEqual([
    '-----BEGIN KEY-----',
    'MIIEpAIBAAKC',
    'one-line-alone'
  ])
})
