import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { loadResultSchema, PROTOCOL } from '../../../../src/python/protocol/protocol.js'
import { foreignText } from '../../../helpers/foreign-text.js'
import { NOTHING_LOADED, ONE_FLOW } from '../../../helpers/load-results.js'

const VERSIONS = { python: '3.9.18', prefect: '1.4.1+2.gabc', cloudpickle: '3.0.0' }

const isValid = (result: object): boolean =>
  loadResultSchema.safeParse({
    protocol: PROTOCOL,
    action: 'load',
    versions: VERSIONS,
    ...NOTHING_LOADED,
    ...result
  }).success

test('a version is one word', () => {
  expect(isValid({})).toBe(true)
  fc.assert(
    fc.property(foreignText, fc.constantFrom(...Object.keys(VERSIONS)), (text, name) => {
      const isVersion = /^[\w.+!-]+$/.test(text)
      expect(isValid({ versions: { ...VERSIONS, [name]: text } })).toBe(isVersion)
    })
  )
})

test('a slug and an entrypoint, which become parts of paths and commands, can’t leave them', () => {
  fc.assert(
    fc.property(foreignText, text => {
      expect(isValid({ flows: [{ ...ONE_FLOW, slug: text }] })).toBe(/^[a-z0-9-]*$/.test(text))
    })
  )
  for (const path of ['../a.py', '/a.py', 'a/../b.py', 'a\\b.py', 'a\0.py']) {
    expect(isValid({ helpers: [{ file: 'a.py', path }] })).toBe(false)
  }
})

test('a flow has a name', () => {
  expect(isValid({ flows: [ONE_FLOW] })).toBe(true)
  expect(isValid({ flows: [{ ...ONE_FLOW, name: '' }] })).toBe(false)
})
