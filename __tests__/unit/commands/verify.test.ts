import { expect, test } from '@jest/globals'
import type { Verification } from '../../../src/build/verify.js'
import { parseVerify, verificationError, verificationText } from '../../../src/commands/verify.js'

test('a storage or an image is verified with a healthcheck, unless it is turned off', () => {
  expect(parseVerify(['storage.json'])).toMatchObject({ target: 'storage.json', healthcheck: true })
  expect(parseVerify(['ghcr.io/acme/flows:1', '--no-healthcheck', '--json'])).toMatchObject({
    target: 'ghcr.io/acme/flows:1',
    healthcheck: false,
    json: true
  })
})

test.each([
  [[], 'flowstore verify takes one storage.json or image'],
  [['a', 'b'], 'flowstore verify takes one storage.json or image'],
  [['a', '--healthchek'], "there is no option '--healthchek'"]
])('%j is refused', (args, words) => {
  expect(() => parseVerify(args)).toThrow(words)
})

const GOOD: Verification = {
  image: 'ghcr.io/acme/flows@sha256:1',
  facts: [{ name: 'digest', ok: true, found: 'sha256:1: the tag x names it' }],
  flows: [
    { name: 'etl', location: '/etl.prefect', file: 'recorded', failure: '' },
    { name: 'older', location: '/older.prefect', file: 'unknown', failure: null }
  ],
  ok: true
}

test('a table has a row for each thing that was looked at', () => {
  expect(verificationText(GOOD).split('\n')).toEqual([
    'ghcr.io/acme/flows@sha256:1',
    '  ok    digest  sha256:1: the tag x names it',
    '  ok    etl     /etl.prefect: as it was built, loads back',
    '  ok    older   /older.prefect: there; an older version of flowstore recorded no hash'
  ])
  expect(verificationError(GOOD)).toBeUndefined()
})

test('everything that is wrong is in the error, and the first in its message', () => {
  const [etl, older] = GOOD.flows
  const bad: Verification = {
    ...GOOD,
    flows: [
      { ...(etl as (typeof GOOD.flows)[number]), file: 'differs' },
      { ...(older as (typeof GOOD.flows)[number]), failure: 'ValueError: 1' }
    ],
    ok: false
  }
  expect(verificationText(bad)).toContain('  FAIL  older   ')
  expect(verificationError(bad)).toMatchObject({
    code: 'VERIFICATION',
    exitCode: 5,
    message: expect.stringContaining('flow "etl" is another file than the one that was built'),
    detail: expect.stringContaining('flow "older" does not load back: ValueError: 1')
  })
})
