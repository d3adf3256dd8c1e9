import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import type { PlannedImage } from '../../../../src/build/look-up.js'
import { putInImage, type ImageToStore } from '../../../../src/build/store/put-in-image.js'
import { FlowstoreError } from '../../../../src/errors.js'
import { readImageLabels } from '../../../../src/image/labels.js'
import { silentLog } from '../../../../src/log.js'
import { DockerStorage } from '../../../../src/storage/docker.js'
import { secretSearch } from '../../../../src/util/secret-search.js'
import { repository } from '../../../helpers/flowstore.js'
import { serveRegistry, type RegistryServer } from '../../../helpers/registry-server.js'
import { loadedFlow, NO_IMAGE_METADATA, plannedImage } from '../../../helpers/stages.js'

async function store(
  registry: RegistryServer,
  more: Partial<ImageToStore> = {},
  planned: Partial<PlannedImage> = {}
): Promise<ImageToStore> {
  const storage = new DockerStorage({
    registryUrl: registry.host,
    imageName: 'acme/flows',
    imageTag: 'k'
  })
  storage.addFlow(loadedFlow('one'))
  return {
    storage,
    planned: { ...(await plannedImage(registry)), ...planned },
    trees: [],
    metadata: NO_IMAGE_METADATA,
    record: null,
    root: '/work',
    findSecret: undefined,
    tags: ['latest'],
    assemble: 'auto',
    healthcheck: true,
    checkLayer: () => Promise.resolve(),
    layerCheckedIn: 'image',
    onChecked: () => undefined,
    ...more
  }
}

const writes = ({ log }: RegistryServer): string[] =>
  log.filter(line => /^(POST|PUT) /.test(line)).map(line => line.replace(/\?.*/, ''))

test('flows are checked before anything is written to the registry', async () => {
  const registry = await serveRegistry()
  const events: string[] = []
  const note = (event: string) => () => void events.push(`${event}, ${writes(registry).length}`)
  await putInImage(
    await store(registry, {
      checkLayer: () => Promise.resolve(note('check')()),
      onChecked: note('checked')
    })
  )
  expect(events).toEqual(['check, 0', 'checked, 0'])
})

test('the tags are set last, beginning with the key’s own tag', async () => {
  const registry = await serveRegistry()
  const { pushed, tags } = await putInImage(await store(registry))
  expect(registry.manifests.has('acme/flows:k')).toBe(false)
  await tags.move()
  expect(writes(registry).slice(-2)).toEqual([
    'PUT /v2/acme/flows/manifests/k 201',
    'PUT /v2/acme/flows/manifests/latest 201'
  ])
  expect(registry.manifests.has(`acme/flows@${pushed?.digest ?? ''}`)).toBe(true)
})

test('the result names each flow with its module', async () => {
  const { built } = await putInImage(await store(await serveRegistry()))
  expect(built.flows).toEqual([expect.objectContaining({ name: 'one', module: 'a.py' })])
})

test('the labels of the image hold the result of its build', async () => {
  const registry = await serveRegistry()
  const { built, tags } = await putInImage(await store(registry))
  await tags.move()
  const { config } = JSON.parse(registry.manifests.get('acme/flows:k')?.body ?? '') as {
    config: { digest: string }
  }
  const image = JSON.parse(String(registry.blobs.get(config.digest))) as {
    config: { Labels: Record<string, string> }
  }
  expect(readImageLabels(image.config.Labels, 'k')?.built).toEqual(built)
})

test('nothing is written to the registry if a flow does not load back', async () => {
  const registry = await serveRegistry()
  const checkLayer = () => Promise.reject(new FlowstoreError('HEALTHCHECK', 'no'))
  const failing = await store(registry, { checkLayer })
  await expect(putInImage(failing)).rejects.toMatchObject({ code: 'HEALTHCHECK' })
  expect(writes(registry)).toEqual([])
})

test('no flow is read back without a healthcheck', async () => {
  const registry = await serveRegistry()
  const checkLayer = () => Promise.reject(new Error('asked'))
  expect(
    (await putInImage(await store(registry, { healthcheck: false, checkLayer }))).pushed?.digest
  ).toMatch(/^sha256:/)
})

test.each<[string, Partial<ImageToStore>, string | null]>([
  ['in the image', {}, 'image'],
  ['on the runner', { layerCheckedIn: 'runner' }, 'runner'],
  ['not at all', { healthcheck: false }, null]
])('the result says that flows were read back %s', async (_where, more, checkedIn) => {
  const { built } = await putInImage(await store(await serveRegistry(), more))
  expect(built.checkedIn).toBe(checkedIn)
})

test('with require-check: image, the daemon builds an image whose flows were loaded on the runner', async () => {
  const registry = await serveRegistry()
  const more = { layerCheckedIn: 'runner', requireCheck: 'image' } as const
  await expect(putInImage(await store(registry, more))).rejects.toMatchObject({ code: 'DAEMON' })
  await expect(
    putInImage(await store(registry, { ...more, assemble: 'append' }))
  ).rejects.toMatchObject({
    message: expect.stringContaining(
      "require-check is 'image', and the flows were loaded on the runner"
    )
  })
  expect(writes(registry)).toEqual([])
})

test.each<[string, Partial<ImageToStore>, Partial<PlannedImage>]>([
  ['the image is not pushed', {}, { registry: { kind: 'none' } }],
  ['the environment image is not in the registry', {}, { environment: undefined as never }]
])('assemble: append is refused if %s', async (reason, more, planned) => {
  const registry = await serveRegistry()
  const base = await plannedImage(registry)
  const environment = { ...base.environment, location: { kind: 'daemon' } as const }
  const changed = 'environment' in planned ? { environment } : planned
  const asked = await store(registry, { assemble: 'append', ...more }, changed)
  await expect(putInImage(asked)).rejects.toMatchObject({
    code: 'REGISTRY',
    message: `the flows can't be added to the environment image: ${reason}`
  })
  expect(writes(registry)).toEqual([])
})

test('the daemon builds the image if it can’t be appended, and the log says why', async () => {
  const registry = await serveRegistry()
  const log = silentLog()
  const lines: string[] = []
  const recording = Object.assign(log, { info: (line: string) => lines.push(line) })
  const planned = await plannedImage(registry, recording)
  const environment = {
    ...planned.environment,
    facts: { ...planned.environment.facts, late: ['RUN ls /opt/prefect'] }
  }
  await expect(
    putInImage(await store(registry, {}, { ...planned, environment }))
  ).rejects.toMatchObject({ code: 'DAEMON' })
  expect(lines).toEqual([
    'The daemon builds the image: extra-dockerfile-commands run after the flows'
  ])
})

test('a tag that another push moved during the build gets a warning', async () => {
  const registry = await serveRegistry()
  const log = silentLog()
  const planned = await plannedImage(registry, log)
  registry.put('acme/flows', 'application/vnd.oci.image.manifest.v1+json', '{"moved": true}', 'k')
  await putInImage(await store(registry, {}, { ...planned, tagBefore: { digest: undefined } }))
  expect(log.notices).toEqual([
    { level: 'warning', message: expect.stringContaining('moved while this image was built') }
  ])
})

test.each([
  ['flow "two"', { flow: Buffer.from('a pickle with s3cret-t0ken-1234') }],
  ['the file /opt/flowstore/conf.yaml of the image', { file: 'password: s3cret-t0ken-1234' }],
  ['deployments.json', { deployments: '{"env": "s3cret-t0ken-1234"}' }],
  ['the label team', { label: Buffer.from('x:s3cret-t0ken-1234').toString('base64') }]
])(
  'a secret in %s ends the run before anything is pushed',
  async (
    where,
    {
      flow,
      file,
      deployments,
      label
    }: Partial<Record<'file' | 'deployments' | 'label', string>> & { flow?: Buffer }
  ) => {
    const registry = await serveRegistry()
    const root = repository({ 'conf.yaml': file ?? '' })
    const source = { source: join(root, 'conf.yaml'), path: 'conf.yaml', size: (file ?? '').length }
    const image = await store(registry, {
      findSecret: secretSearch(new Map([['the secret TOKEN', 's3cret-t0ken-1234']])),
      trees: file === undefined ? [] : [{ folder: '/opt/flowstore', files: [source] }],
      ...(deployments === undefined ? {} : { deployments })
    })
    if (flow !== undefined) image.storage.addFlow(loadedFlow('two', { bytes: flow }))
    const labels: Record<string, string> = label === undefined ? {} : { team: label }
    const metadata = { ...image.metadata, labels }
    const failure: unknown = await putInImage({ ...image, metadata }).catch(
      (error: unknown) => error
    )
    expect(failure).toMatchObject({
      code: 'SECRET_FOUND',
      message: `the secret TOKEN is in ${where}, and would be published`
    })
    expect(JSON.stringify(failure)).not.toContain('s3cret')
    expect(writes(registry)).toEqual([])
  }
)
