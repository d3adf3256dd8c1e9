import { expect, test } from '@jest/globals'
import * as z from 'zod'
import {
  provenanceOf,
  provenanceStatement,
  type BuildFacts
} from '../../../../src/image/attestations/provenance.js'

const HEX = 'a'.repeat(64)

const FACTS: BuildFacts = {
  parameters: { flows: ['flows/'] },
  key: 'k1',
  origin: {
    source: 'https://github.com/acme/flows',
    revision: '0'.repeat(40),
    created: new Date(0),
    version: undefined,
    builder: 'https://github.com/acme/flows/.github/workflows/build.yml@refs/heads/main'
  },
  base: { reference: 'python:3.9', digest: `sha256:${HEX}` },
  environment: { reference: 'ghcr.io/acme/flows:env-1', digest: `sha256:${HEX}` },
  files: [{ path: 'requirements.txt', sha256: HEX }]
}

/** What in-toto's statement and SLSA's provenance require, and no other field. */
const resource = z
  .strictObject({
    name: z.string().optional(),
    uri: z.string().optional(),
    digest: z.record(z.string(), z.string().regex(/^[0-9a-f]+$/)).optional()
  })
  .refine(({ uri, digest }) => uri !== undefined || digest !== undefined)
const statement = z.strictObject({
  _type: z.literal('https://in-toto.io/Statement/v1'),
  subject: z
    .array(z.strictObject({ name: z.string(), digest: z.strictObject({ sha256: z.string() }) }))
    .min(1),
  predicateType: z.literal('https://slsa.dev/provenance/v1'),
  predicate: z.strictObject({
    buildDefinition: z.strictObject({
      buildType: z.url(),
      externalParameters: z.record(z.string(), z.unknown()),
      internalParameters: z.record(z.string(), z.unknown()),
      resolvedDependencies: z.array(resource)
    }),
    runDetails: z.strictObject({
      builder: z.strictObject({ id: z.url(), version: z.record(z.string(), z.string()) })
    })
  })
})

const statementOf = (facts: BuildFacts) =>
  statement.parse(provenanceStatement(provenanceOf(facts), 'ghcr.io/acme/flows', `sha256:${HEX}`))

test('a statement names the image by its digest, and what it was built from', () => {
  const { subject, predicate } = statementOf(FACTS)
  expect(subject).toEqual([{ name: 'ghcr.io/acme/flows', digest: { sha256: HEX } }])
  expect(predicate.buildDefinition).toMatchObject({
    externalParameters: { flows: ['flows/'] },
    internalParameters: { key: 'k1' },
    resolvedDependencies: [
      {
        name: 'source',
        uri: 'git+https://github.com/acme/flows',
        digest: { gitCommit: '0'.repeat(40) }
      },
      {
        name: 'base image',
        uri: `pkg:oci/python@sha256%3A${HEX}?repository_url=docker.io%2Flibrary%2Fpython&tag=3.9`,
        digest: { sha256: HEX }
      },
      { name: 'environment image', digest: { sha256: HEX } },
      { name: 'requirements.txt', digest: { sha256: HEX } }
    ]
  })
  expect(predicate.runDetails.builder.id).toBe(FACTS.origin.builder)
})

test('a build of which little is known has a statement too', () => {
  const { predicate } = statementOf({
    parameters: {},
    key: 'k',
    origin: {
      source: undefined,
      revision: undefined,
      created: undefined,
      version: undefined,
      builder: undefined
    },
    base: undefined,
    environment: undefined,
    files: []
  })
  expect(predicate.buildDefinition.resolvedDependencies).toEqual([])
  expect(predicate.runDetails.builder.id).toMatch(/#builder$/)
})

test('the same build has the same statement at any time', () => {
  expect(JSON.stringify(statementOf(FACTS))).toBe(JSON.stringify(statementOf(FACTS)))
  expect(JSON.stringify(statementOf(FACTS))).not.toMatch(/startedOn|finishedOn|invocationId/)
})
