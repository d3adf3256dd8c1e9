import { expect, test } from '@jest/globals'
import {
  familiarName,
  isRepository,
  isSameRepository,
  isTag,
  lowerPrefix,
  parseReference,
  referenceText,
  toRepository,
  withLowerPath,
  withTag
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

test.each([
  '',
  'A',
  'a b',
  'a:',
  'a:-x',
  'a@sha',
  'a@sha256:1',
  'ghcr.io/',
  'a//b',
  '-a',
  'r io/x'
])('%j is not a reference', text => {
  expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: 'INVALID_REFERENCE' }))
})

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

test.each([
  ['python', 'python:latest'],
  ['docker.io/library/python:3.6', 'python:3.6'],
  ['prefecthq/prefect:1.4.1', 'prefecthq/prefect:1.4.1'],
  ['127.0.0.1:5000/a/b:t', '127.0.0.1:5000/a/b:t'],
  [`ghcr.io/acme/x@${DIGEST}`, `ghcr.io/acme/x@${DIGEST}`],
  [`ghcr.io/acme/x:t@${DIGEST}`, `ghcr.io/acme/x:t@${DIGEST}`]
])('%s is written as %s', (text, written) => {
  expect(referenceText(parseReference(text))).toBe(written)
})

test.each(['python', 'acme/flows', 'library/a/b', 'ghcr.io/acme/flows', '127.0.0.1:5000/x'])(
  'the familiar name %s names the same repository',
  name => {
    const reference = parseReference(name)
    expect(familiarName(reference)).toBe(name)
  }
)

test('a reference with another tag keeps the repository and drops the digest', () => {
  const tagged = withTag(parseReference(`ghcr.io/acme/x:t@${DIGEST}`), 'u')
  expect(referenceText(tagged)).toBe('ghcr.io/acme/x:u')
})

test.each([
  ['python:3.9', 'docker.io/library/python:3.6', true],
  ['python', 'acme/python', false],
  ['ghcr.io/a', 'gcr.io/a', false]
])('whether %s and %s are the same repository: %j', (one, other, same) => {
  expect(isSameRepository(parseReference(one), parseReference(other))).toBe(same)
})

test.each([
  ['GHCR.io/Acme/Base:V1', 'GHCR.io/acme/base:V1'],
  ['localhost:5000/Team', 'localhost:5000/team'],
  ['Acme/Base', 'acme/base'],
  [`Base@${DIGEST}`, `base@${DIGEST}`],
  ['A:B:c', 'a:b:c']
])('in lower case, the path of %s is %s', (text, lowered) => {
  expect(withLowerPath(text)).toBe(lowered)
})

test.each([
  ['ghcr.io', 'ghcr.io'],
  ['GHCR.io/Acme', 'GHCR.io/acme'],
  ['[::1]:5000', '[::1]:5000'],
  ['Acme', 'acme']
])('in lower case, the registry %s is %s', (text, lowered) => {
  expect(lowerPrefix(text)).toBe(lowered)
})
