import { gunzipSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import {
  registrySink,
  type RegistrySinkOptions
} from '../../../../src/image/sinks/registry-sink.js'
import type { FlowImageContent } from '../../../../src/image/sinks/sink.js'
import { silentLog } from '../../../../src/log.js'
import {
  digestOf,
  serveRegistry,
  when,
  type RegistryServer
} from '../../../helpers/registry-server.js'
import { NO_IMAGE_METADATA, plannedImage, repositoryIn } from '../../../helpers/stages.js'

const NAME = { repository: 'registry.test/acme/flows', tag: 'k', tags: ['latest'] }

const CONTENT: FlowImageContent = {
  layer: {
    files: new Map([['/opt/prefect/flows/one.prefect', Buffer.from('pickle of one')]]),
    trees: [],
    flowCount: 1
  },
  labels: { over: 'of the flows' }
}

/** A sink on an environment image of a registry. */
async function sinkOn(registry: RegistryServer, more: Partial<RegistrySinkOptions> = {}) {
  const { environment } = await plannedImage(registry)
  if (environment.location.kind !== 'registry') throw new Error('no image in the registry')
  const sink = registrySink({
    repository: await repositoryIn(registry),
    base: environment.location.image,
    folders: environment.facts.folders,
    metadata: NO_IMAGE_METADATA,
    check: () => Promise.resolve(),
    tagBefore: undefined,
    log: silentLog(),
    ...more
  })
  const publish = async () => {
    const { pushed, tags } = await sink.publish(await sink.assemble(CONTENT), NAME)
    await tags.move()
    return pushed
  }
  return { sink, publish }
}

interface Manifest {
  readonly config: { readonly digest: string }
  readonly layers: readonly { readonly digest: string }[]
}

const manifestOf = (registry: RegistryServer): Manifest =>
  JSON.parse(registry.manifests.get('acme/flows:k')?.body ?? '') as Manifest

const configOf = (registry: RegistryServer) =>
  JSON.parse(String(registry.blobs.get(manifestOf(registry).config.digest))) as {
    readonly config: { readonly Labels: Readonly<Record<string, string>> }
    readonly history: readonly { readonly created_by: string }[]
  }

test('assembling and checking a layer asks the registry nothing', async () => {
  const registry = await serveRegistry()
  const { sink } = await sinkOn(registry)
  await sink.check(await sink.assemble(CONTENT))
  expect(registry.log).toEqual([])
})

test('the check gets the content and the archive that is published', async () => {
  const registry = await serveRegistry()
  const checked: [FlowImageContent, Buffer][] = []
  const check = (content: FlowImageContent, tar: Buffer) =>
    Promise.resolve(void checked.push([content, tar]))
  const { sink } = await sinkOn(registry, { check })
  const assembled = await sink.assemble(CONTENT)
  await sink.check(assembled)
  await (await sink.publish(assembled, NAME)).tags.move()
  const [[content, tar] = []] = checked
  const blob = registry.blobs.get(manifestOf(registry).layers.at(-1)?.digest ?? '')
  expect(content).toBe(CONTENT)
  expect(gunzipSync(blob ?? '').equals(tar ?? Buffer.from(''))).toBe(true)
})

test('the blobs and the manifest are uploaded before the first tag, and the additional tags after it', async () => {
  const registry = await serveRegistry()
  const pushed = await (await sinkOn(registry)).publish()
  const writes = registry.log.filter(line => line.startsWith('PUT '))
  expect(writes.map(line => line.replace(/\?.*/, ''))).toEqual([
    'PUT /v2/acme/flows/blobs/uploads/1',
    'PUT /v2/acme/flows/blobs/uploads/1',
    `PUT /v2/acme/flows/manifests/${pushed?.digest ?? ''} 201`,
    'PUT /v2/acme/flows/manifests/k 201',
    'PUT /v2/acme/flows/manifests/latest 201'
  ])
})

test('the digest is that of the manifest under the image’s tag', async () => {
  const registry = await serveRegistry()
  const digest = await (await sinkOn(registry)).publish()
  expect(digest?.digest).toBe(digestOf(registry.manifests.get('acme/flows:k')?.body ?? ''))
})

test('the labels of the flows override those of the user', async () => {
  const registry = await serveRegistry()
  const metadata = { ...NO_IMAGE_METADATA, labels: { over: 'of the user', kept: '1' } }
  await (await sinkOn(registry, { metadata })).publish()
  expect(configOf(registry).config.Labels).toMatchObject({ over: 'of the flows', kept: '1' })
})

test('the history of the image says how many flows its last layer has', async () => {
  const registry = await serveRegistry()
  await (await sinkOn(registry)).publish()
  expect(configOf(registry).history.at(-1)?.created_by).toMatch(/^flowstore .+: 1 flow$/)
})

test('no additional tag is set if the registry refuses the image’s own', async () => {
  const registry = await serveRegistry(when('PUT /v2/acme/flows/manifests/k', { status: 403 }))
  const { publish } = await sinkOn(registry)
  await expect(publish()).rejects.toMatchObject({ code: 'PUSH_REFUSED' })
  expect(registry.manifests.has('acme/flows:latest')).toBe(false)
})

test.each([
  ['that another push moved during the build gets a warning', 'moved', 1],
  ['that names what it did before the build gets no warning', 'before', 0]
])('a tag %s', async (_what, now, warnings) => {
  const registry = await serveRegistry()
  const log = silentLog()
  const tagBefore = { digest: digestOf('"before"') }
  const { publish } = await sinkOn(registry, { tagBefore, log })
  const type = 'application/vnd.oci.image.manifest.v1+json'
  registry.put('acme/flows', type, JSON.stringify(now), 'k')
  await publish()
  const warning = { level: 'warning', message: expect.stringContaining(':k moved while') }
  expect(log.notices).toEqual(Array(warnings).fill(warning))
})

test('the push succeeds if the registry does not say what the tag named before', async () => {
  const registry = await serveRegistry(
    when('HEAD /v2/acme/flows/manifests/k', { status: 403 }),
    when('GET /v2/acme/flows/manifests/k', { status: 403 })
  )
  const log = silentLog()
  const { publish } = await sinkOn(registry, { tagBefore: { digest: undefined }, log })
  expect((await publish())?.digest).toMatch(/^sha256:/)
  expect(log.notices).toEqual([])
})
