import { expect, test } from '@jest/globals'
import { append } from '../../../../src/image/oci/append.js'
import { gzipLayer } from '../../../../src/image/oci/compressed-layer.js'
import { indexOf, platformDigests } from '../../../../src/image/oci/index-of.js'
import { readNamed, readPlatforms } from '../../../../src/image/oci/read.js'
import { tagManifest, writeImage } from '../../../../src/image/oci/write.js'
import { lookUpImage } from '../../../../src/image/repository.js'
import { OWN_PLATFORM } from '../../../../src/util/platform.js'
import { OCI, imageConfig, putImage, read, registryWithClient } from '../../../helpers/images.js'
import { repositoryIn } from '../../../helpers/stages.js'

/** A registry with an index of two platforms under `a:both`. */
async function withIndex() {
  const { registry, client } = await registryWithClient()
  for (const name of ['amd64', 'arm64']) putImage(registry, OCI, name, imageConfig(name))
  const images = [await read(client, 'amd64'), await read(client, 'arm64')]
  const index = indexOf(images.map(({ own }) => own))
  await tagManifest(client, 'a', index.manifest, 'both')
  registry.log.splice(0)
  return { registry, client, index }
}

test('an index names the manifest of each platform', async () => {
  const { client, index } = await withIndex()
  expect(platformDigests(index)).toEqual([
    { platform: 'linux/amd64', digest: (await read(client, 'amd64')).digest },
    { platform: 'linux/arm64', digest: (await read(client, 'arm64')).digest }
  ])
})

test('an image without an index has no platforms to name', async () => {
  const { client } = await withIndex()
  expect(platformDigests(await read(client, 'amd64'))).toEqual([])
})

test('one request more than for an image reads an index, for this machine’s platform', async () => {
  const { registry, client } = await withIndex()
  const named = await readNamed(client, 'a', 'both')
  expect(`linux/${String(named?.own.config['architecture'])}`).toBe(OWN_PLATFORM)
  expect(registry.log).toHaveLength(3)
})

test('a layer goes onto the image of every platform, and its tags name an index', async () => {
  const { client } = await withIndex()
  const named = await readNamed(client, 'a', 'both')
  if (named === undefined) throw new Error('no index')
  const whole = await readPlatforms(client, 'a', named)
  const layer = { layer: await gzipLayer(Buffer.from('flows')), createdBy: 'flowstore' }
  const options = { labels: { mine: '1' }, created: new Date(0) }
  const appended = append(whole, layer, options)
  await writeImage(client, 'a', appended)
  await tagManifest(client, 'a', appended.manifest, 'v1')
  const pushed = await read(client, 'v1')
  expect(pushed.mediaType).toBe(OCI.index)
  expect(
    pushed.platforms.map(({ config }) => [config['architecture'], config.config?.Labels?.['mine']])
  ).toEqual([
    ['amd64', '1'],
    ['arm64', '1']
  ])
})

test('an index whose image was deleted counts as absent, with the reason', async () => {
  const { registry } = await withIndex()
  for (const key of registry.manifests.keys()) {
    if (key.startsWith('a@') && !registry.manifests.get(key)?.body.includes('"manifests"')) {
      registry.manifests.delete(key)
    }
  }
  const repository = { ...(await repositoryIn(registry)), path: 'a' }
  expect(await lookUpImage(repository, 'both')).toEqual({
    kind: 'absent',
    why: expect.stringMatching(/lacks sha256:\w+ of the index/)
  })
})
