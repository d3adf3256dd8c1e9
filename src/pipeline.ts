import { realpath } from 'node:fs/promises'
import { basename, join, relative, resolve, sep } from 'node:path'
import { discoverModules, namedFiles, type FlowModule } from './discover/modules.js'
import {
  dockerFilter,
  largestFiles,
  listSources,
  sourcesHash,
  type Sources
} from './discover/sources.js'
import { FlowstoreError, throwAll } from './errors.js'
import { baseImage } from './image/base.js'
import { Docker } from './image/docker.js'
import { environmentImage, planEnvironment, type Environment } from './image/environment.js'
import { userBaseImage } from './image/user-dockerfile.js'
import type { ModuleFile } from './image/flows.js'
import { checkPushAccess } from './image/push.js'
import { containerPython } from './load/container.js'
import { loadingPython } from './load/environment.js'
import { loadFlows, noFlow, type LoadedFlows } from './load/flows.js'
import { healthcheck } from './load/healthcheck.js'
import { interpreterPython } from './load/interpreter.js'
import { LOADER_FILE, type PythonPlace } from './load/loader.js'
import { readRequirements, requirementLines, type Requirements } from './load/requirements.js'
import type { Options } from './options/options.js'
import { defaultBaseImage, pinnedPrefect } from './prefect/rules.js'
import { dockerCredentials, type FindCredentials } from './registry/credentials.js'
import { reportJson, type Build, type Report } from './report.js'
import { flowFile } from './storage/file.js'
import { flowsJson, storageLabels } from './storage/flows-json.js'
import type { Flow, FlowVersions } from './storage/flow.js'
import { LocalStorage } from './storage/local.js'
import { mergeOwnStorages, sameEnvironment } from './storage/own.js'
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
  const sources = await listSources(cwd, [output], await namedFiles(cwd, options.flows))
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
    options.requirementsFile
  )
  return { options, surroundings, log, sources, modules, requirements }
}

/** The image's name below its registry. */
const imageName = ({ options, surroundings: { cwd, env } }: Run): string =>
  options.imageName ?? toRepository(basename(env['GITHUB_REPOSITORY'] ?? cwd))

/** Has the environment image in the daemon; what would fail later for sure fails here first. */
async function imageEnvironment(run: Run, credentials: FindCredentials): Promise<ImageEnvironment> {
  const { options, surroundings, log, sources, requirements } = run
  const version = options.prefectVersion ?? pinnedPrefect(requirementLines(requirements))
  const named = options.baseImage !== undefined || options.dockerfile !== undefined
  if (!named && version === undefined) {
    throw new FlowstoreError(
      'MISSING_OPTION',
      "the option 'prefect-version' is required: no Prefect is pinned, and no base-image is given",
      {
        hint: 'Set prefect-version, pin prefect in python-dependencies or the requirements file, or say a base-image that has Prefect.'
      }
    )
  }
  const { cwd, env } = surroundings
  const daemon = await connectDocker(options.baseUrl, {
    ...env,
    ...(options.tlsConfig === undefined
      ? {}
      : { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: resolve(cwd, options.tlsConfig) })
  })
  if (options.storage === 'docker' && options.push && options.registryUrl !== undefined) {
    await checkPushAccess(`${options.registryUrl}/${imageName(run)}`, credentials)
  }
  const { dockerfile, dockerignore, buildKwargs } = options
  const base =
    dockerfile === undefined
      ? await baseImage(
          daemon,
          options.baseImage ?? defaultBaseImage(version ?? '', options.python),
          options.localImage,
          credentials,
          log,
          buildKwargs.platform
        )
      : await userBaseImage(daemon, { path: dockerfile, cwd, dockerignore, buildKwargs }, log)
  const plan = await planEnvironment(
    {
      base,
      prefectVersion: options.prefectVersion,
      requirements,
      envVars: options.envVars,
      files: options.files,
      filter: await dockerFilter(cwd, dockerignore),
      extraCommands: options.extraDockerfileCommands,
      prefectDirectory: options.prefectDirectory,
      buildKwargs,
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
    run.options.storedAsScript,
    run.options.path ?? null,
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
  loaded: LoadedFlows,
  secrets: readonly string[]
): Promise<Docker> {
  const { options, surroundings, log, sources } = run
  const key = await imageKey(run, environment)
  const storage = new Docker(
    {
      release: loaded.versions.prefect,
      secrets,
      registryUrl: options.registryUrl,
      imageName: imageName(run),
      imageTag: options.imageTag ?? key,
      prefectVersion: options.prefectVersion,
      prefectDirectory: options.prefectDirectory,
      path: options.path,
      storedAsScript: options.storedAsScript,
      key,
      modules: await Promise.all(loaded.helpers.map(helper => moduleFile(sources, helper)))
    },
    { root: surroundings.cwd, env: surroundings.env, log, daemon, environment }
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

function embeddedStorage(
  options: Options,
  cwd: string,
  release: string,
  secrets: readonly string[]
): Storage {
  switch (options.storage) {
    case 'local':
      return new LocalStorage({
        release,
        secrets,
        path: options.path,
        storedAsScript: options.storedAsScript,
        directory: options.directory?.startsWith('~')
          ? options.directory
          : options.directory && resolve(cwd, options.directory)
      })
    case 'memory':
      return new Memory({ release, secrets })
    case 'bytes':
      return new Bytes({ release, secrets })
    case 'docker':
      throw new Error('docker storage is not an embedded one')
  }
}

/** A storage without an image, its flows checked where they were loaded. */
async function storeEmbedded(
  run: Run,
  place: PythonPlace,
  loaded: LoadedFlows,
  secrets: readonly string[]
): Promise<Storage> {
  const { options, surroundings, log } = run
  const { prefect } = loaded.versions
  const storage = embeddedStorage(options, surroundings.cwd, prefect, secrets)
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

function reportOf(run: Run, storage: Storage, loaded: LoadedFlows, hasFlowsJson: boolean): Report {
  const { options, surroundings, log } = run
  const folder = resolve(surroundings.cwd, options.outputDirectory)
  const image = storage instanceof Docker ? storage : undefined
  return {
    outputs: {
      storage: JSON.stringify(storage.serialize()),
      'storage-path': join(folder, 'storage.json'),
      'flows-path': hasFlowsJson ? join(folder, 'flows.json') : '',
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

/** Has an environment, and loads the flows in it. */
async function load(run: Run) {
  const { options, surroundings, log } = run
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
  const loaded = await log.phase('load', async () => {
    const found = await loadFlows(
      place,
      run.modules,
      options.storage === 'docker' ? 'reference' : 'value',
      storageLabels(options.storage)
    )
    if (found.log.trim() !== '') log.debug(found.log.trimEnd())
    if (image && options.loadIn === 'runner' && found.problems.length === 0) {
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
  return { run, loaded, image, place }
}

const withOptions = async (run: Run, options: Options): Promise<Run> => ({
  ...run,
  options,
  requirements: await readRequirements(
    run.surroundings.cwd,
    options.pythonDependencies,
    options.requirementsFile
  )
})

/**
 * Loads the flows, with what the storages in their modules ask for: that is known once they are
 * loaded, so where it makes another environment they are loaded again, in that one.
 */
async function loadMerged(first: Run) {
  const { log, modules } = first
  let found = await load(first)
  const missing = found.loaded.dependencies.filter(
    line => !first.options.pythonDependencies.includes(line)
  )
  if (found.loaded.problems.length > 0 && missing.length > 0 && found.image) {
    const { options } = first
    log.info(`A module does not import; its Docker storage asks for ${missing.join(' ')}`)
    found = await load(
      await withOptions(first, {
        ...options,
        pythonDependencies: [...options.pythonDependencies, ...missing]
      })
    )
  }
  throwAll(found.loaded.problems)
  const { options } = found.run
  const merged = mergeOwnStorages(options, found.loaded.flows)
  if (options.storageConflict === 'error') throwAll(merged.conflicts)
  for (const notice of merged.notices) log.notice(notice)
  if (merged.flows.length === 0) throw noFlow(modules)
  if (!sameEnvironment(options, merged.options) && found.image) {
    log.info('The storages of the modules ask for another environment')
    found = await load(await withOptions(found.run, merged.options))
    throwAll(found.loaded.problems)
  }
  const kept = new Set(merged.flows.map(flow => flow.name))
  return {
    ...found,
    run: { ...found.run, options: merged.options },
    secrets: merged.secrets,
    loaded: { ...found.loaded, flows: found.loaded.flows.filter(flow => kept.has(flow.name)) }
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
  const first = await log.phase('discover', () => discover(options, surroundings, log))
  const { run, loaded, image, place, secrets } = await loadMerged(first)
  const storage =
    image && options.storage === 'docker'
      ? await storeInImage(run, image, loaded, secrets)
      : await storeEmbedded(run, place, loaded, secrets)
  const flows = flowsJson(storage)
  const report = reportOf(run, storage, loaded, flows !== undefined)
  const local = storage instanceof LocalStorage ? storage : undefined
  return {
    report,
    files: new Map([
      ['storage.json', `${JSON.stringify(storage.serialize(), null, 2)}\n`],
      ...(flows === undefined ? [] : [['flows.json', flows] as const]),
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
