import type { Daemon } from '../docker/daemon.js'
import { filesNotices, prepareRecipe } from '../environment/recipe.js'
import type {
  BaseRequest,
  Builder,
  BuildingMachine,
  EnvironmentRequest
} from '../environment/request.js'
import type { Log } from '../log.js'
import type { EnvironmentOptions } from '../options/identity.js'
import { NO_INDEXES, variableLines, type PackageIndexes } from '../packages/indexes.js'
import { INDEXES_SECRET } from '../packages/install-step.js'
import type { Requirements } from '../packages/requirements.js'
import type { PickledFlowLine } from '../prefect/pickled-flow-line.js'
import { DEFAULT_LIMITS, type Limits } from '../python/limits.js'
import type { Registries } from '../registry/registries.js'
import {
  readDockerIgnore,
  withoutBringingBack,
  type DockerIgnore
} from '../sources/docker-ignore.js'
import type { Sources } from '../sources/sources.js'
import { OWN_PLATFORM, parsePlatform } from '../util/platform.js'
import type { Scope } from '../util/scope.js'
import type { FindSecret } from '../util/secret-search.js'

/** The options that are read before a request: into requirements, a base image, and package indexes. */
type ReadBefore =
  | 'python'
  | 'pythonDependencies'
  | 'requirementsFile'
  | 'extras'
  | 'groups'
  | 'package'
  | 'baseImage'
  | 'indexUrl'
  | 'extraIndexUrls'

/** What an environment image is made from, with everything to find or build it. */
export interface EnvironmentParts {
  /** Only options that `sameEnvironment` compares. */
  readonly options: Omit<EnvironmentOptions, ReadBefore>
  /** Which of these a module sets. It is untrusted: what git ignores is not copied because of it. */
  readonly setByModules: readonly ('dockerfile' | 'dockerignore')[]
  /** The base image; asked for only if `options` has no Dockerfile. */
  readonly baseImage: () => string
  readonly requirements: Requirements
  /** Shows that the flows are of Prefect 0.5 to 1.4. */
  readonly pickledFlow?: PickledFlowLine | undefined
  /** The secrets that a Dockerfile and the installation may mount: id to value. Default none. */
  readonly secrets?: ReadonlyMap<string, string | Buffer> | undefined
  /** Finds the secrets that the run knows of; default none. */
  readonly findSecret?: FindSecret | undefined
  /** Where packages come from; `machine.env` tells the same. Default what pip and uv are configured with. */
  readonly indexes?: PackageIndexes | undefined
  /** The repository, for requirements that are paths in it. */
  readonly sources: Sources
  /** Folder that paths are relative to; the build context of a Dockerfile. */
  readonly cwd: string
  /** The output directory, relative to `cwd`, if it is below it: it does not go into an image. */
  readonly output?: string | undefined
  /** Name of the project; default `flows`. */
  readonly project?: string | undefined
  /** `cwd` below the folder that holds all sources; default that folder. */
  readonly workingDirectory?: string | undefined
  /** Folders to import modules from, relative to `cwd`; default none. */
  readonly importRoots?: readonly string[] | undefined
  /** Whether flows are added to the image; else they are only loaded in it and stored elsewhere. */
  readonly hasFlows: boolean
  /** Whether the image is built again, without the daemon's cache. */
  readonly refresh: boolean
  readonly registries: Registries
  /** Connects on first use. */
  readonly daemon: () => Promise<Daemon>
  /** What builds it. */
  readonly builder: Builder
  /** Why that one, as a clause; default that the option says so. */
  readonly whyBuilder?: string | undefined
  /** This machine, for a build without a daemon. */
  readonly machine: Omit<BuildingMachine, 'cwd'>
  /** What a load or a check in the image may take; default {@link DEFAULT_LIMITS}. */
  readonly limits?: Limits | undefined
  /** What may go on after the image is made. */
  readonly defer: Scope['defer']
  readonly log: Log
}

/**
 * The request for an environment image, of a build and of the library's `Docker`. A warning names the files that
 * are left out of the image because git ignores them.
 */
export async function environmentRequest(parts: EnvironmentParts): Promise<EnvironmentRequest> {
  const { options, requirements, sources, hasFlows, refresh, registries, daemon, log } = parts
  const { localImage } = options
  const { indexes = NO_INDEXES } = parts
  const { buildKwargs, platforms } = platformsOf(options)
  const dockerIgnore = await dockerIgnoreOf(parts)
  const base = baseOf({ ...parts, options: { ...options, buildKwargs } }, dockerIgnore)
  const prepared = await prepareRecipe({
    prefectVersion: options.prefectVersion,
    requirements,
    pickledFlow: parts.pickledFlow,
    indexes: indexes.addresses,
    installer: options.installer,
    envVars: options.envVars,
    files: options.files,
    dockerIgnore,
    output: parts.output,
    extraCommands: options.extraDockerfileCommands,
    project: hasFlows ? parts.project : undefined,
    workingDirectory: parts.workingDirectory,
    importRoots: parts.importRoots,
    prefectDirectory: options.prefectDirectory,
    path: hasFlows ? options.path : undefined,
    withoutFlows: !hasFlows,
    buildKwargs: { ...buildKwargs, ...(refresh && { nocache: true }) },
    sources
  })
  for (const notice of filesNotices(prepared)) log.notice(notice)
  const { cwd, builder, whyBuilder, limits = DEFAULT_LIMITS } = parts
  const { env, cache, secretPaths } = parts.machine
  const machine = { env, cache, secretPaths, cwd }
  return {
    ...{ prepared, platforms, base, localImage, registries },
    ...{ daemon, builder, whyBuilder, machine, limits, log },
    findSecret: parts.findSecret,
    defer: parts.defer,
    secrets: new Map<string, string | Buffer>([
      ...(parts.secrets ?? []),
      ...(indexes.hasLogins ? [[INDEXES_SECRET, variableLines(indexes)] as const] : [])
    ])
  }
}

type PlatformChoice = Pick<EnvironmentOptions, 'platforms' | 'buildKwargs'>

/** The platforms of an image. A single one is that of the daemon's build too. */
function platformsOf({ platforms, buildKwargs }: PlatformChoice): PlatformChoice {
  if (platforms.length > 1) return { platforms, buildKwargs }
  const { platform = platforms[0] } = buildKwargs
  return {
    platforms: [platform === undefined ? OWN_PLATFORM : parsePlatform(platform)],
    buildKwargs: { ...buildKwargs, platform }
  }
}

async function dockerIgnoreOf(parts: EnvironmentParts): Promise<DockerIgnore> {
  const { options, setByModules, cwd } = parts
  const rules = await readDockerIgnore(cwd, options.dockerignore)
  return setByModules.includes('dockerignore') ? withoutBringingBack(rules) : rules
}

function baseOf(parts: EnvironmentParts, rules: DockerIgnore): BaseRequest {
  const { options, setByModules, baseImage, cwd, output } = parts
  const { dockerfile: path, buildKwargs } = options
  if (path === undefined) return { kind: 'image', reference: baseImage() }
  const namesIgnored = !setByModules.includes('dockerfile')
  const dockerIgnore = namesIgnored ? rules : withoutBringingBack(rules)
  return {
    kind: 'dockerfile',
    dockerfile: { path, cwd, dockerIgnore, namesIgnored, output, buildKwargs }
  }
}
