import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { readInputs } from '../../../src/build/inputs.js'
import { planBuild, type BuildPlan } from '../../../src/build/plan.js'
import { silentLog } from '../../../src/log.js'
import { checkOptions, type Options, type RawOptions } from '../../../src/options/options.js'
import { serveDaemon } from '../../helpers/daemon-server.js'
import { repository, temporaryFolder } from '../../helpers/flowstore.js'
import { serveRegistry } from '../../helpers/registry-server.js'
import { services } from '../../helpers/stages.js'

const FILES = { 'a.py': '', Dockerfile: 'FROM python:3.9\n', 'certs/README': '' }

/** Plans for a repository, with only the login and the daemon that a test gives. */
async function plan(
  raw: RawOptions = {},
  env: Readonly<Record<string, string>> = {},
  root = repository(FILES),
  fromModules: Partial<Options> = {},
  log = silentLog()
): Promise<BuildPlan> {
  const options = checkOptions(
    { flows: 'a.py', 'prefect-version': '1.4.1', push: 'false', ...raw },
    root
  )
  const surroundings = {
    cwd: root,
    env: { DOCKER_CONFIG: temporaryFolder(), ...env }
  }
  const inputs = await readInputs(options, services(silentLog(), surroundings))
  const merged = { ...inputs, options: { ...inputs.options, ...fromModules } }
  return planBuild(merged, services(log, surroundings))
}

const PUSHED = { push: 'true', 'registry-url': 'registry.test', 'image-name': 'acme/flows' }

test('an image is pushed to the repository that registry and name form', async () => {
  const { registry } = await plan(PUSHED)
  expect(registry).toMatchObject({
    kind: 'direct',
    repository: { name: 'registry.test/acme/flows', path: 'acme/flows' }
  })
})

test.each<[string, RawOptions]>([
  ['an image that is not pushed', { ...PUSHED, push: 'false' }],
  ['a storage without an image', { storage: 'local', 'load-in': 'image', push: '' }]
])('%s has no registry', async (_what, raw) => {
  expect((await plan(raw)).registry).toEqual({ kind: 'none' })
})

test('a plan asks neither the registry nor the daemon', async () => {
  const { host, log } = await serveRegistry()
  const daemon = await serveDaemon((_asked, answer) => answer.end('OK'))
  const raw = { ...PUSHED, 'registry-url': host, 'base-url': `unix://${daemon.socketPath}` }
  await plan(raw)
  expect([log, daemon.log]).toEqual([[], []])
})

test('the base image is the one that the option names', async () => {
  const { base, localImage } = (await plan({ 'base-image': 'python:3.8' })).request
  expect([base, localImage]).toEqual([{ kind: 'image', reference: 'python:3.8' }, false])
})

test('the base is the image of the user’s Dockerfile, if one is given', async () => {
  const root = repository(FILES)
  const { base } = (await plan({ dockerfile: 'Dockerfile' }, {}, root)).request
  expect(base).toMatchObject({ kind: 'dockerfile', dockerfile: { path: 'Dockerfile', cwd: root } })
})

test('the base image is that of the Prefect version if the options name none', async () => {
  expect((await plan({ python: '3.8' })).request.base).toEqual({
    kind: 'image',
    reference: 'prefecthq/prefect:1.4.1-python3.8'
  })
})

test('the base image is that of the Prefect that a requirement pins', async () => {
  const raw = { 'prefect-version': '', 'python-dependencies': 'prefect==0.14.22' }
  expect((await plan(raw)).request.base).toMatchObject({
    reference: expect.stringMatching(/^prefecthq\/prefect:0\.14\.22-python/)
  })
})

test('a build without any Prefect version is an error', async () => {
  await expect(plan({ 'prefect-version': '' })).rejects.toMatchObject({
    code: 'MISSING_OPTION',
    message: expect.stringContaining('prefect-version')
  })
})

test('refresh builds the environment without the cache of the daemon', async () => {
  const kwargs = async (raw: RawOptions) => (await plan(raw)).request.prepared.buildKwargs
  expect((await kwargs({ refresh: 'true' })).nocache).toBe(true)
  expect((await kwargs({})).nocache).toBeUndefined()
})

test.each<[string, RawOptions, Record<string, unknown>]>([
  [
    'with flows has their location',
    { path: '/srv/a.py' },
    { path: '/srv/a.py', withoutFlows: false }
  ],
  [
    'for loading alone has no location of flows',
    { storage: 'local', 'load-in': 'image', push: '', path: '/srv/a.py' },
    { path: undefined, withoutFlows: true }
  ]
])('an environment %s', async (_what, raw, recipe) => {
  expect((await plan(raw)).request.prepared.recipe).toMatchObject(recipe)
})

test('the daemon is connected on first use, and only once', async () => {
  const { socketPath, log } = await serveDaemon((_asked, answer) => answer.end('OK'))
  const { daemon } = (await plan({ 'base-url': `unix://${socketPath}` })).request
  expect(await daemon()).toBe(await daemon())
  expect(log).toEqual(['GET /_ping'])
})

test('the daemon is the one that DOCKER_HOST names if the options name none', async () => {
  const { socketPath } = await serveDaemon((_asked, answer) => answer.end('OK'))
  const { daemon } = (await plan({}, { DOCKER_HOST: `unix://${socketPath}` })).request
  expect((await daemon()).url).toBe(`unix://${socketPath}`)
})

test('the certificates of the daemon are those in the folder tls-config, relative to the repository', async () => {
  const root = repository(FILES)
  const raw = { 'base-url': 'tcp://127.0.0.1:1', 'tls-config': 'certs' }
  const { daemon } = (await plan(raw, { DOCKER_CERT_PATH: '/elsewhere' }, root)).request
  await expect(daemon()).rejects.toMatchObject({
    code: 'DAEMON',
    message: `${join(root, 'certs/ca.pem')} can't be used for TLS: there is no such file`
  })
})

/** The messages of planning twice, as when modules change the options. */
async function messages(ignored: readonly string[], more: RawOptions = {}): Promise<string[]> {
  const files = Object.fromEntries(ignored.map(name => [name, '']))
  const root = repository({ ...FILES, ...files, '.gitignore': ignored.join('\n') })
  const raw = { flows: 'a.py', 'prefect-version': '1.4.1', push: 'false', files: '.:/app', ...more }
  const log = silentLog()
  const stage = services(log, { cwd: root, env: { DOCKER_CONFIG: temporaryFolder() } })
  const inputs = await readInputs(checkOptions(raw, root), stage)
  await planBuild(inputs, stage)
  await planBuild(inputs, stage)
  return log.notices.map(({ message }) => message)
}

test('one warning tells of what git ignores in what the option files copies', async () => {
  expect(await messages(['.env'])).toEqual([
    'git ignores 1 path in what the option files copies, so it is not copied: .env; to copy it, add it to the option files as SOURCE:/absolute/destination, or add !PATTERN to .dockerignore'
  ])
})

test('a warning names ten paths, and the number of the others', async () => {
  const [message] = await messages([...'abcdefghijkl'].map(letter => `${letter}.tmp`))
  expect(message).toContain('12 paths')
  expect(message).toContain('they are not copied: a.tmp, ')
  expect(message).toContain(
    ', j.tmp and 2 more; to copy one, add it to the option files as SOURCE:/absolute/destination'
  )
})

const IGNORED = { ...FILES, '.gitignore': '.env\n', '.dockerignore': '!.env\n', '.env': 'secret' }

/** The Dockerfile of a plan whose options are partly set by modules. */
async function dockerfileOf(raw: RawOptions, fromModules: Partial<Options>) {
  const { base } = (await plan(raw, {}, repository(IGNORED), fromModules)).request
  return base.kind === 'dockerfile' ? base.dockerfile : undefined
}

test('a Dockerfile that an option sets may name what git ignores', async () => {
  expect(await dockerfileOf({ dockerfile: 'Dockerfile' }, {})).toMatchObject({
    namesIgnored: true,
    dockerIgnore: { bringsBack: expect.any(Function) }
  })
})

test('a Dockerfile that a module sets may not name what git ignores, nor bring it back', async () => {
  expect(await dockerfileOf({}, { dockerfile: 'Dockerfile' })).toMatchObject({
    namesIgnored: false,
    dockerIgnore: { bringsBack: undefined }
  })
})

test('a dockerignore that a module sets brings back nothing for a Dockerfile of an option', async () => {
  const fromModules = { dockerignore: '.dockerignore' }
  expect(await dockerfileOf({ dockerfile: 'Dockerfile' }, fromModules)).toMatchObject({
    namesIgnored: true,
    dockerIgnore: { bringsBack: undefined }
  })
})

/** The paths of the files of a plan, and its warnings. */
async function filesOf(fromModules: Partial<Options>) {
  const log = silentLog()
  const { request } = await plan({ files: '.:/app' }, {}, repository(IGNORED), fromModules, log)
  const paths = request.prepared.files.context.map(({ path }) => path)
  return { paths, warnings: log.notices.map(({ message }) => message) }
}

test('for files, exceptions of the repository’s .dockerignore bring ignored files back', async () => {
  const { paths, warnings } = await filesOf({})
  expect([paths.includes('files/0/.env'), warnings]).toEqual([true, []])
})

test('for files, exceptions of a dockerignore that a module sets bring nothing back', async () => {
  const { paths, warnings } = await filesOf({ dockerignore: '.dockerignore' })
  expect(paths).not.toContain('files/0/.env')
  expect(warnings).toEqual([
    'git ignores 1 path in what the option files copies, so it is not copied: .env; to copy it, add it to the option files as SOURCE:/absolute/destination'
  ])
})

test('the output directory is not copied, and no warning names it', async () => {
  const log = silentLog()
  const root = repository({
    ...FILES,
    '.gitignore': '.flowstore/\n',
    '.flowstore/storage.json': ''
  })
  const { request } = await plan({ files: '.:/app' }, {}, root, {}, log)
  const paths = request.prepared.files.context.map(({ path }) => path)
  expect(paths.filter(path => path.includes('.flowstore'))).toEqual([])
  expect(log.notices).toEqual([])
})

const NOWHERE = { 'base-url': 'unix:///nowhere/docker.sock' }

test('without a daemon, the hint names the option that needs none', async () => {
  const { request } = await plan({ ...PUSHED, ...NOWHERE })
  await expect(request.daemon()).rejects.toMatchObject({
    code: 'DAEMON',
    hint: expect.stringContaining('set load-in: runner')
  })
})

test.each<[string, RawOptions]>([
  ['is not pushed', { ...NOWHERE, push: 'false' }],
  [
    'is built although flows are loaded on the runner',
    { ...PUSHED, ...NOWHERE, 'load-in': 'runner' }
  ]
])('the hint for an image that %s only says how to reach a daemon', async (_what, raw) => {
  const { request } = await plan(raw)
  await expect(request.daemon()).rejects.toMatchObject({
    hint: 'Start Docker, or set base-url or DOCKER_HOST to its address.'
  })
})

test('what builds the environment image is the daemon if flows are loaded in the image', async () => {
  expect((await plan(PUSHED)).request).toMatchObject({
    builder: 'daemon',
    whyBuilder: 'flows are loaded in a container of it'
  })
  expect((await plan({ ...PUSHED, 'load-in': 'runner' })).request.builder).toBe('auto')
  expect((await plan({ ...PUSHED, builder: 'direct' })).request.builder).toBe('direct')
  const chosen = (await plan({ ...PUSHED, builder: 'daemon' })).request
  expect([chosen.builder, chosen.whyBuilder]).toEqual(['daemon', undefined])
})
