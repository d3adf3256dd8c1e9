import { expect, test } from '@jest/globals'
import * as z from 'zod'
import { sbomOf, type ImageContents } from '../../../../src/image/attestations/sbom.js'

const HEX = 'a'.repeat(64)

const CONTENTS: ImageContents = {
  name: 'ghcr.io/acme/flows',
  tag: 'k1',
  digest: `sha256:${HEX}`,
  created: '2020-01-02T03:04:05Z',
  base: { reference: 'python:3.9', digest: `sha256:${'b'.repeat(64)}` },
  python: '3.9.18',
  platforms: [{ platform: 'linux/amd64', packages: { prefect: '1.4.1', 'my-lib': '1.0+local' } }],
  flowFiles: [{ path: '/opt/prefect/flows/one.prefect', sha256: HEX, flows: ['one'] }],
  isExtended: false
}

/** What CycloneDX 1.6 requires of the fields that are used, and no other field. */
const hashes = z.array(
  z.strictObject({ alg: z.literal('SHA-256'), content: z.string().regex(/^[0-9a-f]{64}$/) })
)
const component = z.strictObject({
  type: z.enum(['application', 'container', 'platform', 'library', 'file']),
  'bom-ref': z.string().min(1),
  name: z.string(),
  version: z.string().optional(),
  hashes: hashes.optional(),
  cpe: z.string().optional(),
  purl: z.string().startsWith('pkg:').optional(),
  properties: z.array(z.strictObject({ name: z.string(), value: z.string() })).optional()
})
const bom = z.strictObject({
  $schema: z.literal('http://cyclonedx.org/schema/bom-1.6.schema.json'),
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.literal('1.6'),
  serialNumber: z
    .string()
    .regex(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
  version: z.literal(1),
  metadata: z.strictObject({
    timestamp: z.iso.datetime().optional(),
    tools: z.strictObject({ components: z.array(component.partial({ 'bom-ref': true })) }),
    component
  }),
  components: z.array(component),
  dependencies: z.array(z.strictObject({ ref: z.string(), dependsOn: z.array(z.string()) })),
  compositions: z.array(
    z.strictObject({ aggregate: z.literal('incomplete'), assemblies: z.array(z.string()) })
  )
})

const read = (more: Partial<ImageContents> = {}) => bom.parse(sbomOf({ ...CONTENTS, ...more }))

test('an SBOM lists base image, Python, packages and the files of flows', () => {
  const { metadata, components } = read()
  expect(metadata.component).toMatchObject({
    name: 'ghcr.io/acme/flows',
    version: `sha256:${HEX}`,
    purl: `pkg:oci/flows@sha256%3A${HEX}?repository_url=ghcr.io%2Facme%2Fflows&tag=k1`
  })
  expect(components).toMatchObject([
    {
      type: 'container',
      name: 'docker.io/library/python',
      version: '3.9',
      hashes: [{ content: 'b'.repeat(64) }]
    },
    { type: 'platform', name: 'python', version: '3.9.18' },
    { type: 'library', name: 'my-lib', purl: 'pkg:pypi/my-lib@1.0%2Blocal' },
    { type: 'library', name: 'prefect', version: '1.4.1', purl: 'pkg:pypi/prefect@1.4.1' },
    {
      type: 'file',
      name: '/opt/prefect/flows/one.prefect',
      hashes: [{ content: HEX }],
      properties: [{ name: 'flowstore:flow', value: 'one' }]
    }
  ])
})

test('each reference is of one component', () => {
  const { components, metadata, dependencies, compositions } = read()
  const refs = [metadata.component, ...components].map(each => each['bom-ref'])
  expect(new Set(refs).size).toBe(refs.length)
  expect(dependencies).toEqual([{ ref: 'image', dependsOn: refs.slice(1) }])
  expect(refs).toEqual(expect.arrayContaining(compositions.flatMap(each => each.assemblies)))
})

test('a package that some platform lacks names its platforms', () => {
  const { components } = read({
    platforms: [
      { platform: 'linux/amd64', packages: { prefect: '1.4.1', numpy: '1.26.4' } },
      { platform: 'linux/arm64', packages: { prefect: '1.4.1', numpy: '2.0.2' } }
    ]
  })
  const packages = components.filter(({ type }) => type === 'library')
  expect(
    packages.map(({ purl, properties }) => [purl, properties?.map(each => each.value)])
  ).toEqual([
    ['pkg:pypi/numpy@1.26.4', ['linux/amd64']],
    ['pkg:pypi/numpy@2.0.2', ['linux/arm64']],
    ['pkg:pypi/prefect@1.4.1', undefined]
  ])
})

test('what an SBOM can’t list, it says', () => {
  expect(read().compositions).toEqual([{ aggregate: 'incomplete', assemblies: ['base-image'] }])
  expect(read({ isExtended: true }).compositions).toEqual([
    { aggregate: 'incomplete', assemblies: ['base-image', 'image'] }
  ])
})

test('an image that is in no registry, on a base that is in none, has an SBOM too', () => {
  const { metadata, components } = read({
    digest: null,
    created: null,
    base: { reference: 'flowstore-base:1f2e', digest: undefined },
    flowFiles: [{ path: '/flow', sha256: null, flows: ['one'] }]
  })
  expect([metadata.component.version, metadata.component.hashes]).toEqual(['k1', undefined])
  expect([components[0]?.name, components[0]?.purl]).toEqual(['flowstore-base:1f2e', undefined])
})

test('the same image gives the same SBOM, and another one another number', () => {
  expect(read()).toEqual(read())
  expect(read({ python: '3.9.19' }).serialNumber).not.toBe(read().serialNumber)
})
