import { expect, test } from '@jest/globals'
import {
  isRepository,
  isTag,
  parseReference,
  toRepository
} from '../../../src/registry/reference.js'

const DIGEST = `sha256:${'a'.repeat(64)}`

test.each([
  ['python', 'docker.io', 'library/python', 'latest', undefined],
  ['python:3.6', 'docker.io', 'library/python', '3.6', undefined],
  ['prefecthq/prefect:1.4.1', 'docker.io', 'prefecthq/prefect', '1.4.1', undefined],
  ['localhost/x', 'localhost', 'x', 'latest', undefined],
  ['127.0.0.1:5000/a/b:t', '127.0.0.1:5000', 'a/b', 't', undefined],
  [`ghcr.io/acme/x@${DIGEST}`, 'ghcr.io', 'acme/x', undefined, DIGEST],
  [`ghcr.io/acme/x:t@${DIGEST}`, 'ghcr.io', 'acme/x', 't', DIGEST]
])('%s is parsed as Docker does', (text, registry, repository, tag, digest) => {
  expect(parseReference(text)).toEqual({ registry, repository, tag, digest })
})

test.each(['', 'A', 'a b', 'a:', 'a:-x', 'a@sha', 'ghcr.io/', 'a//b', '-a', 'r io/x'])(
  '%j is not a reference',
  text => {
    expect(() => parseReference(text)).toThrow(
      expect.objectContaining({ code: 'INVALID_REFERENCE' })
    )
  }
)

test.each([
  ['My Repo', 'my-repo'],
  ['Acme/Flows_2', 'acme/flows_2'],
  ['--x--', 'x'],
  ['a..b', 'a-b'],
  ['日本', 'flows']
])('the nearest repository to %s is %s', (text, repository) => {
  expect(toRepository(text)).toBe(repository)
  expect(isRepository(repository)).toBe(true)
})

test('a tag has up to 128 characters', () => {
  expect([isTag('x'.repeat(128)), isTag('x'.repeat(129)), isTag('.x')]).toEqual([
    true,
    false,
    false
  ])
})
