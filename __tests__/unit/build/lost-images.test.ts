import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { lookUpFlows } from '../../../src/build/look-up.js'
import { warnOfLost, warnOfLostBase } from '../../../src/build/lost-images.js'
import { environmentLabels } from '../../../src/environment/environment-labels.js'
import { silentLog } from '../../../src/log.js'
import { temporaryFolder } from '../../helpers/flowstore.js'
import { serveRegistry } from '../../helpers/registry-server.js'
import {
  environmentFacts,
  inputsOf,
  plannedImage,
  putImage,
  services
} from '../../helpers/stages.js'

/** What something recorded of the images that a registry does not have any more. */
interface Recorded {
  /** The tag of the image in the result in the output directory; default there is no result. */
  readonly result?: string
  /** The repository of that image; default that of the build. */
  readonly repository?: string
  /** The keys of the image that flows are compared with; default there is none. */
  readonly compared?: { readonly key?: string; readonly environmentKey?: string }
  /** The key of the environment that the image of the result was built on. */
  readonly builtOn?: string
}

/** The notices of a build for the key `k` on the environment `e`, which the registry does not have. */
async function notices(
  { result, repository = 'acme/flows', compared, builtOn = 'other' }: Recorded,
  { wasAbsent = false, tag }: { readonly wasAbsent?: boolean; readonly tag?: string } = {}
) {
  const registry = await serveRegistry()
  const cwd = temporaryFolder()
  const inputs = inputsOf({
    ...{ 'registry-url': registry.host, 'image-name': 'acme/flows', 'output-directory': '.' },
    ...(tag !== undefined && { 'image-tag': tag })
  })
  const log = silentLog()
  const given = services(log, { cwd })
  if (result !== undefined) {
    const digest = putImage(registry, repository, 'r', environmentLabels(environmentFacts(builtOn)))
    const outputs = {
      'image-ref': `${registry.host}/${repository}@${digest}`,
      'image-tag': result
    }
    writeFileSync(join(cwd, 'report.json'), JSON.stringify({ outputs }))
  }
  const planned = await plannedImage(registry)
  const lookup = await lookUpFlows(inputs, { ...planned, wasAbsent }, given)
  const image = lookup.kind === 'absent' ? lookup.planned : null
  const name = `${registry.host}/acme/flows:latest`
  const baseline = compared && { name, digest: '', keys: new Map<string, string>(), ...compared }
  await warnOfLost({ inputs, image }, baseline, given)
  return log.notices.map(({ message }) => message.replaceAll(registry.host, 'it'))
}

test.each<[string, Recorded]>([
  ['no record of it', {}],
  ['a result with another image', { result: 'j' }],
  ['a result of another repository', { result: 'k', repository: 'acme/others' }],
  ['another image that flows are compared with', { compared: { key: 'j', environmentKey: 'f' } }]
])('an image that is not there is no loss with %s', async (_, recorded) => {
  expect(await notices(recorded, { wasAbsent: true })).toEqual([])
})

test.each<[string, Recorded, string]>([
  ['an earlier result', { result: 'k' }, 'the result in . names'],
  [
    'the image that flows are compared with',
    { compared: { key: 'k' } },
    'it/acme/flows:latest has the key of'
  ]
])('%s shows that the image with flows was lost', async (_, recorded, by) => {
  expect(await notices(recorded)).toEqual([
    `the registry has lost the image it/acme/flows:k, which ${by}: it is made again`
  ])
})

test('a tag that the user chose is lost only if an earlier result names it', async () => {
  expect(await notices({ compared: { key: 'k' } }, { tag: 'v1' })).toEqual([])
  expect(await notices({ result: 'v1' }, { tag: 'v1' })).toEqual([
    expect.stringContaining('it/acme/flows:v1, which the result in . names')
  ])
})

test.each<[string, Recorded, string]>([
  ['an earlier result', { result: 'j', builtOn: 'e' }, 'the image of the result in . was built on'],
  [
    'the image that flows are compared with',
    { compared: { environmentKey: 'e' } },
    'it/acme/flows:latest was built on'
  ]
])('%s shows that the environment image was lost', async (_, recorded, by) => {
  expect(await notices(recorded, { wasAbsent: true })).toEqual([
    `the registry has lost the image it/acme/flows:env-e, which ${by}: it is made again`
  ])
  expect(await notices(recorded)).toEqual([])
})

test('an image with flows that is there shows that its environment image was lost', async () => {
  const registry = await serveRegistry()
  const { environment, registry: access, ...planned } = await plannedImage(registry)
  if (access.kind !== 'direct' || environment.location.kind !== 'registry') throw new Error('no')
  const found = { repository: access.repository, image: environment.location.image }
  const log = silentLog()
  warnOfLostBase({ ...planned, environment, registry: access }, found, log)
  expect(log.notices).toEqual([])
  warnOfLostBase({ ...planned, environment, registry: access, wasAbsent: true }, found, log)
  expect(log.notices).toMatchObject([
    { level: 'warning', message: expect.stringMatching(/:env-e, which .*@sha256:\w+ was built on/) }
  ])
})
