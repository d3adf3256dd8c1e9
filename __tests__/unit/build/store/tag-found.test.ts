import { expect, test } from '@jest/globals'
import type { PlannedDeployments } from '../../../../src/build/deployments.js'
import type { FoundBuild } from '../../../../src/build/load/loaded-build.js'
import { tagFound } from '../../../../src/build/store/tag-found.js'
import { imageLabels } from '../../../../src/image/labels.js'
import { readImage } from '../../../../src/image/oci/read.js'
import { silentLog } from '../../../../src/log.js'
import type { RawOptions } from '../../../../src/options/options.js'
import { DockerStorage } from '../../../../src/storage/docker.js'
import { serveRegistry, when, type RegistryServer } from '../../../helpers/registry-server.js'
import {
  BUILT,
  inputsOf,
  loadedFlow,
  putImage,
  repositoryIn,
  services
} from '../../../helpers/stages.js'

const ORIGIN = { builder: null, why: 'it was built before' }

/** A build whose image a registry has already, under the tag `k`. */
async function found(registry: RegistryServer, raw: RawOptions): Promise<FoundBuild> {
  const storage = new DockerStorage({
    registryUrl: registry.host,
    imageName: 'acme/flows',
    imageTag: 'k'
  })
  storage.addFlow(loadedFlow('one'))
  const repository = await repositoryIn(registry)
  putImage(registry, repository.path, 'k', imageLabels('k', storage.serialize(), BUILT))
  const image = await readImage(repository.client, repository.path, 'k')
  if (image === undefined) throw new Error('no image')
  registry.log.splice(0)
  return {
    kind: 'found',
    inputs: inputsOf(raw),
    found: { key: 'k', repository, image, storage, built: BUILT, origin: ORIGIN }
  }
}

/** Finds an image, and moves its tags. */
const tagged: typeof tagFound = async (...args) => {
  const stored = await tagFound(...args)
  await stored.tagMove.move()
  return stored
}

test('a found image gets its additional tags, and nothing else is written', async () => {
  const registry = await serveRegistry()
  const build = await found(registry, { tags: 'latest\nstable' })
  await tagged(build, services())
  expect(registry.log).toEqual([
    'HEAD /v2/acme/flows/manifests/latest 404',
    'HEAD /v2/acme/flows/manifests/stable 404',
    'PUT /v2/acme/flows/manifests/latest 201',
    'PUT /v2/acme/flows/manifests/stable 201'
  ])
  expect(registry.manifests.get('acme/flows:stable')).toEqual(
    registry.manifests.get('acme/flows:k')
  )
})

test('a found image without additional tags needs no request to the registry', async () => {
  const registry = await serveRegistry()
  const log = silentLog()
  await tagged(await found(registry, {}), services(log))
  expect([registry.log, log.phases]).toEqual([[], []])
})

test('the result of a found image is unchanged and not loaded, and has its names', async () => {
  const registry = await serveRegistry()
  const build = await found(registry, { tags: 'latest' })
  expect(await tagged(build, services())).toEqual({
    tagMove: expect.anything(),
    storage: build.found.storage,
    built: BUILT,
    image: {
      repository: `${registry.host}/acme/flows`,
      name: 'acme/flows',
      tag: 'k',
      digest: build.found.image.digest,
      tags: ['latest'],
      platforms: null,
      attached: []
    },
    repository: build.found.repository,
    changed: false,
    environment: ORIGIN,
    load: null
  })
})

const LABEL = 'io.flowstore.deployments'

/** Deployments of a build, with a word that stands for them. */
const deployments = (word: string) =>
  ({
    document: { word },
    isLabelled: (text: string | null) => text === JSON.stringify({ word })
  }) as unknown as PlannedDeployments

/** The labels of an image in a registry, by its tag or digest. */
async function labelsOf(registry: RegistryServer, reference: string) {
  const { client, path } = await repositoryIn(registry)
  const image = await readImage(client, path, reference)
  return image?.platforms[0]?.config.config?.Labels
}

test('changed deployments are in the labels of the tags, and the image keeps its own tag', async () => {
  const registry = await serveRegistry()
  const build = await found(registry, { tags: 'latest' })
  const { image, changed } = await tagged(build, services(), {
    baseline: undefined,
    deployments: deployments('new')
  })
  expect(registry.log).toEqual([
    'HEAD /v2/acme/flows/manifests/latest 404',
    expect.stringMatching(/^HEAD .* 404$/),
    expect.stringMatching(/^POST .* 202$/),
    expect.stringMatching(/^PUT .* 201$/),
    `PUT /v2/acme/flows/manifests/${image?.digest ?? ''} 201`,
    'PUT /v2/acme/flows/manifests/latest 201'
  ])
  expect([changed, image?.tag, image?.digest]).toEqual([
    false,
    'k',
    (await readImage(build.found.repository.client, 'acme/flows', 'latest'))?.digest
  ])
  const { [LABEL]: added, ...others } = (await labelsOf(registry, 'latest')) ?? {}
  const before = await labelsOf(registry, 'k')
  expect([others, added === undefined]).toEqual([before, false])
})

test('an image with these deployments in its labels is not pushed again', async () => {
  const registry = await serveRegistry()
  const build = await found(registry, { tags: 'latest' })
  const compared = { baseline: undefined, deployments: deployments('new') }
  const first = await tagged(build, services(), compared)
  registry.log.splice(0)
  const baseline = {
    name: `${registry.host}/acme/flows:latest`,
    digest: first.image?.digest ?? '',
    keys: new Map<string, string>(),
    deployments: JSON.stringify({ word: 'new' })
  }
  const second = await tagged(build, services(), { ...compared, baseline })
  expect([second.image, registry.log]).toEqual([
    first.image,
    ['HEAD /v2/acme/flows/manifests/latest 200']
  ])
})

test('without a tag to compare with, changed deployments are in no label', async () => {
  const registry = await serveRegistry()
  const build = await found(registry, {})
  await tagged(build, services(), { baseline: undefined, deployments: deployments('new') })
  expect(registry.log).toEqual([])
})

test('a tag of the option image-tag moves to the labels with changed deployments', async () => {
  const registry = await serveRegistry()
  const build = await found(registry, { 'image-tag': 'k', 'compare-with': 'k' })
  await tagged(build, services(), { baseline: undefined, deployments: deployments('new') })
  expect(await labelsOf(registry, 'k')).toHaveProperty([LABEL])
})

test('a registry that can’t tag a found image is an error that names force', async () => {
  const registry = await serveRegistry(when('PUT /v2/acme/flows/manifests/', { status: 405 }))
  const build = await found(registry, { tags: 'latest' })
  await expect(tagged(build, services())).rejects.toMatchObject({
    code: 'REGISTRY',
    message: expect.stringContaining(
      `the tag latest can't be added to ${registry.host}/acme/flows`
    ),
    hint: 'Set force: true to build and push the image again.'
  })
})

test('a registry that refuses the tag of a found image is an error with its message', async () => {
  const refusal = { status: 403, body: '{"errors":[{"code":"DENIED","message":"read only"}]}' }
  const registry = await serveRegistry(when('PUT /v2/acme/flows/manifests/', refusal))
  const build = await found(registry, { tags: 'latest' })
  await expect(tagged(build, services())).rejects.toMatchObject({
    code: 'PUSH_REFUSED',
    message: expect.stringContaining('read only')
  })
})
