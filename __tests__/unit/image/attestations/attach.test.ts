import { expect, test } from '@jest/globals'
import { attachDocuments } from '../../../../src/image/attestations/attach.js'
import { parseIndex } from '../../../../src/image/oci/documents.js'
import {
  digestOf,
  serveRegistry,
  when,
  type RegistryServer,
  type Rule
} from '../../../helpers/registry-server.js'
import { putImage, repositoryIn } from '../../../helpers/stages.js'

const DOCUMENT = {
  artifactType: 'application/vnd.test+json',
  name: 'test.json',
  content: '{"a":1}'
}
const OTHER = { ...DOCUMENT, artifactType: 'application/vnd.other+json', content: '{"b":2}' }

interface Options {
  readonly hasReferrers?: boolean
  readonly rules?: readonly Rule[]
}

/** An image in a registry, and documents for it. */
async function attaching({ hasReferrers = false, rules = [] }: Options = {}) {
  const registry = await serveRegistry(...rules)
  registry.hasReferrers = hasReferrers
  const repository = await repositoryIn(registry)
  const digest = putImage(registry, repository.path, 'k', {})
  const subject = await repository.client.manifest(repository.path, digest)
  if (subject === undefined) throw new Error('no image')
  registry.log.splice(0)
  const attach = (...documents: readonly (typeof DOCUMENT)[]) =>
    attachDocuments(repository, subject, documents)
  return { registry, repository, digest, attach }
}

interface Manifest {
  readonly artifactType: string
  readonly config: { readonly digest: string }
  readonly layers: readonly { readonly digest: string; readonly mediaType: string }[]
  readonly subject: { readonly digest: string; readonly size: number }
}

const manifestIn = ({ manifests }: RegistryServer, digest: string): Manifest =>
  JSON.parse(manifests.get(`acme/flows@${digest}`)?.body ?? '') as Manifest

const writes = ({ log }: RegistryServer) => log.filter(line => /^(POST|PUT|DELETE) /.test(line))

test('a document is an artifact whose subject is the image', async () => {
  const { registry, digest, attach } = await attaching({ hasReferrers: true })
  const { attached, move } = attach(DOCUMENT)
  await move.move()
  const manifest = manifestIn(registry, attached[0]?.digest ?? '')
  expect(manifest).toMatchObject({
    artifactType: DOCUMENT.artifactType,
    layers: [{ mediaType: DOCUMENT.artifactType, digest: digestOf(DOCUMENT.content) }],
    subject: { digest }
  })
  expect(String(registry.blobs.get(manifest.config.digest))).toBe('{}')
  expect(String(registry.blobs.get(manifest.layers[0]?.digest ?? ''))).toBe(DOCUMENT.content)
})

test('a registry that lists referrers gets no tag', async () => {
  const { registry, repository, digest, attach } = await attaching({ hasReferrers: true })
  const { attached, move } = attach(DOCUMENT)
  await move.move()
  expect([...registry.manifests.keys()].filter(name => name.includes(':sha256-'))).toEqual([])
  const listed = await repository.client.referrers(repository.path, digest)
  expect(listed?.map(each => each.digest)).toEqual(attached.map(each => each.digest))
})

test('a registry that does not list them gets the tag of the image’s digest', async () => {
  const { registry, repository, digest, attach } = await attaching()
  const { attached, move } = attach(DOCUMENT, OTHER)
  await move.move()
  const tag = digest.replace(':', '-')
  const index = await repository.client.manifest(repository.path, tag)
  expect(index && parseIndex(index).manifests).toMatchObject(
    attached.map(({ artifactType, digest: one }) => ({
      artifactType,
      digest: one,
      size: registry.manifests.get(`acme/flows@${one}`)?.body.length
    }))
  )
})

test('the tag keeps what others attached', async () => {
  const { repository, digest, attach } = await attaching()
  await attach(DOCUMENT).move.move()
  await attach(OTHER).move.move()
  const index = await repository.client.manifest(repository.path, digest.replace(':', '-'))
  expect(index && parseIndex(index).manifests.map(each => each['artifactType'])).toEqual([
    DOCUMENT.artifactType,
    OTHER.artifactType
  ])
})

test.each([true, false])(
  'nothing is attached twice (list of referrers: %s)',
  async hasReferrers => {
    const { registry, attach } = await attaching({ hasReferrers })
    await attach(DOCUMENT).move.move()
    registry.log.splice(0)
    await attach(DOCUMENT).move.move()
    expect(writes(registry)).toEqual([])
  }
)

test('the tag is put back, and what was attached before stays', async () => {
  const { registry, repository, digest, attach } = await attaching()
  const tag = digest.replace(':', '-')
  const first = attach(DOCUMENT)
  await first.move.move()
  const before = await repository.client.digest(repository.path, tag)
  const second = attach(OTHER)
  await second.move.move()
  expect((await second.move.putBack()).remains).toEqual([])
  expect(await repository.client.digest(repository.path, tag)).toBe(before)
  expect((await first.move.putBack()).remains).toEqual([])
  expect(registry.manifests.has(`acme/flows:${tag}`)).toBe(false)
})

test('a document that the registry refuses fails, and leaves no tag', async () => {
  const { registry, digest, attach } = await attaching({
    rules: [when(/^PUT .*\/manifests\/sha256:/, { status: 403 })]
  })
  const { move } = attach(DOCUMENT)
  await expect(move.move()).rejects.toMatchObject({ code: 'PUSH_REFUSED' })
  expect((await move.putBack()).remains).toEqual([])
  expect(registry.manifests.has(`acme/flows:${digest.replace(':', '-')}`)).toBe(false)
})
