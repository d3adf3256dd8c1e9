import { expect, test } from '@jest/globals'
import { describingLabels, fullReference } from '../../../src/image/metadata.js'

const ORIGIN = {
  source: 'https://github.com/acme/flows',
  revision: '0'.repeat(40),
  created: new Date('2020-01-02T03:04:05.678Z'),
  version: '1.4.2',
  builder: undefined
}

test('the labels of OCI name source, commit, time, version, title and base image', () => {
  const digest = `sha256:${'a'.repeat(64)}`
  const base = { reference: 'python:3.9', digest }
  const labels = describingLabels({ origin: ORIGIN, imageName: 'acme/flows', tag: 'k', base })
  expect(labels).toEqual({
    'org.opencontainers.image.source': 'https://github.com/acme/flows',
    'org.opencontainers.image.revision': '0'.repeat(40),
    'org.opencontainers.image.created': '2020-01-02T03:04:05Z',
    'org.opencontainers.image.version': '1.4.2',
    'org.opencontainers.image.title': 'flows',
    'org.opencontainers.image.base.name': 'docker.io/library/python:3.9',
    'org.opencontainers.image.base.digest': digest
  })
})

test('what is not known has no label, and the version is the tag of the image', () => {
  const origin = {
    source: undefined,
    revision: undefined,
    created: undefined,
    version: undefined,
    builder: undefined
  }
  expect(describingLabels({ origin, imageName: 'flows', tag: 'k', base: undefined })).toEqual({
    'org.opencontainers.image.version': 'k',
    'org.opencontainers.image.title': 'flows'
  })
})

test.each([
  ['python:3.9', 'docker.io/library/python:3.9'],
  ['ghcr.io/acme/base', 'ghcr.io/acme/base:latest'],
  [`ghcr.io/acme/base@sha256:${'a'.repeat(64)}`, 'ghcr.io/acme/base']
])('the full reference of %s is %s', (reference, full) => {
  expect(fullReference(reference)).toBe(full)
})
