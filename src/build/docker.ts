import { mkdir, writeFile } from 'node:fs/promises'
import { basename, isAbsolute, join, posix } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { BuildKwargs } from '../docker/build-kwargs.js'
import { originOf } from '../ci/origin.js'
import { connectDocker, connectOnce } from '../docker/connect.js'
import type { Daemon } from '../docker/daemon.js'
import type { EnvironmentImage } from '../environment/environment.js'
import { environmentPython } from '../environment/environment-python.js'
import { pulledBase } from '../environment/make.js'
import { planDockerfile, planEnvironment, type EnvironmentPlan } from '../environment/plan/plan.js'
import type { Builder, EnvironmentRequest } from '../environment/request.js'
import { FlowstoreError } from '../errors.js'
import { imageDockerfile, type EnvironmentText } from '../image/describe.js'
import { flowInstructions } from '../image/flow-image.js'
import type { FileTree, FlowLayer } from '../image/flow-layer.js'
import { layFlows } from '../image/lay-flows.js'
import { pushImage } from '../image/sinks/push.js'
import { registryAccess } from '../image/repository.js'
import { moveTags } from '../image/tag-move.js'
import { silentLog, type Log } from '../log.js'
import { userCache } from '../paths.js'
import { readRequirements } from '../packages/read-requirements.js'
import { packageIndexes, withIndexes, type PackageIndexes } from '../packages/indexes.js'
import type { Installer } from '../packages/uv.js'
import { ONE_BASE } from '../prefect/storage-kinds.js'
import { projectFolder } from '../prefect/entrypoint-flows.js'
import { MODULES_FOLDER } from '../prefect/pickled-flows.js'
import { defaultBaseImage } from '../prefect/install.js'
import type { ModuleFile } from '../python/loader.js'
import { parseReference, toRepository } from '../registry/reference.js'
import { registriesOf, type Registries } from '../registry/registries.js'
import { listSources } from '../sources/listing.js'
import { sourcesHash } from '../sources/sources-hash.js'
import { noSources, rootBelowTop, type FlowSources } from '../sources/sources.js'
import { DockerStorage, type DockerStorageOptions } from '../storage/docker.js'
import { checkSources, sourcesMissing } from '../storage/flow-sources.js'
import { sha256, sha256Json } from '../util/hash.js'
import { processScope, Scope } from '../util/scope.js'
import { secretSearch, type FindSecret } from '../util/secret-search.js'
import { extractTar, packTar } from '../util/tar.js'
import { environmentRequest } from './environment-request.js'
import { findOrMakeEnvironment } from './find-or-make-environment.js'
import { hidingSecrets, knownSecrets } from './known-secrets.js'
import type { LibrarySurroundings } from './library.js'
import { plainRecord } from './store/build-record.js'
import { checkLayerInNewContainer } from './store/check-layer.js'
import { imageMetadata, NO_METADATA } from './store/image-metadata.js'
import { putInImage } from './store/put-in-image.js'
import { sourceTree } from './store/source-tree.js'

/** Options of {@link Docker}: Prefect's parameters in TypeScript's case. */
export interface DockerOptions extends DockerStorageOptions {
  /** The base image; default Prefect's own image for the release. */
  readonly baseImage?: string | undefined
  /** Requirement lines. */
  readonly pythonDependencies?: readonly string[]
  /**
   * What builds the environment image; default the daemon. `direct` needs none for that, and `build` without a
   * healthcheck then needs none at all.
   */
  readonly builder?: Builder | undefined
  /** What installs packages; default uv if it installs what pip would, else pip. */
  readonly installer?: Installer | undefined
  /** Package index instead of PyPI, with its login if it needs one; default that of pip's and uv's variables. */
  readonly indexUrl?: string | undefined
  /** Package indexes that are searched too. */
  readonly extraIndexUrls?: readonly string[]
  /** Registries, with their ports, that may have no TLS or a certificate that nobody can check. */
  readonly insecureRegistries?: readonly string[]
  /** Environment variables of the image. */
  readonly envVars?: Readonly<Record<string, string>>
  /** Absolute path on this machine, to absolute path in the image. */
  readonly files?: Readonly<Record<string, string>>
  /** URL of the Docker daemon; default DOCKER_HOST, then the platform's socket. */
  readonly baseUrl?: string | undefined
  /** Whether the base image is taken from the daemon's images and never pulled; default false. */
  readonly localImage?: boolean
  /** Modules of the repository that the flows import when they run; for Prefect 0.5 to 1.4. */
  readonly modules?: readonly ModuleFile[]
  /** What {@link loadFlows} read the flows from; needed to build an image of Prefect 2 and 3, and only for that. */
  readonly sources?: FlowSources | undefined
  /**
   * Lines of a Dockerfile that run after dependencies and files are in the image. The first line that names a
   * folder of the flows, and all lines after it, run after the flows are added.
   */
  readonly extraDockerfileCommands?: readonly string[]
  /** A Dockerfile to build on instead of `baseImage`; its context is the root. */
  readonly dockerfile?: string | undefined
  /** File that is read instead of `.dockerignore` for `dockerfile` and `files`. */
  readonly dockerignore?: string | undefined
  /** docker-py's build arguments. */
  readonly buildKwargs?: BuildKwargs
  /** Identifies the image beyond its environment; default its tag. */
  readonly key?: string | undefined
}

/** A base image that was pulled. */
export interface PulledImage {
  /** Its reference, such as `python:3.6`. */
  readonly reference: string
  /** Digest of its manifest; the image's id if it is not from a registry. */
  readonly digest: string
  /** `os/architecture`. */
  readonly platform: string
}

/** Options of {@link Docker.build}. */
export interface BuildOptions {
  /** Whether the image is pushed; default true. */
  readonly push?: boolean
  /** Whether each flow is read back before the image gets its tag; default true. */
  readonly healthcheck?: boolean
}

/** An image that was built. */
export interface BuiltImage {
  /** Name below the registry. */
  readonly imageName: string
  readonly imageTag: string
}

/** What one operation of a {@link Docker} uses. */
interface DockerRun {
  /** With a time for failed requests of its own. */
  readonly registries: Registries
  readonly indexes: PackageIndexes
  readonly findSecret: FindSecret | undefined
  /** The caller's, without secrets. */
  readonly log: Log
}

/**
 * Prefect's `Docker` storage: an image with Prefect, dependencies and files, and on top of them the flows, at
 * the locations that the Prefect release uses. For Prefect 2 and 3 these are all sources of the flows, below
 * `/opt/prefect/NAME` with the last part of the image's name. It uses two stages of `buildStorage`: one finds or
 * builds the environment image, the other stores flows.
 */
export class Docker extends DockerStorage {
  readonly baseImage: string
  readonly pythonDependencies: readonly string[]
  readonly envVars: Readonly<Record<string, string>>
  readonly files: Readonly<Record<string, string>>
  readonly baseUrl: string | undefined
  readonly localImage: boolean
  private readonly options: DockerOptions
  private readonly root: string
  private readonly log: Log
  private readonly connect: () => Promise<Daemon>
  private readonly env: NonNullable<LibrarySurroundings['env']>
  private pushedDigest: string | undefined

  /**
   * @param surroundings `cwd` is the folder of `modules` and of relative paths
   * @throws FlowstoreError STORAGE_INVALID in Prefect's words for a file whose path is relative, and for `baseImage`
   * with `dockerfile`; also for options of another generation of Prefect
   */
  constructor(options: DockerOptions = {}, surroundings: LibrarySurroundings = {}) {
    super(options)
    const { cwd = process.cwd(), env = process.env, log = silentLog() } = surroundings
    this.baseImage =
      options.baseImage ?? defaultBaseImage(this.prefectVersion, undefined, this.rules.release)
    this.pythonDependencies = options.pythonDependencies ?? []
    this.envVars = options.envVars ?? {}
    this.files = options.files ?? {}
    this.baseUrl = options.baseUrl
    this.localImage = options.localImage ?? false
    this.options = options
    this.root = cwd
    this.log = log
    this.env = env
    this.connect = connectOnce(() => connectDocker(options.baseUrl, env))
    checkSources(this.rules, options.sources)
    if (this.content === 'entrypoint') checkEntrypointOptions(options, this.rules.release)
    if (options.baseImage !== undefined && options.dockerfile !== undefined) {
      throw new FlowstoreError('STORAGE_INVALID', ONE_BASE)
    }
    const relative = Object.keys(this.files).filter(path => !isAbsolute(path))
    if (relative.length > 0) {
      throw new FlowstoreError(
        'STORAGE_INVALID',
        `Provided paths ${relative.join(', ')} are not absolute file paths, please provide absolute paths only.`
      )
    }
  }

  /** Digest of the pushed image's manifest; undefined until it is pushed. */
  get digest(): string | undefined {
    return this.pushedDigest
  }

  /**
   * Pulls the base image into the daemon, or builds the user's Dockerfile.
   *
   * @throws FlowstoreError DAEMON, BASE_IMAGE_PULL, BASE_IMAGE_PYTHON, IMAGE_BUILD
   */
  async pullImage(): Promise<PulledImage> {
    return this.inRun(async run => {
      const { reference, digest, platform } = await pulledBase(await this.request(run))
      return { reference, digest, platform }
    })
  }

  /**
   * Writes the Dockerfile and its build context into a folder: `docker build FOLDER` builds the image.
   *
   * @param directory default the root, as Prefect's is the working directory
   * @returns path of the Dockerfile
   */
  async createDockerfile(directory = this.root): Promise<string> {
    return this.inRun(async run => {
      const plan = await this.plan(run)
      const layer = await this.layer()
      const { context } = flowInstructions(layer, plan.lateInstructions)
      const path = join(directory, 'Dockerfile')
      await mkdir(directory, { recursive: true })
      await pipeline(packTar([...plan.context, ...context]), await extractTar(directory))
      await writeFile(path, imageDockerfile(layer, environmentText(plan)))
      return path
    })
  }

  /** The Dockerfile of the whole image, as one text. */
  async dockerfile(): Promise<string> {
    return this.inRun(async run =>
      imageDockerfile(await this.layer(), environmentText(await this.plan(run)))
    )
  }

  /**
   * Builds the image, reads each flow back in it, tags it and pushes it.
   *
   * Without a registry, Prefect before 0.6.5 refuses a push; later releases warn and push nothing.
   *
   * @returns name and tag of the image, as Prefect's `_build_image` does
   * @throws FlowstoreError STORAGE_INVALID for a push that the release refuses and for flows of Prefect 2 and 3 without
   * their sources, and the errors of building an environment, checking and pushing; a failed healthcheck leaves no image
   */
  async buildImage(
    push = true,
    { healthcheck: check = true }: Pick<BuildOptions, 'healthcheck'> = {}
  ): Promise<BuiltImage> {
    const scope = new Scope(processScope)
    try {
      return await this.inRun(run => this.storeImage(push, check, run, scope.defer))
    } finally {
      await scope.end()
    }
  }

  private async storeImage(
    push: boolean,
    check: boolean,
    run: DockerRun,
    defer: Scope['defer']
  ): Promise<BuiltImage> {
    const imageName = (this.imageName ??= this.defaultName())
    const trees = this.trees()
    const pushedName = push && this.hasRegistry() ? this.repository : undefined
    const access = await registryAccess(pushedName, run.registries)
    const request = await this.request(run, defer)
    const made = await findOrMakeEnvironment(request, access)
    const { environment, firstStart } = made
    // With neither a check nor a daemon nothing of it is used here, and the next build makes it again.
    if (firstStart !== undefined && (check || (await answers(request)))) {
      await firstStart.in(await environmentPython(environment, request))
    }
    const imageTag = (this.imageTag ??= await this.defaultTag(environment))
    const key = this.options.key ?? imageTag
    const planned = { request, ...made, key, tagBefore: undefined }
    const origin = await originOf(this.env, this.root)
    const { pushed, tags } = await putInImage({
      storage: this,
      planned,
      metadata: imageMetadata(this, planned, origin, NO_METADATA),
      record: plainRecord(environment, origin),
      trees,
      root: this.root,
      findSecret: request.findSecret,
      tags: [],
      assemble: 'auto',
      healthcheck: check,
      checkLayer: (_content, tar) => checkLayerInNewContainer(environment, request, this, tar),
      layerCheckedIn: 'image',
      onChecked: () => undefined
    })
    await moveTags(tags)
    this.pushedDigest = pushed?.digest
    return { imageName, imageTag }
  }

  /**
   * Pushes an image that the daemon has.
   *
   * @returns the digest that the registry gives for the image
   * @throws FlowstoreError PUSH_REFUSED, REGISTRY
   */
  async pushImage(name: string, tag: string): Promise<string> {
    return this.inRun(async ({ registries, log }) => {
      const reference = parseReference(`${name}:${tag}`)
      this.pushedDigest = await pushImage(await this.connect(), reference, registries, log)
      return this.pushedDigest
    })
  }

  /** Builds the image: {@link buildImage}. */
  override async build({
    push = true,
    healthcheck: check = true
  }: BuildOptions = {}): Promise<this> {
    await this.buildImage(push, { healthcheck: check })
    return this
  }

  /** Whether there is a registry to push to; warns if there is none. */
  private hasRegistry(): boolean {
    if (this.registryUrl) return true
    const { nameNeedsRegistry, registryMissing } = this.rules
    if (nameNeedsRegistry) throw new FlowstoreError('STORAGE_INVALID', registryMissing)
    this.log.notice({ level: 'warning', message: registryMissing })
    return false
  }

  /** Prefect names an unnamed image by UUIDs; here the same content gets the same name. */
  private defaultName(): string {
    const [flow, ...others] = this.added
    const isOne = flow !== undefined && others.length === 0
    return toRepository(isOne ? (flow.slug ?? flow.name) : basename(this.root))
  }

  private async defaultTag({ key, facts }: EnvironmentImage): Promise<string> {
    const flows = this.added.map(flow => [
      flow.name,
      flow.bytes === undefined ? flow.entrypoint : sha256(flow.bytes)
    ])
    const { sources } = this.options
    const content = sources === undefined ? flows : [flows, await sourcesHash(sources)]
    return sha256Json([key, facts.late, content]).slice(0, 20)
  }

  protected override runFolder(): string | undefined {
    if (this.content !== 'entrypoint' || this.imageName === undefined) return undefined
    return posix.join(projectFolder(this.project(this.imageName)), this.workingDirectory())
  }

  /** Name of the folder of the sources, as a build of the Action and the CLI has it. */
  private project(imageName: string): string {
    return posix.basename(imageName)
  }

  /** The root of the sources below the folder that holds all of them. */
  private workingDirectory(): string {
    const { sources } = this.options
    return sources === undefined ? '' : rootBelowTop(sources)
  }

  /** Runs one operation. Its log and its errors show no secret that it knows of. */
  private async inRun<T>(work: (run: DockerRun) => Promise<T>): Promise<T> {
    const { indexUrl, extraIndexUrls = [], insecureRegistries = [] } = this.options
    const secrets = new Map<string, string>()
    const indexes = await packageIndexes({ indexUrl, extraIndexUrls }, this.env, secrets)
    const known = await knownSecrets({ env: this.env, secrets, indexes })
    return hidingSecrets(known, this.log, log => {
      const registries = registriesOf(this.env, insecureRegistries, log)
      return work({ registries, indexes, log, findSecret: secretSearch(known) })
    })
  }

  private async request(
    { registries, indexes, findSecret, log }: DockerRun,
    defer: Scope['defer'] = processScope.defer
  ): Promise<EnvironmentRequest> {
    const { options, root, files } = this
    const requirements = await readRequirements(root, this.pythonDependencies, undefined)
    return environmentRequest({
      options: {
        prefectVersion: options.prefectVersion ?? this.rules.release,
        installer: options.installer ?? 'auto',
        envVars: this.envVars,
        files: Object.entries(files).map(([source, destination]) => ({ source, destination })),
        dockerfile: options.dockerfile,
        dockerignore: options.dockerignore,
        buildKwargs: options.buildKwargs ?? {},
        extraDockerfileCommands: options.extraDockerfileCommands ?? [],
        prefectDirectory: this.prefectDirectory,
        path: options.path,
        localImage: this.localImage,
        platforms: []
      },
      setByModules: [],
      baseImage: () => this.baseImage,
      requirements,
      sources: requirements.local.length > 0 ? await listSources(root) : noSources(root),
      project: this.project(this.imageName ?? this.defaultName()),
      workingDirectory: this.workingDirectory(),
      importRoots: options.sources?.importRoots,
      cwd: root,
      hasFlows: true,
      refresh: false,
      registries,
      findSecret,
      daemon: this.connect,
      builder: options.builder ?? 'daemon',
      whyBuilder: options.builder === undefined ? 'that is the default' : undefined,
      machine: {
        env: withIndexes(this.env, indexes),
        cache: userCache(this.env),
        secretPaths: []
      },
      indexes,
      defer,
      log
    })
  }

  private async plan(run: DockerRun): Promise<EnvironmentPlan> {
    const request = await this.request(run)
    return planEnvironment(request.prepared, await pulledBase(request), run.log)
  }

  private layer(): Promise<FlowLayer> {
    return layFlows(this, this.trees(), this.root)
  }

  private trees(): readonly FileTree[] {
    const { modules = [], sources } = this.options
    if (this.content === 'entrypoint') {
      if (sources === undefined) throw sourcesMissing(this.rules)
      return [
        sourceTree(sources, projectFolder(this.project(this.imageName ?? this.defaultName())))
      ]
    }
    return modules.length > 0 ? [{ folder: MODULES_FOLDER, files: modules }] : []
  }
}

const answers = ({ daemon }: EnvironmentRequest): Promise<boolean> =>
  daemon().then(
    () => true,
    () => false
  )

const environmentText = (plan: EnvironmentPlan): EnvironmentText => ({
  dockerfile: planDockerfile(plan),
  late: plan.lateInstructions
})

/** @throws FlowstoreError STORAGE_INVALID for options about pickles */
function checkEntrypointOptions(
  { path, storedAsScript, modules = [] }: DockerOptions,
  release: string
): void {
  const option =
    path !== undefined
      ? 'path'
      : storedAsScript !== undefined
        ? 'storedAsScript'
        : modules.length > 0
          ? 'modules'
          : undefined
  if (option === undefined) return
  throw new FlowstoreError(
    'STORAGE_INVALID',
    `the option '${option}' is for Prefect 0.5 to 1.4, and the storage is for Prefect ${release}`,
    { hint: 'Flows of Prefect 2 and 3 go into the image with their `sources`.' }
  )
}
