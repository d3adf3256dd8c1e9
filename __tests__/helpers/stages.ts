import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { EnvironmentFacts } from '../../src/environment/environment-labels.js'
import { environmentLabels } from '../../src/environment/environment-labels.js'
import {
  environmentInRegistry,
  oneKey,
  type EnvironmentImage
} from '../../src/environment/environment.js'
import { prepareRecipe } from '../../src/environment/recipe.js'
import type { EnvironmentRequest } from '../../src/environment/request.js'
import { FlowstoreError } from '../../src/errors.js'
import type { LoadedFlow, LoadedPickle } from '../../src/flows/flow.js'
import type { LoadedFlows } from '../../src/flows/load.js'
import type { ImageMetadata } from '../../src/image/metadata.js'
import { readImage } from '../../src/image/oci/read.js'
import { imageRepository, type ImageRepository } from '../../src/image/repository.js'
import { silentLog, type Recorder } from '../../src/log.js'
import { NO_INDEXES } from '../../src/packages/indexes.js'
import { registriesWith } from './registry-client.js'
import { checkOptions, type Options, type RawOptions } from '../../src/options/options.js'
import { requirementsOf } from '../../src/packages/requirements.js'
import type { PythonSession } from '../../src/python/loader.js'
import { isolationOf } from '../../src/python/cell.js'
import { DEFAULT_LIMITS } from '../../src/python/limits.js'
import { PROTOCOL, type CheckResult } from '../../src/python/protocol/protocol.js'
import type { ReadableFlow } from '../../src/python/protocol/readable-flow.js'
import { noSources } from '../../src/sources/sources.js'
import { OWN_PLATFORM } from '../../src/util/platform.js'
import type { BuildInputs } from '../../src/build/inputs.js'
import type { SettledBuild } from '../../src/build/load/loaded-build.js'
import type { LoadSession } from '../../src/build/load/session.js'
import type { PlannedImage } from '../../src/build/look-up.js'
import type { Services, Surroundings } from '../../src/build/services.js'
import { temporaryFolder } from './flowstore.js'
import { NO_FINDINGS } from './load-results.js'
import { programAt } from './programs.js'
import { digestOf, type RegistryServer } from './registry-server.js'

const NO_REQUIREMENTS = requirementsOf({ lines: [], file: undefined, texts: new Map() })

const VERSIONS = { python: '3.9.18', prefect: '1.4.1', cloudpickle: '3.1.2' }

const TYPES = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip'
}

/** The folders in the labels of an image of Prefect 1.4.1. */
const FOLDERS = Object.fromEntries(
  ['/opt/prefect', '/opt/prefect/flows', '/opt/flowstore'].map(path => [
    path,
    [{ path, mode: 0o755, uid: 0, gid: 0 }]
  ])
)

export const environmentFacts = (key: string): EnvironmentFacts => ({
  key,
  base: 'python:3.9',
  python: VERSIONS.python,
  prefect: VERSIONS.prefect,
  machine: 'x86_64',
  packages: { prefect: '1.4.1', cloudpickle: '3.1.2' },
  dockerfile: 'FROM python:3.9\n',
  late: [],
  folders: FOLDERS
})

/** An image without labels and annotations beside those of its flows. */
export const NO_IMAGE_METADATA: ImageMetadata = {
  labels: {},
  annotations: { manifest: {}, index: {}, descriptor: {} },
  needsOci: false,
  created: new Date('2020-01-02T03:04:05Z')
}

/**
 * Puts an image with labels into a registry.
 *
 * @param layer the content of its one layer
 */
export function putImage(
  registry: RegistryServer,
  repository: string,
  tag: string,
  labels: Readonly<Record<string, string>>,
  layer: Buffer = Buffer.from('layer')
): string {
  const config = registry.putBlob(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: { Env: ['LANG=C.UTF-8'], User: 'app', Labels: labels },
      rootfs: { type: 'layers', diff_ids: [digestOf('base')] }
    })
  )
  const body = JSON.stringify({
    schemaVersion: 2,
    mediaType: TYPES.manifest,
    config: { mediaType: TYPES.config, ...config },
    layers: [{ mediaType: TYPES.layer, ...registry.putBlob(layer) }]
  })
  return registry.put(repository, TYPES.manifest, body, tag)
}

/** A repository of a registry double. */
export const repositoryIn = (registry: RegistryServer): Promise<ImageRepository> =>
  imageRepository(`${registry.host}/acme/flows`, registriesWith())

const noDaemon = () =>
  Promise.reject(new FlowstoreError('DAEMON', 'no Docker daemon answers at nowhere'))

const dropped = () => () => undefined

/** A request for an environment image on a base that has a digest; no daemon answers. */
export async function environmentRequest(log: Recorder = silentLog()): Promise<EnvironmentRequest> {
  return {
    prepared: await prepareRecipe({
      prefectVersion: '1.4.1',
      requirements: NO_REQUIREMENTS,
      envVars: {},
      files: [],
      sources: noSources('/')
    }),
    platforms: [OWN_PLATFORM],
    base: { kind: 'image', reference: `registry.test/python@sha256:${'1'.repeat(64)}` },
    localImage: false,
    registries: registriesWith(),
    daemon: noDaemon,
    builder: 'daemon',
    defer: dropped,
    secrets: new Map(),
    findSecret: undefined,
    limits: DEFAULT_LIMITS,
    machine: { env: {}, cache: '/nowhere', cwd: '/', secretPaths: [] },
    log
  }
}

/** An environment image in a registry double, and the plan of the image with flows on it. */
export async function plannedImage(
  registry: RegistryServer,
  log: Recorder = silentLog()
): Promise<PlannedImage & { readonly environment: EnvironmentImage }> {
  const repository = await repositoryIn(registry)
  putImage(registry, repository.path, 'env-e', environmentLabels(environmentFacts('e')))
  const image = await readImage(repository.client, repository.path, 'env-e')
  const environment = image && environmentInRegistry(image, repository.name, oneKey('e'))
  if (environment === undefined) throw new Error('no environment image')
  registry.log.splice(0)
  return {
    request: await environmentRequest(log),
    environment,
    registry: { kind: 'direct', repository },
    origin: { builder: null, why: 'it was built before' },
    key: 'k',
    tagBefore: undefined
  }
}

/** The services that stages use; deferred work is dropped. */
export const services = (
  log: Recorder = silentLog(),
  more: Partial<Surroundings> = {}
): Services => ({
  cwd: '/work',
  env: {},
  cache: '/cache',
  log,
  defer: dropped,
  registries: registriesWith(),
  secrets: new Map(),
  secretPaths: [],
  findSecret: undefined,
  indexes: NO_INDEXES,
  ...more
})

/** A log that keeps its lines for everybody. */
export function logWithLines(): { readonly log: Recorder; readonly lines: string[] } {
  const lines: string[] = []
  const log = Object.assign(silentLog(), { info: (line: string) => void lines.push(line) })
  return { log, lines }
}

export const inputsOf = (raw: RawOptions = {}): BuildInputs => ({
  options: options(raw),
  sources: noSources('/work'),
  leftOut: [],
  modules: [{ file: 'a.py', flows: null, explicit: true }],
  importRoots: [],
  requirements: NO_REQUIREMENTS,
  loadVariables: {}
})

export const options = (raw: RawOptions = {}): Options =>
  checkOptions({ flows: 'a.py', 'registry-url': 'r.test', 'image-name': 'flows', ...raw }, '/work')

/** What the labels of an image say of a build without flows. */
export const BUILT = {
  flows: [],
  versions: VERSIONS,
  dockerfile: '',
  flowsTemplate: null,
  failed: [],
  unaddressable: [],
  checkedIn: null,
  checkedOn: null,
  record: null,
  deployments: null
}

/** A flow as a load gives it. */
export const loadedFlow = (name: string, more: Partial<LoadedPickle> = {}): LoadedPickle => ({
  name,
  slug: name,
  module: 'a.py',
  line: 1,
  parameters: [],
  bytes: Buffer.from(`pickle of ${name}`),
  versions: VERSIONS,
  storage: null,
  runImage: null,
  closure: { files: ['a.py'], data: [], open: null },
  imports: {},
  serialized: undefined,
  ...more
})

/** What a load gives. */
export const loadedFlows = (
  flows: readonly LoadedFlow[],
  more: Partial<LoadedFlows> = {}
): LoadedFlows => ({
  ...NO_FINDINGS,
  flows,
  versions: VERSIONS,
  log: '',
  ...more
})

/** A check's result in which a flow loads back, except for what `more` says. */
export const checkedFlow = (
  name: string,
  more: Partial<CheckResult['flows'][number]> = {}
): CheckResult['flows'][number] => ({
  name,
  ok: true,
  error: null,
  missingModule: null,
  detail: null,
  warnings: [],
  refused: null,
  unserializable: null,
  details: null,
  ...more
})

/** A check's result. */
export const checked = (
  flows: CheckResult['flows'],
  storageError: string | null = null
): CheckResult => ({
  protocol: PROTOCOL,
  action: 'check',
  flows,
  storageError
})

/** A check's result in which every flow loads back. */
export const allGood = (flows: readonly ReadableFlow[]): CheckResult =>
  checked(flows.map(({ name }) => checkedFlow(name)))

/** A session of an interpreter as a value: it loads nothing, and every flow loads back. */
export const interpreterSession = (
  more: Partial<PythonSession> = {},
  why = 'the test asks for it'
): Extract<LoadSession, { kind: 'interpreter' }> => ({
  kind: 'interpreter',
  session: {
    load: () => Promise.reject(new Error('not asked to load')),
    check: flows => Promise.resolve(allGood(flows)),
    isolation: isolationOf(''),
    close: () => Promise.resolve(),
    ...more
  },
  why,
  expected: undefined,
  close: () => Promise.resolve()
})

/** Loaded flows that go into a storage without an image. */
export const settledBuild = (
  flows: readonly LoadedFlow[],
  inputs: BuildInputs,
  more: Partial<SettledBuild> = {}
): SettledBuild => ({
  kind: 'loaded',
  inputs,
  image: null,
  loaded: loadedFlows(flows),
  session: interpreterSession(),
  secrets: [],
  failed: [],
  keys: new Map(),
  ...more
})

/**
 * A stand-in for an interpreter with the loader, in Node. It reads the delivery and the requests like the
 * loader, records them, and answers with the fields that `answer` returns. In a session, each flow of a load
 * has a file. Its version is 3.9, and it has no pip.
 *
 * @param answer a function of the request, as JavaScript
 */
export function standInPython(
  answer: string,
  python = join(temporaryFolder(), 'python')
): { python: string; notes: () => Record<string, unknown>[] } {
  programAt(
    python,
    `#!${process.execPath}
const { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const args = process.argv.slice(2)
if (args.includes('--')) {
  // It was to start itself in a cell; this one has none.
  console.log('\\u001ecell ')
  args.splice(0, args.indexOf('--') + 1)
}
const [option, boot, mode] = args
const isSession = mode === 'session'
if (option !== '-c') process.exit(1)
if (mode === undefined) {
  console.log('3.9')
  process.exit()
}
const answer = ${answer}
const text = path => existsSync(path) ? readFileSync(path, 'utf8') : null
let input = '', left
process.stdin.setEncoding('latin1').on('data', data => {
  input += data
  if (left === undefined && input.includes('\\n')) {
    left = Number(input.slice(0, input.indexOf('\\n')))
    input = input.slice(input.indexOf('\\n') + 1)
  }
  if (left > 0 && input.length >= left) {
    input = input.slice(left)
    left = 0
  }
  const parts = () => (left === 0 ? input.split('\\n') : [])
  for (let lines = parts(); lines.length > (isSession ? 2 : 1); lines = parts()) {
    const [head, body] = lines
    const line = isSession ? body.slice(0, Number(head)) : head
    const token = isSession ? body.slice(Number(head)) : ''
    input = lines.slice(isSession ? 2 : 1).join('\\n')
    const request = JSON.parse(line)
    const flows = request.flows ?? (request.flow ? [request.flow] : [])
    appendFileSync(join(__dirname, 'notes'), JSON.stringify({
      mode, pid: process.pid, cwd: process.cwd(), env: process.env, request,
      flows: flows.map(({ path }) => text(path)), module: text('modules/pkg/helper.py')
    }) + '\\n')
    const result = { protocol: request.protocol, action: request.action, ...answer(request) }
    if (isSession) {
      console.error('printed by ' + request.action + '\\n' + token)
      const files = { 'result.json': Buffer.from(JSON.stringify(result)).toString('base64') }
      for (const { file } of result.action === 'load' ? result.flows : []) {
        files[file] = Buffer.from('pickle').toString('base64')
      }
      console.log('\\n' + token + ' 0 ' + JSON.stringify(files))
    } else {
      mkdirSync(request.output, { recursive: true })
      writeFileSync(join(request.output, 'result.json'), JSON.stringify(result))
    }
  }
})
`
  )
  const notes = () =>
    readFileSync(join(dirname(python), 'notes'), 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as Record<string, unknown>)
  return { python, notes }
}
