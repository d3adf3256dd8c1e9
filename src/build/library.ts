import { connectDocker } from '../docker/connect.js'
import { throwAll, withUndone } from '../errors.js'
import type { Flow } from '../flows/flow.js'
import { loadFlows as load } from '../flows/load.js'
import { unaddressableNotice } from '../flows/messages.js'
import { silentLog, type Log, type Recorder } from '../log.js'
import { rawOptions, type BuildStorageOptions } from '../options/build-storage-options.js'
import { checkOptions } from '../options/options.js'
import { workingDirectory } from '../options/working-directory.js'
import { userCache } from '../paths.js'
import { containerPython } from '../python/container.js'
import { interpreterPython } from '../python/interpreter.js'
import type { ModuleFile, PythonLoader } from '../python/loader.js'
import { NO_INDEXES } from '../packages/indexes.js'
import { dockerCredentials } from '../registry/auth/credentials.js'
import { parseReference } from '../registry/reference.js'
import type { Build } from '../report.js'
import { repositorySources } from '../sources/repository-sources.js'
import { rulesFor } from '../prefect/releases.js'
import type { FlowSources, Sources } from '../sources/sources.js'
import { buildStorage as runBuild } from './build.js'
import { missedSourceHint } from './load/missed-source.js'
import { outsideSourcesHint } from './load/module-elsewhere.js'
import { hidingSecrets, knownSecrets } from './known-secrets.js'
import { moduleFiles } from './store/helper-modules.js'

/** The surroundings of `buildStorage` and `loadFlows`; each has a default. */
export interface LibrarySurroundings {
  /** The repository's folder; default the working directory. */
  readonly cwd?: string
  /** Variables of the machine: PATH, DOCKER_HOST, DOCKER_CONFIG, …; default those of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Default: nothing is shown. */
  readonly log?: Log
}

/** The surroundings of {@link buildStorage}; each has a default. */
export interface BuildStorageSurroundings extends LibrarySurroundings {
  /** Cache folder for virtual environments; default that of the CLI. */
  readonly cache?: string
  /** Default: nothing is shown. */
  readonly log?: Recorder
}

/**
 * Builds a storage, as `flowstore build` does. Nothing is written into the output directory:
 * `publishToDirectory` does that.
 *
 * @returns the report, which has the serialized storage, and the documents of the build
 * @throws FlowstoreError, or FlowstoreErrors with every error of a stage
 */
export async function buildStorage(
  options: BuildStorageOptions,
  surroundings: BuildStorageSurroundings = {}
): Promise<Build> {
  const { env = process.env, log = silentLog() } = surroundings
  const { cache = userCache(env) } = surroundings
  const raw = rawOptions(options)
  const cwd = await workingDirectory(raw, surroundings.cwd ?? process.cwd())
  const build = await runBuild(checkOptions(raw, cwd), { cwd, env, cache }, log)
  try {
    await build.moveTags()
  } catch (error) {
    throw withUndone(error, await build.discard())
  }
  // Not every caller publishes it.
  build.keep?.()
  return build
}

/**
 * Options of {@link loadFlows}: the flow modules and their sources, as {@link buildStorage} takes them, and the Python
 * that loads them.
 */
export type LoadFlowsOptions = Pick<BuildStorageOptions, 'flows' | 'sources' | 'pythonPath'> &
  (
    | {
        /**
         * Path of an interpreter on this machine. Flows of Prefect 0.5 to 1.4 have the modules that they import inside
         * them.
         */
        readonly python: string
      }
    | {
        /**
         * An image, pulled if the daemon does not have it; the flows are loaded in a container of it. The modules that
         * they import are in the result, for `modules` of `Docker`.
         */
        readonly image: string
      }
  )

/** The result of {@link loadFlows}. */
export interface LibraryFlows {
  readonly flows: readonly Flow[]
  /** Modules of the repository that the flows import when they run; empty if the flows have them inside. */
  readonly modules: readonly ModuleFile[]
  /**
   * The sources of flows of Prefect 2 and 3, for `sources` of `Docker` and `LocalStorage`; undefined for flows of
   * earlier releases.
   */
  readonly sources: FlowSources | undefined
}

/**
 * Loads flows, to add them to a storage. `buildStorage` does this and everything after it. Both see the same sources.
 *
 * @param surroundings the log gets a notice for each flow of Prefect 2 and 3 that no entrypoint can name
 * @throws FlowstoreError (FlowstoreErrors for several) INVALID_OPTION, MODULE_NOT_FOUND, MODULE_IMPORT, FLOW_NOT_FOUND and other
 * problems of the modules; DAEMON, BASE_IMAGE_PULL; PYTHON_NOT_FOUND
 */
export async function loadFlows(
  options: LoadFlowsOptions,
  { cwd = process.cwd(), env = process.env, log = silentLog() }: LibrarySurroundings = {}
): Promise<LibraryFlows> {
  const secrets = await knownSecrets({ env, secrets: new Map(), indexes: NO_INDEXES })
  return hidingSecrets(secrets, log, hidden => loadFrom(options, { cwd, env, log: hidden }))
}

async function loadFrom(
  options: LoadFlowsOptions,
  { cwd, env, log }: Required<LibrarySurroundings>
): Promise<LibraryFlows> {
  const { flows, sources: lines, pythonPath } = options
  const read = checkOptions(rawOptions({ flows, sources: lines, pythonPath }), cwd)
  const found = await repositorySources(cwd, read)
  const { sources, importRoots, discovered } = found
  const python = await pythonOf(options, sources, env)
  const loaded = await load(python, {
    modules: discovered.modules,
    importRoots,
    helpers: 'image' in options ? 'reference' : 'value',
    missedHint: async ({ absent, message }) =>
      (await missedSourceHint(found, absent)) ?? outsideSourcesHint(found, message)
  })
  throwAll(loaded.problems)
  for (const flow of loaded.unaddressable) log.notice(unaddressableNotice(flow))
  const { flowsAre } = rulesFor(loaded.versions.prefect).generation
  return {
    flows: loaded.flows,
    modules: await moduleFiles(sources, loaded.helpers),
    sources: flowsAre === 'entrypoints' ? { ...sources, importRoots } : undefined
  }
}

async function pythonOf(
  options: LoadFlowsOptions,
  sources: Sources,
  env: Readonly<Record<string, string | undefined>>
): Promise<PythonLoader> {
  if ('python' in options) {
    return interpreterPython({ python: options.python, sources, env, envVars: {} })
  }
  const daemon = await connectDocker(undefined, env)
  await daemon.ensure({
    reference: parseReference(options.image),
    findCredentials: dockerCredentials(env),
    what: 'the image',
    hint: (_words, registry) => `Log in to ${registry} (docker login), or build the image first.`
  })
  return containerPython(daemon, options.image, sources)
}
