import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, isAbsolute, join, posix } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { dockerFilter, listSources, noSources } from '../sources/sources.js'
import { FlowstoreError } from '../errors.js'
import { containerPython } from '../python/container.js'
import type { ModuleFile } from '../python/loader.js'
import type { Installer } from '../packages/uv.js'
import { healthcheck } from '../flows/check.js'
import { readRequirements } from '../packages/read-requirements.js'
import { defaultBaseImage } from '../prefect/rules.js'
import { dockerCredentials, type FindCredentials } from '../registry/credentials.js'
import { DockerStorage, type DockerStorageOptions } from '../storage/docker.js'
import type { BuildKwargs } from '../docker/build-kwargs.js'
import type { Flow } from '../flows/flow.js'
import { flowFile } from '../storage/file.js'
import { flowsTemplate } from '../storage/flows-json.js'
import { connectDocker, type Daemon } from '../docker/connect.js'
import { sha256Json, sha256 } from '../util/hash.js'
import { silentLog, type Log } from '../log.js'
import { toRepository } from '../registry/reference.js'
import { extractTar, packTar } from '../util/tar.js'
import { baseImage, type BaseImage } from '../environment/base.js'
import { dockerfileText } from '../docker/dockerfile.js'
import {
  environmentInputs,
  localEnvironment,
  type Environment
} from '../environment/environment.js'
import { buildEnvironment } from '../environment/image-build.js'
import { planEnvironment, type EnvironmentPlan } from '../environment/plan.js'
import { imageLabels, type BuiltFlows, type Labels } from '../image/labels.js'
import { flowImage, flowInstructions, type FlowLayer } from '../image/flow-layer.js'
import { healthcheckFile } from '../image/healthcheck-file.js'
import { pushImage } from '../image/push.js'
import { userBaseImage } from '../environment/user-dockerfile.js'

/** Options of {@link Docker}; the names are Prefect's in TypeScript's case. */
export interface DockerOptions extends DockerStorageOptions {
  /** Image to build on; default Prefect's own for the release. */
  readonly baseImage?: string | undefined
  /** Requirement lines. */
  readonly pythonDependencies?: readonly string[]
  /** What installs packages; default uv where it gives what pip would, else pip. */
  readonly installer?: Installer | undefined
  /** Variables that the image keeps. */
  readonly envVars?: Readonly<Record<string, string>>
  /** Absolute path on this machine, to absolute path in the image. */
  readonly files?: Readonly<Record<string, string>>
  /** URL of the Docker daemon; default DOCKER_HOST, then the platform's socket. */
  readonly baseUrl?: string | undefined
  /** Whether the base image is taken from the daemon's images and never pulled; default false. */
  readonly localImage?: boolean
  /** Modules of the repository that the flows import when they run. */
  readonly modules?: readonly ModuleFile[]
  /**
   * Lines of a Dockerfile, for after dependencies and files; from the first that names a folder of the
   * flows on they run after the flows are in.
   */
  readonly extraDockerfileCommands?: readonly string[]
  /** A Dockerfile to build on in place of `baseImage`; its context is the folder of the sources. */
  readonly dockerfile?: string | undefined
  /** File that holds in place of `.dockerignore` for `dockerfile` and `files`. */
  readonly dockerignore?: string | undefined
  /** docker-py's build arguments. */
  readonly buildKwargs?: BuildKwargs
  /** Identifies the image beyond its environment; default a hash of the flows' bytes. */
  readonly key?: string | undefined
}

/** What a {@link Docker} storage works with; each has a default. */
export interface DockerCollaborators {
  /** Folder that modules and relative paths lie in; default the working directory. */
  readonly root?: string
  /** Variables of the docker client (DOCKER_HOST, DOCKER_CONFIG, …); default none. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly log?: Log
  /** Default one that the options and `env` say. */
  readonly daemon?: () => Promise<Daemon>
  /** An environment image that the daemon has; default one is made from the options. */
  readonly environment?: Environment
}

/** Bytes of a file's name on the filesystems that images are on. */
const LONGEST = 255

/** Options of {@link Docker.build}. */
export interface BuildOptions {
  /** Whether the image is pushed; default true. */
  readonly push?: boolean
  /** Whether each flow is read back in a container of the image; default true. */
  readonly healthcheck?: boolean
}

/**
 * Prefect's `Docker` storage: an image with Prefect, dependencies and files, and the flows on top of
 * them at the locations of the Prefect release.
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
  private readonly env: Readonly<Record<string, string | undefined>>
  private readonly log: Log
  private readonly credentials: FindCredentials
  private readonly daemon: DockerCollaborators['daemon']
  private connecting: Promise<Daemon> | undefined
  private basing: Promise<BaseImage> | undefined
  private planning: Promise<EnvironmentPlan> | undefined
  private preparing: Promise<Environment> | undefined
  /** Of the flows that there are: with another flow it is another. */
  private laying: Promise<FlowLayer> | undefined
  private describing: Promise<BuiltFlows> | undefined
  private pushedDigest: string | undefined

  /** @throws FlowstoreError STORAGE_INVALID in Prefect's words for a file whose path is relative */
  constructor(options: DockerOptions = {}, collaborators: DockerCollaborators = {}) {
    super(options)
    this.baseImage =
      options.baseImage ?? defaultBaseImage(this.prefectVersion, undefined, this.rules.release)
    this.pythonDependencies = options.pythonDependencies ?? []
    this.envVars = options.envVars ?? {}
    this.files = options.files ?? {}
    this.baseUrl = options.baseUrl
    this.localImage = options.localImage ?? false
    this.options = options
    this.env = collaborators.env ?? {}
    this.root = collaborators.root ?? process.cwd()
    this.log = collaborators.log ?? silentLog()
    this.credentials = dockerCredentials(this.env)
    this.daemon = collaborators.daemon
    if (collaborators.environment) this.preparing = Promise.resolve(collaborators.environment)
    const relative = Object.keys(this.files).filter(path => !isAbsolute(path))
    if (relative.length > 0) {
      throw new FlowstoreError(
        'STORAGE_INVALID',
        `Provided paths ${relative.join(', ')} are not absolute file paths, please provide absolute paths only.`
      )
    }
  }

  override addFlow(flow: Flow): string {
    this.laying = this.describing = undefined
    return super.addFlow(flow)
  }

  /** Digest of the pushed image's manifest; undefined until it is pushed. */
  get digest(): string | undefined {
    return this.pushedDigest
  }

  /**
   * Has the base image in the daemon.
   *
   * @throws FlowstoreError DAEMON, BASE_IMAGE_PULL, BASE_IMAGE_PYTHON
   */
  pullImage(): Promise<BaseImage> {
    const { dockerfile, dockerignore, buildKwargs = {} } = this.options
    return (this.basing ??= this.connect().then(daemon =>
      dockerfile === undefined
        ? baseImage(
            daemon,
            this.baseImage,
            this.localImage,
            this.credentials,
            this.log,
            buildKwargs.platform
          )
        : userBaseImage(
            daemon,
            { path: dockerfile, cwd: this.root, dockerignore, buildKwargs },
            this.log
          )
    ))
  }

  /**
   * Writes the Dockerfile and its build context into a folder: `docker build FOLDER` gives the image.
   *
   * @returns path of the Dockerfile
   */
  async createDockerfile(directory: string): Promise<string> {
    const { context } = await this.plan()
    const layer = flowInstructions(await this.layer(), (await this.environment()).about.late)
    const path = join(directory, 'Dockerfile')
    await mkdir(directory, { recursive: true })
    await pipeline(packTar([...context, ...layer.context]), extractTar(directory))
    await writeFile(path, await this.dockerfile())
    return path
  }

  /** The Dockerfile of the whole image, as one text. */
  async dockerfile(): Promise<string> {
    const { about } = await this.environment()
    const { instructions } = flowInstructions(await this.layer(), about.late)
    return about.dockerfile + dockerfileText(instructions)
  }

  /**
   * Builds the image, reads each flow back in a container of it, tags it and pushes it.
   *
   * Without a registry Prefect refuses a push before 0.6.5; since then it warns, and pushes nothing.
   *
   * @throws FlowstoreError STORAGE_INVALID for a push that the release refuses, and all that building,
   * checking and pushing can throw; a failed healthcheck leaves no image
   */
  async buildImage(push = true, check = true): Promise<this> {
    const pushed = push && Boolean(this.registryUrl)
    if (push && !pushed) {
      const { nameNeedsRegistry, registryMissing } = this.rules
      if (nameNeedsRegistry) throw new FlowstoreError('STORAGE_INVALID', registryMissing)
      this.log.notice({ level: 'warning', message: registryMissing })
    }
    const daemon = await this.connect()
    const environment = await this.environment()
    const layer = await this.layer()
    const flows = [...this.added.values()]
    this.nameImage(environment)
    const labels = await this.labels()
    const id = await this.log.phase('build', () =>
      flowImage(
        daemon,
        {
          image: environment.image,
          late: environment.about.late,
          buildKwargs: environment.buildKwargs
        },
        layer,
        labels,
        this.log
      )
    )
    try {
      if (check) {
        await this.log.phase('healthcheck', () =>
          healthcheck(containerPython(daemon.engine, id), flows, flow => ({
            path: this.flows.get(flow.name) ?? ''
          }))
        )
      }
      await (
        await daemon.docker()
      )
        .getImage(id)
        .tag({ repo: this.repository, tag: this.imageTag ?? '' })
    } catch (error) {
      const docker = await daemon.docker()
      await docker
        .getImage(id)
        .remove()
        .catch(() => undefined)
      throw error
    }
    if (pushed)
      await this.log.phase('push', () => this.pushImage(this.repository, this.imageTag ?? ''))
    return this
  }

  /**
   * Pushes an image that the daemon has.
   *
   * @returns the digest that the registry gives for it
   * @throws FlowstoreError PUSH_REFUSED, REGISTRY
   */
  async pushImage(name: string, tag: string): Promise<string> {
    const daemon = await this.connect()
    this.pushedDigest = await pushImage(daemon, `${name}:${tag}`, this.credentials)
    return this.pushedDigest
  }

  override build({ push = true, healthcheck: check = true }: BuildOptions = {}): Promise<this> {
    return this.buildImage(push, check)
  }

  private connect(): Promise<Daemon> {
    return (this.connecting ??= this.daemon?.() ?? connectDocker(this.baseUrl, this.env))
  }

  private plan(): Promise<EnvironmentPlan> {
    return (this.planning ??= this.makePlan())
  }

  private environment(): Promise<Environment> {
    return (this.preparing ??= this.makeEnvironment())
  }

  private async makePlan(): Promise<EnvironmentPlan> {
    const { pythonDependencies, envVars, files, root: cwd } = this
    const requirements = await readRequirements(cwd, pythonDependencies, undefined)
    const inputs = await environmentInputs({
      prefectVersion: this.options.prefectVersion ?? this.rules.release,
      requirements,
      installer: this.options.installer,
      envVars,
      files: Object.entries(files).map(([source, destination]) => ({ source, destination })),
      filter: await dockerFilter(cwd, this.options.dockerignore),
      extraCommands: this.options.extraDockerfileCommands ?? [],
      prefectDirectory: this.prefectDirectory,
      path: this.path,
      buildKwargs: this.options.buildKwargs ?? {},
      sources: requirements.local.length > 0 ? await listSources(cwd) : noSources(cwd)
    })
    return planEnvironment(inputs, await this.pullImage(), this.log)
  }

  private async makeEnvironment(): Promise<Environment> {
    const daemon = await this.connect()
    const plan = await this.plan()
    const known = plan.buildKwargs.nocache
      ? undefined
      : await localEnvironment(daemon, plan.key, plan.buildKwargs)
    return known ?? buildEnvironment(daemon, plan, this.log)
  }

  /** What a build gives back beside the storage. */
  built(): Promise<BuiltFlows> {
    return (this.describing ??= this.describe())
  }

  private async describe(): Promise<BuiltFlows> {
    const [first] = this.added.values()
    const dockerfile = await this.dockerfile()
    const { files } = await this.layer()
    return {
      flows: [...this.added.values()].map(flow => {
        const { name, module, line } = flow
        const location = this.flows.get(name) ?? ''
        return { name, module, line, location, size: files.get(location)?.length ?? 0 }
      }),
      versions: first?.versions ?? { python: '', prefect: this.rules.release, cloudpickle: '' },
      dockerfile,
      flowsTemplate: flowsTemplate(this) ?? null
    }
  }

  /** The labels of the image: they say again what the build gave back. */
  async labels(): Promise<Labels> {
    return imageLabels(
      this.options.key ?? this.imageTag ?? '',
      this.serialize(),
      await this.built()
    )
  }

  /** The flows and their modules, as the last layer has them. */
  layer(): Promise<FlowLayer> {
    return (this.laying ??= this.lay())
  }

  private async lay(): Promise<FlowLayer> {
    const flows = [...this.added].map(([name, flow]): [string, Flow] => [
      this.flows.get(name) ?? '',
      flow
    ])
    const modules = this.options.modules ?? []
    const long = flows.find(([location]) => Buffer.byteLength(posix.basename(location)) > LONGEST)
    if (long) {
      const [location, { name, module, line }] = long
      throw new FlowstoreError(
        'STORAGE_INVALID',
        `flow "${name.slice(0, 40)}…" would lie in a file whose name has ${posix.basename(location).length} characters, and ${LONGEST} is the most`,
        { file: module, line, hint: 'Prefect derives the location from the name: shorten it.' }
      )
    }
    if (!this.storedAsScript) {
      const home = this.prefectDirectory ?? this.rules.home
      return {
        files: new Map([
          [`${home}/healthcheck.py`, await healthcheckFile(this.flows)],
          ...flows.map(([at, flow]): [string, Buffer] => [at, flowFile(flow, this.rules)])
        ]),
        modules
      }
    }
    const scripts = [...new Set(flows.map(([, flow]) => flow.module))]
    if (scripts.length > 1) {
      throw new FlowstoreError(
        'STORAGE_INVALID',
        `a script storage holds one module, and the flows are of ${scripts.join(', ')}`
      )
    }
    const [script] = scripts
    return {
      files: new Map(
        script === undefined
          ? []
          : [[this.path ?? '', await readFile(join(this.root, script))] as const]
      ),
      modules
    }
  }

  /** Prefect names an image that has no name by UUIDs; the same content gets the same name here. */
  private nameImage({ key, about }: Environment): void {
    const flows = [...this.added.values()]
    const [first] = flows
    this.imageName ??= toRepository(flows.length === 1 && first ? first.slug : basename(this.root))
    this.imageTag ??= sha256Json([
      key,
      about.late,
      flows.map(flow => [flow.name, sha256(flow.bytes)])
    ]).slice(0, 20)
  }
}
