import { expect, test } from '@jest/globals'
import { covers, parseChallenge } from '../../../../src/registry/auth/challenge.js'

const BEARER = {
  scheme: 'bearer',
  realm: 'https://a/token',
  service: '',
  scopes: [],
  error: undefined
}

test.each([
  ['Basic realm="x"', { scheme: 'basic' }],
  ['basic', { scheme: 'basic' }],
  ['Bearer realm="https://a/token",service="it"', { ...BEARER, service: 'it' }],
  ['bearer realm=https://a/token', BEARER],
  ['Basic realm="x", Bearer realm="https://a/token"', BEARER],
  [
    'Bearer realm="https://a/token",scope="repository:a:pull repository:b:pull,push",error="insufficient_scope"',
    {
      ...BEARER,
      scopes: ['repository:a:pull', 'repository:b:pull,push'],
      error: 'insufficient_scope'
    }
  ],
  ['Bearer realm="https://a/token",scope="odd"', BEARER],
  ['Bearer service="it"', undefined],
  ['Negotiate', undefined],
  [null, undefined]
])('the header %j is a challenge', (header, challenge) => {
  expect(parseChallenge(header)).toEqual(challenge)
})

test.each([
  ['repository:a:pull,push', 'repository:a:pull', true],
  ['repository:a:pull', 'repository:a:pull,push', false],
  ['repository:a:pull', 'repository:b:pull', false],
  ['repository:host:5000/a:pull', 'repository:host:5000/a:pull', true]
])('whether %s covers %s: %j', (scope, asked, expected) => {
  expect(covers(scope, asked)).toBe(expected)
})
