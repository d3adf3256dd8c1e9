import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { buildStorage } from '../../../src/build/build.js'
import { findOrMakeEnvironment } from '../../../src/build/find-or-make-environment.js'
import { readInputs } from '../../../src/build/inputs.js'
import { imageKey } from '../../../src/build/look-up.js'
import { planBuild } from '../../../src/build/plan.js'
import { environmentLabels } from '../../../src/environment/environment-labels.js'
import { registryTag } from '../../../src/environment/environment.js'
import { environmentKey } from '../../../src/environment/recipe.js'
import { knownBaseDigest } from '../../../src/environment/request.js'
import { imageLabels } from '../../../src/image/labels.js'
import { silentLog } from '../../../src/log.js'
import { checkOptions, type RawOptions } from '../../../src/options/options.js'
import { DockerStorage } from '../../../src/storage/docker.js'
import { platformOf } from '../../../src/util/platform.js'
import { repository, temporaryFolder } from '../../helpers/flowstore.js'
import { serveRegistry, type RegistryServer } from '../../helpers/registry-server.js'
import { environmentFacts, loadedFlow, putImage, services } from '../../helpers/stages.js'

const FLOW = {
  name: 'one',
  module: 'flow.py',
  line: 1,
  location: '/opt/prefect/flows/one.prefect',
  size: 1,
  key: 'k1'
}

const BUILT = {
  flows: [{ ...FLOW, sha256: null }],
  versions: { python: '3.9.18', prefect: '1.4.1', cloudpickle: '3.1.2' },
  dockerfile: 'FROM python:3.9\n',
  flowsTemplate: null,
  failed: [],
  unaddressable: [],
  checkedIn: null,
  checkedOn: null,
  record: null,
  deployments: null
}

/** A repository with one module, and its options. No daemon answers them. */
function project(raw: RawOptions) {
  const cwd = repository({ 'flow.py': '# the first' })
  const texts = {
    flows: 'flow.py',
    'prefect-version': '1.4.1',
    'base-url': `unix://${join(temporaryFolder(), 'no-daemon.sock')}`,
    ...raw
  }
  const surroundings = {
    cwd,
    env: { DOCKER_CONFIG: temporaryFolder() },
    cache: temporaryFolder()
  }
  const log = silentLog()
  const options = (more: RawOptions = {}) => checkOptions({ ...texts, ...more }, cwd)
  return {
    cwd,
    surroundings,
    log,
    options,
    build: async (more: RawOptions = {}) => {
      const built = await buildStorage(options(more), surroundings, log)
      await built.moveTags()
      return built
    }
  }
}

/** A project whose image goes to a registry. The base image has a digest, so nothing asks for it. */
const pushedTo = (registry: RegistryServer) =>
  project({
    'registry-url': registry.host,
    'image-name': 'acme/flows',
    'base-image': `registry.test/python@sha256:${'1'.repeat(64)}`
  })

/** A project that was built before: the registry has its environment image and its image. */
async function builtProject(registry: RegistryServer) {
  const built = pushedTo(registry)
  const stage = services(silentLog(), built.surroundings)
  const inputs = await readInputs(built.options(), stage)
  const plan = await planBuild(inputs, stage)
  const digest = await knownBaseDigest(plan.request)
  const platform = platformOf('linux', process.arch)
  const environment = environmentKey(plan.request.prepared, digest ?? '', platform)
  const labels = environmentLabels(environmentFacts(environment))
  putImage(registry, 'acme/flows', registryTag(environment), labels)
  const found = await findOrMakeEnvironment(plan.request, plan.registry)
  const key = await imageKey(inputs, found.environment)
  const storage = new DockerStorage({
    registryUrl: registry.host,
    imageName: 'acme/flows',
    imageTag: key
  })
  storage.addFlow(loadedFlow('one'))
  const image = putImage(registry, 'acme/flows', key, imageLabels(key, storage.serialize(), BUILT))
  registry.log.splice(0)
  return { ...built, storage, key, digest: image, environmentTag: registryTag(environment) }
}

const manifest = (reference: string) => `/v2/acme/flows/manifests/${reference}`

const writes = ({ log }: RegistryServer) => log.filter(line => !/^(GET|HEAD) /.test(line))

const phasesOf = ({ phases }: ReturnType<typeof silentLog>) => phases.map(({ name }) => name)

test('the image of the same input is reported as it was built, without a load or a write', async () => {
  const registry = await serveRegistry()
  const { build, log, storage, key, digest } = await builtProject(registry)
  const { report, documents } = await build()
  expect(report).toMatchObject({
    storage: storage.serialize(),
    flows: [FLOW],
    changed: false,
    load: null,
    image: { name: 'acme/flows', tag: key, digest, tags: [] },
    notices: []
  })
  expect(documents.dockerfile).toBe(BUILT.dockerfile)
  expect(phasesOf(log)).toEqual(['discover', 'environment'])
  expect(writes(registry)).toEqual([])
})

test('the image of the same input gets its further tags, and no other write', async () => {
  const registry = await serveRegistry()
  const { build, log, key } = await builtProject(registry)
  const { report } = await build({ tags: 'latest\nstable' })
  expect(report).toMatchObject({
    changed: false,
    load: null,
    image: { tags: ['latest', 'stable'] }
  })
  expect(phasesOf(log)).toEqual(['discover', 'environment', 'tags'])
  expect(writes(registry)).toEqual([
    `PUT ${manifest('latest')} 201`,
    `PUT ${manifest('stable')} 201`
  ])
  expect(registry.manifests.get('acme/flows:stable')).toEqual(
    registry.manifests.get(`acme/flows:${key}`)
  )
})

/** The build goes on to the load, for which it needs a daemon. */
async function expectLoad({ build, log }: ReturnType<typeof project>, more?: RawOptions) {
  await expect(build(more)).rejects.toMatchObject({ code: 'DAEMON' })
  expect(phasesOf(log)).toEqual(['discover', 'environment', 'load'])
}

test('force does not look the image up, and loads', async () => {
  const registry = await serveRegistry()
  const built = await builtProject(registry)
  await expectLoad(built, { force: 'true', tags: 'latest' })
  const asked = registry.log.filter(line => line.includes('/manifests/'))
  expect(asked).toEqual([`GET ${manifest(built.environmentTag)} 200`])
  expect(writes(registry)).toEqual([])
})

test('another source has another key, which the registry does not have, and loads', async () => {
  const registry = await serveRegistry()
  const built = await builtProject(registry)
  writeFileSync(join(built.cwd, 'flow.py'), '# the second')
  await expectLoad(built, { tags: 'latest' })
  const asked = registry.log.filter(line => line.includes('/manifests/'))
  expect(asked).toEqual([
    `GET ${manifest(built.environmentTag)} 200`,
    expect.stringMatching(/^GET \S+\/manifests\/[0-9a-f]{20} 404$/)
  ])
  expect(asked.join()).not.toContain(built.key)
  expect(writes(registry)).toEqual([])
})

test.each<[string, RawOptions, string]>([
  ['a module that does not exist', { flows: 'absent.py' }, 'MODULE_NOT_FOUND'],
  ['a folder without modules', { flows: 'empty/' }, 'MODULE_NOT_FOUND'],
  ['a push without a registry', { 'registry-url': '' }, 'MISSING_OPTION']
])('%s is an error before any request', async (_what, more, code) => {
  const registry = await serveRegistry()
  const { build, log } = pushedTo(registry)
  // The base image without a digest would be asked for.
  const base = { 'base-image': `${registry.host}/python:3.9` }
  await expect(build({ ...base, ...more })).rejects.toMatchObject({ code })
  expect(phasesOf(log)).toEqual(['discover'])
  expect(registry.log).toEqual([])
})

test('a storage without an image and a Python that does not exist is an error that leaves no file', async () => {
  const { build, log, cwd, surroundings } = project({ storage: 'memory', 'base-url': '' })
  await expect(build({ python: join(cwd, 'no-python') })).rejects.toMatchObject({
    code: 'PYTHON_NOT_FOUND'
  })
  expect(phasesOf(log)).toEqual(['discover', 'environment'])
  expect([readdirSync(cwd), readdirSync(surroundings.cache)]).toEqual([['flow.py'], []])
})

test('an image that only a daemon can build is refused before anything is made', async () => {
  const registry = await serveRegistry()
  const { build, log } = pushedTo(registry)
  const options = {
    assemble: 'build',
    builder: 'direct',
    'base-url': 'unix:///nowhere/docker.sock'
  }
  await expect(build(options)).rejects.toMatchObject({ code: 'DAEMON' })
  expect(writes(registry)).toEqual([])
  expect(phasesOf(log)).toEqual(['discover', 'environment'])
})
