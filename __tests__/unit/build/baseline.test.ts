import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import { baselineLoads, checkBaseline, readBaseline } from '../../../src/build/baseline.js'
import { imageLabels } from '../../../src/image/labels.js'
import { silentLog } from '../../../src/log.js'
import type { RawOptions } from '../../../src/options/options.js'
import { temporaryFolder } from '../../helpers/flowstore.js'
import { serveRegistry } from '../../helpers/registry-server.js'
import {
  inputsOf,
  loadedFlow,
  loadedFlows,
  options,
  putImage,
  services
} from '../../helpers/stages.js'

const FLOW = {
  name: 'one',
  module: 'a.py',
  line: 1,
  location: '/one',
  size: 1,
  sha256: null,
  key: 'k1'
}
const BUILT = {
  flows: [FLOW, { ...FLOW, name: 'two', key: null }],
  versions: { python: '3.9.18', prefect: '1.4.1', cloudpickle: '3.1.2' },
  dockerfile: '',
  flowsTemplate: null,
  failed: [],
  unaddressable: [],
  checkedIn: null,
  checkedOn: null,
  record: null,
  deployments: null
}

/** Reads the baseline of a build with options, from a registry that has some tags. */
async function baselineOf(
  raw: RawOptions,
  tags: Readonly<Record<string, Record<string, string>>>,
  flows: readonly string[] = ['one', 'new']
) {
  const registry = await serveRegistry()
  for (const [tag, labels] of Object.entries(tags)) putImage(registry, 'acme/flows', tag, labels)
  const log = silentLog()
  const texts = { 'registry-url': registry.host, 'image-name': 'acme/flows', ...raw }
  const build = {
    kind: 'loaded',
    inputs: inputsOf(texts),
    image: null,
    loaded: loadedFlows(flows.map(name => loadedFlow(name))),
    secrets: []
  } as unknown as Parameters<typeof readBaseline>[0]
  registry.log.splice(0)
  const env = { DOCKER_CONFIG: temporaryFolder() }
  const baseline = await readBaseline(build, services(log, { env }))
  return { baseline, notices: log.notices, host: registry.host, requests: registry.log }
}

const LABELS = imageLabels('key', {}, BUILT) as Record<string, string>

test('the records of loads and the keys of flows are of one image, which is read once', async () => {
  const registry = await serveRegistry()
  putImage(registry, 'acme/flows', 'registered', LABELS)
  const inputs = inputsOf({
    'registry-url': registry.host,
    'image-name': 'acme/flows',
    'compare-with': 'registered'
  })
  const loaded = loadedFlows([loadedFlow('one')])
  const build = { kind: 'loaded', inputs, image: null, loaded, secrets: [] }
  const given = services(silentLog(), { env: { DOCKER_CONFIG: temporaryFolder() } })
  expect(await baselineLoads(inputs.options, undefined, given)).toMatch(/has no records/)
  putImage(registry, 'acme/flows', 'registered', {})
  registry.log.splice(0)
  const baseline = await readBaseline(build as unknown as Parameters<typeof readBaseline>[0], given)
  expect([[...(baseline?.keys.keys() ?? [])], registry.log]).toEqual([['k1'], []])
})

test('without compare-with and tags there is no baseline, no request and no notice', async () => {
  const { baseline, notices, requests } = await baselineOf({}, { latest: LABELS })
  expect([baseline, notices, requests]).toEqual([undefined, [], []])
})

test.each([
  ['a tag', { 'compare-with': 'registered' }],
  ['the first of tags', { tags: 'registered\nlatest' }],
  ['compare-with before tags', { 'compare-with': 'registered', tags: 'latest' }]
])('%s is read, with the keys of its flows', async (_, raw) => {
  const { baseline, host, notices } = await baselineOf(raw, { registered: LABELS })
  expect(baseline).toEqual({
    name: `${host}/acme/flows:registered`,
    digest: expect.stringMatching(/^sha256:/),
    keys: new Map([['k1', 'one']]),
    key: 'key',
    environmentKey: undefined,
    deployments: null
  })
  expect(notices).toEqual([])
})

test('an image elsewhere is read', async () => {
  const elsewhere = await serveRegistry()
  putImage(elsewhere, 'other/image', 'v1', LABELS)
  const name = `${elsewhere.host}/other/image:v1`
  const { baseline } = await baselineOf({ 'compare-with': name }, {})
  expect(baseline?.name).toBe(name)
})

test('tags of an image that is not pushed are no baseline', async () => {
  const { baseline, requests } = await baselineOf(
    { tags: 'latest', push: 'false' },
    { latest: LABELS }
  )
  expect([baseline, requests]).toEqual([undefined, []])
})

const other = (change: (json: string) => string): Record<string, string> => {
  const label = 'io.flowstore.build'
  const json = gunzipSync(Buffer.from(LABELS[label] ?? '', 'base64')).toString()
  return { ...LABELS, [label]: gzipSync(change(json)).toString('base64') }
}

test.each([
  ['an absent tag', {}, 'notice', 'the registry does not have it'],
  ['an image without labels', { registered: {} }, 'warning', 'it is no image of flowstore'],
  [
    'an image of another version',
    { registered: other(json => json.replace(/"flowstore":"[^"]*"/, '"flowstore":"0.0.1"')) },
    'notice',
    'another version of flowstore built it'
  ],
  [
    'an image of a version without keys',
    { registered: other(json => json.replace(/,"flowstore":"[^"]*"/, '')) },
    'notice',
    'another version of flowstore built it'
  ],
  [
    'an image with broken labels',
    { registered: { 'io.flowstore.build': 'x' } },
    'notice',
    'another version of flowstore built it'
  ],
  [
    'an image whose flows have no keys',
    { registered: other(json => json.replaceAll('"k1"', 'null')) },
    'warning',
    'its flows have no keys: the Docker of the library stored them'
  ]
])('%s makes no baseline, and a notice says why', async (_, tags, level, why) => {
  const { baseline, notices, host } = await baselineOf({ 'compare-with': 'registered' }, tags)
  expect(baseline).toBeUndefined()
  expect(notices).toEqual([
    {
      level,
      message: `every flow counts as changed: they can't be compared with ${host}/acme/flows:registered (${why})`
    }
  ])
})

test('the default baseline that is no image of flowstore is only a notice', async () => {
  const { notices } = await baselineOf({ tags: 'latest' }, { latest: {} })
  expect(notices.map(({ level }) => level)).toEqual(['notice'])
})

test('a baseline without any of the flows is a warning that names what it has', async () => {
  const raw = { 'compare-with': 'registered' }
  const { baseline, notices, host } = await baselineOf(raw, { registered: LABELS }, ['other'])
  const name = `${host}/acme/flows:registered`
  expect(baseline?.name).toBe(name)
  expect(notices).toEqual([
    {
      level: 'warning',
      message: `every flow counts as changed: they are compared with ${name}, which has other flows: "one"`
    }
  ])
})

test('a registry that does not answer makes no baseline', async () => {
  const { baseline, notices } = await baselineOf({ 'compare-with': '127.0.0.1:1/flows:x' }, {})
  expect(baseline).toBeUndefined()
  expect(notices[0]?.message).toContain('127.0.0.1:1/flows:x')
}, 30_000)

test.each([
  ['a tag of tags', { 'compare-with': 'latest', tags: 'v1\nlatest' }],
  ['the image itself', { 'compare-with': 'r.test/flows:latest', 'image-tag': 'latest' }]
])('register changed refuses %s, which the build moves', async (_, raw) => {
  const checked = checkBaseline(options({ register: 'changed', ...raw }), services(silentLog()))
  await expect(checked).rejects.toThrow("compares with the tag 'latest', which this build moves")
})

test('register changed accepts a tag that the build does not move', async () => {
  const raw = { register: 'changed', 'compare-with': 'registered', tags: 'latest' }
  await expect(checkBaseline(options(raw), services(silentLog()))).resolves.toBeUndefined()
})

test('register changed requires compare-with', () => {
  expect(() => options({ register: 'changed', tags: 'latest' })).toThrow(
    "'register: changed' requires the option 'compare-with'"
  )
})
