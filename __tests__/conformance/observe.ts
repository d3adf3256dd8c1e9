import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { listSources } from '../../src/sources/listing.js'
import { discoverModules } from '../../src/sources/modules.js'
import { FlowstoreError } from '../../src/errors.js'
import { Docker } from '../../src/build/docker.js'
import { loadFlows } from '../../src/flows/load.js'
import { interpreterPython } from '../../src/python/interpreter.js'
import { checkOptions } from '../../src/options/options.js'
import { buildStorage } from '../../src/build/build.js'
import type { PrefectRules } from '../../src/prefect/generation.js'
import { defaultBaseImage } from '../../src/prefect/install.js'
import type { StorageKind } from '../../src/prefect/storage-kinds.js'
import { flowFile } from '../../src/storage/file.js'
import type { Flow, FlowVersions } from '../../src/flows/flow.js'
import { LocalStorage } from '../../src/storage/local.js'
import { Bytes } from '../../src/storage/bytes.js'
import { Memory } from '../../src/storage/memory.js'
import type { SerializedStorage, Storage } from '../../src/storage/storage.js'
import { silentLog } from '../../src/log.js'
import { run } from '../helpers/flowstore.js'

/** The outcome of a call: its value, or the class and message of its error. */
export type Outcome =
  | { readonly value: unknown }
  | { readonly error: { readonly type: string; readonly message: string } }

/** One storage, as this project or Prefect creates it. */
export interface StorageSeen {
  readonly empty: SerializedStorage
  readonly full: SerializedStorage
  readonly locations: readonly (readonly [string, string])[]
  readonly contains: readonly boolean[]
  readonly errors: Readonly<Record<'duplicate' | 'missing' | 'byName' | 'byLocation', Outcome>>
}

/** Docker storages with different names, as this project or Prefect creates them. */
export interface ImagesSeen {
  readonly images: readonly {
    readonly name: Outcome
    readonly json: SerializedStorage
    readonly prefectVersion: string
    readonly baseImage: string
  }[]
  readonly files: Outcome
}

interface Built {
  readonly storages: Partial<Record<StorageKind, StorageSeen>>
  readonly docker: ImagesSeen
}

/** A flow as the real release sees it, and how its run ended. */
export interface FlowSeen {
  readonly flow: Readonly<Record<string, unknown>>
  readonly state: string
}

/** Everything that was observed of one release. */
export interface Observed {
  readonly ours: Built
  readonly prefects: Built & { readonly versions: FlowVersions; readonly flows: FlowSeen['flow'][] }
  /** Bytes of each flow's file, by the flow's name. */
  readonly files: Readonly<
    Record<'local' | 'docker', { ours: Map<string, Buffer>; prefects: Map<string, Buffer> }>
  >
  /** The JSON of this project that the release read. */
  readonly documents: Partial<Record<StorageKind, SerializedStorage>>
  /** What the release read from it. */
  readonly read: Partial<
    Record<StorageKind, { json: SerializedStorage; name: Outcome; flows: FlowSeen[] }>
  >
  /** The result of the release's own image healthcheck for the files that go into an image. */
  readonly image: {
    readonly healthcheck: { readonly code: number; readonly output: string }
    readonly flows: FlowSeen[]
  }
}

const FLOWS = resolve('__tests__/conformance/flows')
const SCRIPT = resolve('__tests__/conformance/prefect_storages.py')
const RELATIVE_FILES = { 'rel/a.txt': '/a', './b.txt': '/b' }

const IMAGES: readonly Readonly<Record<string, string>>[] = [
  {},
  { image_name: 'img' },
  { image_tag: 't' },
  { image_name: 'img', image_tag: 't' },
  { registry_url: 'r.io/x', image_name: 'img' },
  { registry_url: 'r.io/x', image_name: 'img', image_tag: 't' },
  { registry_url: 'r.io/x/', image_name: 'img', image_tag: 't' },
  { registry_url: 'r.io/x//y', image_name: 'team/img', image_tag: 't' },
  { registry_url: 'https://r.io/x', image_name: 'img', image_tag: 't' },
  { registry_url: 'r.io', image_name: '/img', image_tag: 't' },
  { registry_url: '', image_name: 'img', image_tag: 't' },
  { registry_url: 'localhost:5000', image_name: 'img', image_tag: 't', prefect_version: 'master' },
  { prefect_version: '0.9.9' }
]

/** The classes of Prefect's errors, by our codes. */
const PREFECT_CLASSES: Readonly<Record<string, string>> = {
  NAME_CONFLICT: 'ValueError',
  FLOW_NOT_CONTAINED: 'ValueError',
  STORAGE_INVALID: 'ValueError',
  NOT_SUPPORTED: 'NotImplementedError'
}

function outcome(work: () => unknown): Outcome {
  try {
    return { value: work() }
  } catch (error) {
    if (!(error instanceof FlowstoreError)) throw error
    return { error: { type: PREFECT_CLASSES[error.code] ?? error.code, message: error.message } }
  }
}

/** Does with a storage what `prefect_storages.py` does with Prefect's. */
function observeStorage(storage: Storage, flows: readonly Flow[]): StorageSeen {
  const empty = storage.serialize()
  const locations = flows.map(flow => [flow.name, storage.addFlow(flow)] as const)
  const [first] = flows
  const location = locations[0]?.[1] ?? ''
  if (first === undefined) throw new Error('no flow was loaded')
  return {
    empty,
    full: storage.serialize(),
    locations,
    contains: [first.name, 'nope', location, 7, first].map(item => storage.has(item)),
    errors: {
      duplicate: outcome(() => storage.addFlow(first)),
      missing: outcome(() => storage.getFlow('nope').name),
      byName: outcome(() => storage.getFlow(first.name).name),
      byLocation: outcome(() => storage.getFlow(location).name)
    }
  }
}

function observeImages(release: string, minor: string): ImagesSeen {
  return {
    images: IMAGES.map(options => {
      const docker = new Docker({
        release,
        registryUrl: options['registry_url'],
        imageName: options['image_name'],
        imageTag: options['image_tag'],
        prefectVersion: options['prefect_version']
      })
      return {
        name: outcome(() => docker.name),
        json: docker.serialize(),
        prefectVersion: docker.prefectVersion,
        // Prefect names the Python that it runs on.
        baseImage: defaultBaseImage(docker.prefectVersion, minor, release)
      }
    }),
    files: outcome(() => new Docker({ release, files: RELATIVE_FILES }).files)
  }
}

/** Runs the flows in a folder through a real release, and through this project. */
export async function observe(python: string, rules: PrefectRules): Promise<Observed> {
  const work = mkdtempSync(join(tmpdir(), 'flowstore-conformance-'))
  const { release } = rules
  // Both use the same directory, because its path is in the JSON; Prefect's files are read and removed first.
  const [directory, context] = [join(work, 'directory'), join(work, 'context')]
  const env = {
    ...Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(PREFECT|PYTHON|GITHUB|ACTIONS)/.test(name))
    ),
    HOME: join(work, 'home'),
    PYTHONDONTWRITEBYTECODE: '1',
    PREFECT__LOGGING__LEVEL: 'CRITICAL',
    LANG: 'C.UTF-8'
  }
  for (const folder of ['home', 'context', 'empty', 'modules', 'image']) {
    mkdirSync(join(work, folder))
  }
  const real = async <T>(action: string, request: unknown, path?: string): Promise<T> => {
    const [asked, answer] = [join(work, `${action}.json`), join(work, `${action}-result.json`)]
    writeFileSync(asked, JSON.stringify(request))
    const ended = await run(python, [SCRIPT, action, asked, answer], join(work, 'empty'), {
      ...env,
      ...(path === undefined ? {} : { PYTHONPATH: path })
    })
    if (ended.code !== 0) {
      throw new Error(`Prefect ${release}, ${action}:\n${ended.stdout}${ended.stderr}`)
    }
    return JSON.parse(readFileSync(answer, 'utf8')) as T
  }

  try {
    const prefects = await real<Observed['prefects']>('build', {
      root: FLOWS,
      directory,
      context,
      images: IMAGES,
      files: RELATIVE_FILES
    })
    const prefectsLocal = new Map(
      prefects.storages.local?.locations.map(([name, file]) => [name, readFileSync(file)])
    )
    rmSync(directory, { recursive: true })

    // A whole build for local storage; the classes of the library for the others.
    const build = (storage: string, more: Record<string, string> = {}) =>
      buildStorage(
        checkOptions({ flows: '.', storage, python, ...more }, FLOWS),
        { cwd: FLOWS, env, cache: join(work, 'cache') },
        silentLog()
      )
    const built = await build('local', { directory })
    const document = JSON.parse(JSON.stringify(built.report.storage)) as SerializedStorage
    const locations = built.report.flows.map(flow => [flow.name, flow.location] as const)
    const files = new Map(locations.map(([name, file]) => [name, readFileSync(file)]))

    const sources = await listSources(FLOWS)
    const modules = await discoverModules(sources, ['.'])
    const interpreter = interpreterPython({ python, sources, env, envVars: {} })
    const { flows } = await loadFlows(interpreter, { modules, helpers: 'value' })
    const local = observeStorage(
      new LocalStorage({ release, directory: join(work, 'library') }),
      flows
    )
    const storages = {
      local: { ...local, empty: { ...local.empty, directory }, full: document, locations },
      memory: observeStorage(new Memory({ release }), flows),
      bytes: observeStorage(new Bytes({ release }), flows),
      docker: observeStorage(new Docker({ release }), flows)
    }

    const referring = await loadFlows(interpreter, { modules, helpers: 'reference' })
    const docker = new Docker({ release, registryUrl: 'r.io/x', imageName: 'i', imageTag: 't' })
    for (const { file, path } of referring.helpers) {
      mkdirSync(dirname(join(work, 'modules', path)), { recursive: true })
      cpSync(join(FLOWS, file), join(work, 'modules', path))
    }
    const inImage = new Map<string, string>()
    for (const flow of referring.flows) {
      const file = join(work, 'image', basename(docker.addFlow(flow)))
      writeFileSync(file, flowFile(flow, rules))
      inImage.set(flow.name, file)
    }

    const documents = {
      local: document,
      docker: docker.serialize(),
      ...(rules.storages.bytes.readable ? { bytes: storages.bytes.full } : {}),
      ...(rules.storages.memory.readable ? { memory: storages.memory.full } : {})
    }
    const getFlowBy = { local: rules.getFlowByName ? 'name' : 'location', bytes: 'name' }
    const minor = prefects.versions.python.split('.').slice(0, 2).join('.')
    return {
      ours: { storages, docker: observeImages(release, minor) },
      prefects,
      files: {
        local: { ours: files, prefects: prefectsLocal },
        docker: {
          ours: new Map([...inImage].map(([name, file]) => [name, readFileSync(file)])),
          prefects: new Map(
            referring.flows.map(({ name, slug }) => [
              name,
              readFileSync(join(context, `${slug}.flow`))
            ])
          )
        }
      },
      documents,
      read: await real('read', { documents, getFlowBy }),
      image: await real('image', { flows: Object.fromEntries(inImage) }, join(work, 'modules'))
    }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}
