import { statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { parseManifest } from '../../image/oci/documents.js'
import type { ImageRepository } from '../../image/repository.js'
import { machineUv } from '../../packages/machine/machine-uv.js'
import { normalizedName } from '../../packages/requirement.js'
import { runsUv } from '../../packages/uv.js'
import { findPython, type FoundPython } from '../../python/find-python.js'
import { minorOf } from '../../util/minor.js'
import { machineOf, OWN_PLATFORM } from '../../util/platform.js'
import { temporaryFolder } from '../../util/temporary.js'
import { packTar } from '../../util/tar.js'
import { gzipLayerFile, type LayerFile } from '../../image/oci/layer-file.js'
import { tagManifest } from '../../image/oci/write.js'
import { registryDigest, type BaseImage } from '../base/base-image.js'
import {
  environmentInRegistry,
  oneKey,
  registryTag,
  type EnvironmentImage
} from '../environment.js'
import { environmentLabels, type EnvironmentFacts } from '../environment-labels.js'
import { FirstStart } from '../first-start.js'
import { refuseInBuild, refuseInPackages } from '../refuse-secrets.js'
import { findInRegistry } from '../find.js'
import { planDockerfile, planEnvironment, type EnvironmentPlan } from '../plan/plan.js'
import type { EnvironmentRequest } from '../request.js'
import { sitePackages, UnknownBase, type BaseFacts } from './base-facts.js'
import { ancestorsOf, realFolder } from './base-folders.js'
import { installPackages, nameAndVersion, type Installed } from './install.js'
import {
  adoptHeaders,
  adoptScripts,
  layerEntries,
  removeCacheNotes,
  searchLast
} from './package-layer.js'
import { Bytecode } from './bytecode.js'
import { libraryLayer } from './library-layer.js'
import { placedFiles } from './placed-files.js'
import { NotPure, projectWheels } from './project-wheels.js'
import { processConfig, readBase, type RegistryBase } from './read-base.js'
import { uvPlatform } from './uv-platform.js'
import { whyNotOn } from './why-not.js'
import { writeEnvironment, type ReadyEnvironment } from './write-environment.js'

/** What was made: an environment image in the registry, or why a daemon is needed, as a clause. */
export type DirectResult =
  | {
      readonly kind: 'made'
      readonly environment: EnvironmentImage
      /** Whether it was there. */
      readonly isFound: boolean
      readonly firstStart: FirstStart | undefined
    }
  | { readonly kind: 'needs-daemon'; readonly reason: string }

/** An environment image that can be built without a daemon. */
export interface DirectPlan {
  readonly plan: EnvironmentPlan
  readonly read: RegistryBase
  /** What uv calls its platform. */
  readonly platform: string
}

/**
 * Builds an environment image without a daemon, and pushes it: the layers of the base image, and one layer with the
 * packages. uv chooses wheels for the platform of the image. No code of a package runs: what a worker starts is started when
 * the image is used.
 *
 * @throws FlowstoreError BASE_IMAGE_PULL, DEPENDENCY_INSTALL, PYTHON_NOT_FOUND, PUSH_REFUSED, REGISTRY
 */
export async function makeDirectly(
  request: EnvironmentRequest,
  repository: ImageRepository
): Promise<DirectResult> {
  try {
    const [platform = OWN_PLATFORM] = request.platforms
    const planned = await planDirectly(request, platform)
    return typeof planned === 'string'
      ? { kind: 'needs-daemon', reason: planned }
      : { kind: 'made', ...(await make(request, repository, planned)) }
  } catch (error) {
    if (!(error instanceof UnknownBase || error instanceof NotPure)) throw error
    return { kind: 'needs-daemon', reason: error.message }
  }
}

/**
 * The plan of an image, or why it needs a daemon, as a clause.
 *
 * @param wanted `os/architecture`
 * @throws UnknownBase, which has such a clause too; FlowstoreError BASE_IMAGE_PULL
 */
export async function planDirectly(
  request: EnvironmentRequest,
  wanted: string
): Promise<DirectPlan | string> {
  const { prepared, base, localImage, registries, machine, log } = request
  if (base.kind === 'dockerfile') return `${base.dockerfile.path} has to be built`
  if (localImage) return 'a local-image is one of the daemon'
  const read = await readBase(base.reference, wanted, registries, machine.cache, log)
  const image = baseImageOf(base.reference, read)
  const { python } = image.versions
  const why = whyNotOn(read)
  if (why !== undefined) return why
  if (!runsUv(python)) return `uv does not install for Python ${python} of the base image`
  const target = uvPlatform(wanted, read.facts.libc)
  if (target === undefined) return `uv has no wheels for ${wanted} with ${read.facts.libc}`
  const plan = await planEnvironment(prepared, image, log)
  return plan.parts.needsDaemon ?? { plan, read, platform: target }
}

async function make(
  request: EnvironmentRequest,
  repository: ImageRepository,
  plan: DirectPlan
): Promise<Omit<Extract<DirectResult, { kind: 'made' }>, 'kind'>> {
  return inFolderOfBuild(request, async folder => {
    const shared = {
      onInstalled: () => Promise.resolve(),
      bytecode: new Bytecode(request.log)
    }
    const made = await readyImage(request, repository, plan, folder, shared)
    const { environment, tag } = await writtenImage(made, request, repository)
    const firstStart = await tagWhenStarted([made], tag)
    return { environment, isFound: made.kind === 'found', firstStart }
  })
}

/**
 * Gives an image, or an index, its tag; or says what has to start before.
 *
 * @param images the image, or those of the index
 */
export async function tagWhenStarted(
  images: readonly DirectImage[],
  tag: () => Promise<void>
): Promise<FirstStart | undefined> {
  const command = images
    .map(image => (image.kind === 'ready' ? startedIn(image.ready.plan) : undefined))
    .find(each => each !== undefined)
  if (command !== undefined) return new FirstStart(command, tag)
  await tag()
  return undefined
}

/** The command that has to start in an image; undefined for a platform on which nothing is started. */
const startedIn = ({ parts, base }: EnvironmentPlan): readonly string[] | undefined =>
  base.platform === OWN_PLATFORM ? parts.check : undefined

/**
 * Makes images in an empty folder.
 *
 * The folder is removed at the end of the run. For some time, ext4 looks at each file that was just removed before it
 * makes a new one, and the packages may be unpacked next.
 */
export async function inFolderOfBuild<Result>(
  { defer }: EnvironmentRequest,
  work: (folder: string) => Promise<Result>
): Promise<Result> {
  const folder = await temporaryFolder()
  defer(folder.remove)
  return work(folder.path)
}

/** An environment image of one platform: the registry has it, or its parts are ready to be pushed. */
export type DirectImage =
  | {
      readonly kind: 'found'
      readonly facts: EnvironmentFacts
      readonly environment: EnvironmentImage
    }
  | {
      readonly kind: 'ready'
      readonly facts: EnvironmentFacts
      readonly ready: ReadyEnvironment
    }

/** What the images of a build for several platforms share. */
export interface SharedWork {
  /** Awaited when the packages of an image are installed, or known, and before the longer rest. */
  readonly onInstalled: () => Promise<void>
  readonly bytecode: Bytecode
}

/**
 * Finds an environment image, or installs its packages. Nothing is pushed.
 *
 * @param folder an empty folder, which is needed until the image is written
 */
export async function readyImage(
  request: EnvironmentRequest,
  repository: ImageRepository,
  { plan, read, platform }: DirectPlan,
  folder: string,
  shared: SharedWork
): Promise<DirectImage> {
  const { log, machine, platforms } = request
  const { key, prefect } = plan
  const { reference } = plan.base
  const { environment } = await findInRegistry(repository, oneKey(key), log)
  if (environment && !request.prepared.buildKwargs.nocache) {
    await shared.onInstalled()
    return { kind: 'found', facts: environment.facts, environment }
  }
  const which = platforms.length > 1 ? ` for ${read.platform}` : ''
  log.info(
    `Environment ${key}: building it on ${reference}${which} without a daemon, with Prefect ${prefect}`
  )
  await refuseInBuild('the Dockerfile', planDockerfile(plan), plan.context, request.findSecret)
  const python = await findPython(
    undefined,
    [minorOf(read.facts.python.version)],
    machine.env,
    machine.cwd
  )
  const [library, { layer, installed, after }] = await Promise.all([
    libraryLayer(read, python, machine.cache),
    packageLayer(request, plan, read, platform, python, folder, shared)
  ])
  const facts = factsOf(plan, { ...read, facts: after }, installed, library)
  const layers = { library, packages: layer }
  const ready = { repository, base: read, plan, layers, labels: environmentLabels(facts) }
  return { kind: 'ready', facts, ready }
}

/** An image in the registry. */
interface WrittenImage {
  readonly environment: EnvironmentImage
  /** Gives it the tag that it is found by, unless it has it. */
  readonly tag: () => Promise<void>
}

/** The image in the registry; pushes one that is only ready. */
export async function writtenImage(
  image: DirectImage,
  { log }: EnvironmentRequest,
  repository: ImageRepository
): Promise<WrittenImage> {
  if (image.kind === 'found') {
    return { environment: image.environment, tag: () => Promise.resolve() }
  }
  const { key } = image.facts
  const written = await writeEnvironment(image.ready, log)
  const environment = environmentInRegistry(written, repository.name, oneKey(key))
  if (environment === undefined) throw new Error(`the labels of ${key} can't be read`)
  const { client, path } = repository
  const tag = () => tagManifest(client, path, written.manifest, registryTag(key))
  return { environment, tag }
}

/** The layer with packages and files. */
interface PackageLayer {
  readonly layer: LayerFile
  readonly installed: Installed
  /** The base image with the folders of the user's files. */
  readonly after: BaseFacts
}

const isFolder = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

async function packageLayer(
  { machine, prepared, findSecret, log }: EnvironmentRequest,
  plan: EnvironmentPlan,
  { facts }: RegistryBase,
  platform: string,
  { path: python }: FoundPython,
  folder: string,
  { onInstalled, bytecode }: SharedWork
): Promise<PackageLayer> {
  const root = join(folder, 'root')
  await mkdir(root)
  const uv = await machineUv(
    'uv',
    { path: python, version: facts.python.version },
    prepared.recipe.requirements,
    machine.cwd,
    { ...machine, log }
  )
  if (uv === undefined) throw new Error('uv is required')
  const { runs, files, searchedLast, projects, copied } = plan.parts
  const { reference } = plan.base
  const { env, secretPaths } = machine
  const { sources } = prepared.recipe
  const wheels = {
    projects,
    sources,
    python,
    uv,
    env,
    secretPaths,
    folder: join(folder, 'projects')
  }
  const ofProjects = projects.length === 0 ? [] : [await projectWheels(wheels, log)]
  const installed = await installPackages(
    {
      base: facts,
      reference,
      runs: [...runs, ...ofProjects],
      files,
      platform,
      python,
      uv,
      env,
      root
    },
    log
  )
  await onInstalled()
  await adoptScripts(root, facts, python)
  await adoptHeaders(root, facts)
  await removeCacheNotes(root, facts)
  await searchLast(root, facts, searchedLast)
  await bytecode.compile(root, facts.python, python)
  const { workingDirectory } = plan.parts
  const folders = [...plan.folders, ...(workingDirectory === undefined ? [] : [workingDirectory])]
  const placed = placedFiles(copied, facts, path => isFolder(join(root, path)))
  const entries = await layerEntries(
    root,
    facts,
    installed.replaced,
    folders.map(path => realFolder(placed.base, path)),
    placed.entries
  )
  await refuseInPackages(entries, findSecret)
  log.progress('compressing the packages')
  const layer = await gzipLayerFile(packTar(entries), join(folder, 'layer.tar.gz'))
  return { layer, installed, after: placed.base }
}

/** The base image as the daemon's builder knows it. */
function baseImageOf(reference: string, read: RegistryBase): BaseImage {
  const { facts, digest, platform, image } = read
  const { user, env, shell } = processConfig(image)
  const versions = new Map(
    Object.entries(facts.distributions)
      .filter(([path]) => posix.basename(path) === 'METADATA')
      .map(([, text]) => nameAndVersion(text))
      .map(({ name, version }) => [normalizedName(name), version])
  )
  const versionOf = (name: string) => versions.get(name) ?? null
  return {
    reference,
    from: `${reference.split('@')[0] ?? reference}@${digest}`,
    digest,
    platform,
    user,
    env,
    shell,
    python: posix.basename(facts.python.executable),
    versions: {
      python: facts.python.version,
      prefect: versionOf('prefect'),
      cloudpickle: versionOf('cloudpickle'),
      pip: versionOf('pip')
    },
    layers: parseManifest(image.manifest).layers.length
  }
}

function factsOf(
  plan: EnvironmentPlan,
  { facts, platform }: RegistryBase,
  { packages }: Installed,
  library: LayerFile | undefined
): EnvironmentFacts {
  const { key, base, prefect, folders, lateInstructions } = plan
  return {
    key,
    base: base.reference,
    baseDigest: registryDigest(base),
    python: facts.python.version,
    prefect: packages['prefect'] ?? prefect,
    machine: machineOf(platform) ?? '',
    packages,
    dockerfile: planDockerfile(plan),
    started: startedIn(plan)?.join(' '),
    late: [...lateInstructions],
    folders: Object.fromEntries(
      Object.entries(ancestorsOf(facts, folders)).map(([folder, paths]) => [folder, [...paths]])
    ),
    site: {
      folders: [sitePackages(facts.python)],
      baseLayers: base.layers + (library === undefined ? 0 : 1),
      libc: facts.libc
    }
  }
}
