import { realpath } from 'node:fs/promises'
import { basename, join, relative, resolve, sep } from 'node:path'
import { discoverModules, namedFiles, type FlowModule } from './discover/modules.js'
import { largestFiles, listSources, sourcesHash, type Sources } from './discover/sources.js'
import { FlowstoreError } from './errors.js'
import { baseImage } from './image/base.js'
import { Docker } from './image/docker.js'
import { environmentImage, planEnvironment, type Environment } from './image/environment.js'
import type { ModuleFile } from './image/flows.js'
import { checkPushAccess } from './image/push.js'
import { containerPython } from './load/container.js'
import { loadingPython } from './load/environment.js'
import { loadFlows, type LoadedFlows } from './load/flows.js'
import { healthcheck } from './load/healthcheck.js'
import { interpreterPython } from './load/interpreter.js'
import { LOADER_FILE, type PythonPlace } from './load/loader.js'
import {
  localArchives,
  readRequirements,
  requirementLines,
  type Requirements
} from './load/requirements.js'
import type { Options } from './options/options.js'
import { defaultBaseImage, pinnedPrefect } from './prefect/rules.js'
import { dockerCredentials, type FindCredentials } from './registry/credentials.js'
import { reportJson, type Build, type Report } from './report.js'
import { flowFile } from './storage/file.js'
import type { Flow, FlowVersions } from './storage/flow.js'
import { LocalStorage } from './storage/local.js'
import { Bytes, Memory, type Storage } from './storage/storage.js'
import { connectDocker, type Daemon } from './util/docker.js'
import { humanSize } from './util/format.js'
import { sha256File, sha256Json } from './util/hash.js'
import type { Recorder } from './util/log.js'
import { toRepository } from './util/reference.js'
import { VERSION } from './version.js'

/** Where a run happens: all that it takes from outside its options. */
export interface Surroundings {
  /** The repository's folder, absolute. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Folder for what is kept between runs. */
  readonly cache: string
}

/** What the phases of one run share. */
interface Run {
  readonly options: Options
  readonly surroundings: Surroundings
  readonly log: Recorder
  readonly sources: Sources
  readonly modules: readonly FlowModule[]
  readonly requirements: Requirements
}

/** An environment image and the daemon that has it. */
interface ImageEnvironment {
  readonly daemon: Daemon
  readonly environment: Environment
}

/** Sources above this are worth a look: each load copies or reads them. */
const BIG_SOURCES = 100 * 1024 * 1024

async function discover(options: Options, surroundings: Surroundings, log: Recorder): Promise<Run> {
  const { cwd } = surroundings
  const output = relative(cwd, resolve(cwd, options.outputDirectory)).replaceAll(sep, '/')
  const named = await namedFiles(cwd, options.flows)
  const sources = await listSources(cwd, [output], named)
  const modules = await discoverModules(sources, options.flows)
  log.info(
    `${modules.length} ${modules.length === 1 ? 'module' : 'modules'} to look for flows in; the repository has ${sources.files.length} files, ${humanSize(sources.size)}`
  )
  if (sources.size > BIG_SOURCES) {
    const largest = largestFiles(sources, 3).map(file => `${file.path} (${humanSize(file.size)})`)
    log.notice({
      level: 'notice',
      message: `the sources are big, ${humanSize(sources.size)}: ${largest.join(', ')}; .dockerignore leaves files out`
    })
  }
  const requirements = await readRequirements(
    cwd,
    options.pythonDependencies,
    options.requirementsFile,
    { env: surroundings.env, cache: surroundings.cache, log }
  )
  const archives = await localArchives(cwd, requirements)
  return {
    options,
    surroundings,
    log,
    sources:
      archives.length === 0 ? sources : await listSources(cwd, [output], [...named, ...archives]),
    modules,
    requirements
  }
}

/** The image's name below its registry. */
const imageName = ({ options, surroundings: { cwd, env } }: Run): string =>
  options.imageName ?? toRepository(basename(env['GITHUB_REPOSITORY'] ?? cwd))

/** Has the environment image in the daemon; what would fail later for sure fails here first. */
async function imageEnvironment(run: Run, credentials: FindCredentials): Promise<ImageEnvironment> {
  const { options, surroundings, log, sources, requirements } = run
  const version = options.prefectVersion ?? pinnedPrefect(requirementLines(requirements))
  if (options.baseImage === undefined && version === undefined) {
    throw new FlowstoreError(
      'MISSING_OPTION',
      "the option 'prefect-version' is required: no Prefect is pinned, and no base-image is given",
      {
        hint: 'Set prefect-version, pin prefect in python-dependencies or the requirements file, or say a base-image that has Prefect.'
      }
    )
  }
  const daemon = await connectDocker(options.baseUrl, surroundings.env)
  if (options.storage === 'docker' && options.push && options.registryUrl !== undefined) {
    await checkPushAccess(`${options.registryUrl}/${imageName(run)}`, credentials)
  }
  const reference = options.baseImage ?? defaultBaseImage(version ?? '', options.python)
  const base = await baseImage(daemon, reference, options.localImage, credentials, log)
  const plan = await planEnvironment(
    {
      base,
      prefectVersion: options.prefectVersion,
      requirements,
      envVars: options.envVars,
      files: options.files,
      sources
    },
    log
  )
  return { daemon, environment: await environmentImage(daemon, plan, log) }
}

/** Python on this machine; for an image one that is like the image's. */
async function runnerPython(run: Run, image: ImageEnvironment | undefined): Promise<PythonPlace> {
  const { options, surroundings, log, sources, requirements } = run
  const { cwd, env, cache } = surroundings
  const imagePython = image?.environment.base.versions.python.split('.').slice(0, 2).join('.')
  const python = await loadingPython(
    {
      python: options.python ?? imagePython,
      prefectVersion: image?.environment.prefect ?? options.prefectVersion,
      requirements,
      sources,
      cwd,
      env,
      cache
    },
    log
  )
  return interpreterPython({ python, sources, env, envVars: options.envVars })
}

/** A flow loads in the image only where what made it is what reads it. */
function requireSame(made: FlowVersions, image: FlowVersions): void {
  const minor = (version: string) => version.split('.').slice(0, 2).join('.')
  const differs = (
    [
      ['Python', minor(made.python), minor(image.python)],
      ['Prefect', made.prefect, image.prefect],
      ['cloudpickle', made.cloudpickle, image.cloudpickle]
    ] as const
  ).filter(([, one, other]) => one !== other)
  if (differs.length === 0) return
  throw new FlowstoreError(
    'VERSION_MISMATCH',
    `the runner and the image differ: ${differs.map(([what, one, other]) => `${what} ${one} and ${other}`).join(', ')}`,
    {
      hint: "Load the flows in the image (load-in: image), or choose an interpreter like the image's with python."
    }
  )
}

/** Identifies an image by all that a load can see and all that loads. */
const imageKey = async (run: Run, environment: Environment): Promise<string> =>
  sha256Json([
    environment.key,
    await sourcesHash(run.sources),
    run.modules,
    run.options.loadIn,
    VERSION,
    await sha256File(LOADER_FILE)
  ]).slice(0, 20)

/**
 * A helper module as the declared sources have it, links followed within them. A load runs somebody's
 * code, which could name any file of the runner.
 */
async function moduleFile(
  { root, files }: Sources,
  { file, path }: LoadedFlows['helpers'][number]
): Promise<ModuleFile> {
  const source = await realpath(join(root, file)).catch(() => undefined)
  const declared =
    source === undefined ? undefined : relative(await realpath(root), source).replaceAll(sep, '/')
  const found = files.find(entry => entry.path === declared && entry.link === undefined)
  if (source === undefined || found === undefined) {
    throw new FlowstoreError(
      'LOAD_FAILED',
      `the load wants '${file}' in the image, which is no file of the declared sources`
    )
  }
  return { source, path, size: found.size }
}

/** The image, its flows at their locations, checked and pushed. */
async function storeInImage(
  run: Run,
  { daemon, environment }: ImageEnvironment,
  loaded: LoadedFlows
): Promise<Docker> {
  const { options, surroundings, log, sources } = run
  const key = await imageKey(run, environment)
  const storage = new Docker(
    {
      release: loaded.versions.prefect,
      registryUrl: options.registryUrl,
      imageName: imageName(run),
      imageTag: options.imageTag ?? key,
      prefectVersion: options.prefectVersion,
      key,
      modules: await Promise.all(loaded.helpers.map(helper => moduleFile(sources, helper)))
    },
    { env: surroundings.env, log, daemon, environment }
  )
  for (const flow of loaded.flows) storage.addFlow(flow)
  const taken = options.files.find(({ destination }) =>
    [...storage.flows.values()].includes(destination)
  )
  if (taken) {
    throw new FlowstoreError(
      'FILE_DESTINATION',
      `'${taken.source}' in files would lie where a flow does: ${taken.destination}`
    )
  }
  return storage.build({ push: options.push, healthcheck: options.healthcheck })
}

function embeddedStorage(options: Options, cwd: string, release: string): Storage {
  switch (options.storage) {
    case 'local':
      return new LocalStorage({
        release,
        directory: options.directory?.startsWith('~')
          ? options.directory
          : options.directory && resolve(cwd, options.directory)
      })
    case 'memory':
      return new Memory({ release })
    case 'bytes':
      return new Bytes({ release })
    case 'docker':
      throw new Error('docker storage is not an embedded one')
  }
}

/** A storage without an image, its flows checked where they were loaded. */
async function storeEmbedded(run: Run, place: PythonPlace, loaded: LoadedFlows): Promise<Storage> {
  const { options, surroundings, log } = run
  const { prefect } = loaded.versions
  const storage = embeddedStorage(options, surroundings.cwd, prefect)
  if (!storage.readable) {
    log.notice({
      level: 'warning',
      message: `Prefect ${prefect} has no ${storage.name} storage: it can't read this storage.json itself`
    })
  }
  if (options.healthcheck) {
    await log.phase('healthcheck', () =>
      healthcheck(place, loaded.flows, flow => ({ content: storedBytes(flow, storage) }))
    )
  }
  await log.phase('store', async () => {
    try {
      for (const flow of loaded.flows) storage.addFlow(flow)
      await storage.build()
    } catch (error) {
      if (storage instanceof LocalStorage) storage.removeFiles()
      throw error
    }
  })
  return storage
}

/** A flow as its storage keeps it. */
const storedBytes = (flow: Flow, storage: Storage): Buffer =>
  storage.kind === 'local' || storage.kind === 'docker' ? flowFile(flow, storage.rules) : flow.bytes

function reportOf(run: Run, storage: Storage, loaded: LoadedFlows): Report {
  const { options, surroundings, log } = run
  const image = storage instanceof Docker ? storage : undefined
  return {
    outputs: {
      storage: JSON.stringify(storage.serialize()),
      'storage-path': join(resolve(surroundings.cwd, options.outputDirectory), 'storage.json'),
      flows: JSON.stringify(Object.fromEntries(storage.flows)),
      image: image ? `${image.repository}:${image.imageTag ?? ''}` : '',
      'image-name': image?.imageName ?? '',
      'image-tag': image?.imageTag ?? '',
      digest: image?.digest ?? '',
      'image-ref': image?.digest === undefined ? '' : `${image.repository}@${image.digest}`,
      'artifact-id': '',
      'artifact-url': ''
    },
    versions: { ...loaded.versions, flowstore: VERSION },
    phases: log.phases,
    flows: loaded.flows.map(flow => ({
      name: flow.name,
      module: flow.module,
      line: flow.line,
      location: storage.flows.get(flow.name) ?? '',
      size: storedBytes(flow, storage).length
    })),
    notices: log.notices
  }
}

/**
 * The whole run: discovers the flow modules, loads and serializes their flows, reads each back in a
 * fresh interpreter, and adds them to the storage; for docker storage it builds and pushes the image.
 * No file, output or artifact is published; a failure leaves none behind.
 *
 * @throws FlowstoreError (or FlowstoreErrors with all that one phase found)
 */
export async function buildStorage(
  options: Options,
  surroundings: Surroundings,
  log: Recorder
): Promise<Build> {
  const run = await log.phase('discover', () => discover(options, surroundings, log))
  const { image, place } = await log.phase('environment', async () => {
    const needsImage = options.storage === 'docker' || options.loadIn === 'image'
    const made = needsImage
      ? await imageEnvironment(run, dockerCredentials(surroundings.env))
      : undefined
    return {
      image: made,
      place:
        made && options.loadIn === 'image'
          ? containerPython(made.daemon.docker, made.environment.image, run.sources)
          : await runnerPython(run, made)
    }
  })
  const isDocker = options.storage === 'docker'
  const loaded = await log.phase('load', async () => {
    const found = await loadFlows(place, run.modules, isDocker ? 'reference' : 'value')
    if (found.log.trim() !== '') log.debug(found.log.trimEnd())
    if (image && options.loadIn === 'runner') {
      const { versions } = await containerPython(
        image.daemon.docker,
        image.environment.image
      ).probe()
      const { python, prefect, cloudpickle } = versions
      requireSame(found.versions, {
        python,
        prefect: prefect ?? 'none',
        cloudpickle: cloudpickle ?? 'none'
      })
    }
    return found
  })

  const storage =
    image && isDocker
      ? await storeInImage(run, image, loaded)
      : await storeEmbedded(run, place, loaded)
  const report = reportOf(run, storage, loaded)
  const local = storage instanceof LocalStorage ? storage : undefined
  return {
    report,
    files: new Map([
      ['storage.json', `${JSON.stringify(storage.serialize(), null, 2)}\n`],
      ['report.json', reportJson(report)],
      ...(storage instanceof Docker ? [['Dockerfile', await storage.dockerfile()] as const] : [])
    ]),
    artifactFiles: new Map(
      local
        ? [...local.flows.values()].map(path => [
            `flows/${relative(local.directory, path).replaceAll(sep, '/') || basename(path)}`,
            path
          ])
        : []
    ),
    discard: () => local?.removeFiles()
  }
}
