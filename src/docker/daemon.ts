import { FlowstoreError } from '../errors.js'
import type { Log } from '../log.js'
import type { Credentials, FindCredentials } from '../registry/auth/credentials.js'
import { familiarName, referenceText, type Reference } from '../registry/reference.js'
import { platformOf } from '../util/platform.js'
import { BuildFailure, lastLines, STEP_WORDS, type ImageBuild } from './build.js'
import type { ContainerStart, RunningContainer } from './container.js'
import type { EngineAddress } from './engine/address.js'
import { DaemonError, isMissing } from './daemon-error.js'
import { Engine } from './engine/engine.js'
import { imageOf, type DaemonImage, type InspectAnswer } from './image.js'
import type { Images } from './images/images.js'

/** An image to pull, and what to say where that fails. */
export interface Pull {
  readonly reference: Reference
  readonly findCredentials: FindCredentials
  /** `os/architecture`; default the daemon's. */
  readonly platform?: string | undefined
  /** What the image is to a person, such as `the base image`. */
  readonly what: string
  /** What to do about the daemon's words. */
  readonly hint: (words: string, registry: string) => string
}

/**
 * A Docker daemon: its images and its containers. An image is named by its id, or by a reference
 * that the daemon knows.
 *
 * Every method throws {@link DaemonError} (code DAEMON) for what the daemon does not do, unless it
 * says otherwise.
 */
export class Daemon {
  private readonly engine: Engine
  private loadingImages: Promise<Images> | undefined

  constructor(
    /** The URL it was reached at. */
    readonly url: string,
    private readonly address: EngineAddress
  ) {
    this.engine = new Engine(address)
  }

  /** Makes sure that the daemon answers. */
  async ping(): Promise<void> {
    const answer = await this.engine.open({ method: 'GET', path: '/_ping' })
    answer.resume()
  }

  /** The daemon's own `os/architecture`. */
  async platform(): Promise<string> {
    const { Os: os, Arch: architecture } = await this.engine.ask<{ Os: string; Arch: string }>({
      method: 'GET',
      path: '/version'
    })
    return platformOf(os, architecture)
  }

  /** What the daemon knows of an image; undefined where it has none of that name. */
  async inspect(image: string): Promise<DaemonImage | undefined> {
    try {
      const path = `/images/${image}/json`
      return imageOf(await this.engine.ask<InspectAnswer>({ method: 'GET', path }))
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  /**
   * Pulls an image, with the login that docker has for its registry.
   *
   * @throws FlowstoreError BASE_IMAGE_PULL with the daemon's words
   */
  async pull({ reference, findCredentials, platform, what, hint }: Pull): Promise<void> {
    const { registry } = reference
    const credentials = await findCredentials(registry)
    const images = await this.images()
    try {
      await images.pull(reference, credentials, platform)
    } catch (error) {
      if (!(error instanceof DaemonError)) throw error
      const name = referenceText(reference)
      throw new FlowstoreError(
        'BASE_IMAGE_PULL',
        `${what} ${name} can't be pulled: ${error.words}`,
        {
          hint: hint(error.words, registry),
          cause: error
        }
      )
    }
  }

  /** Has an image in the daemon: pulled where it is not there, as {@link pull} does. */
  async ensure(pull: Pull): Promise<void> {
    if ((await this.inspect(referenceText(pull.reference))) === undefined) await this.pull(pull)
  }

  /**
   * Builds an image with BuildKit.
   *
   * @param log gets all that the steps print, and as info what they say with {@link STEP_WORDS}
   * @returns the image's id
   * @throws BuildFailure when a step fails; FlowstoreError IMAGE_BUILD when there is no image at the
   * end, FILE_CHANGED and FILE_UNREADABLE for the context
   */
  async build(image: ImageBuild, log: Log): Promise<string> {
    const lines: string[] = []
    const images = await this.images()
    let id: string | undefined
    try {
      id = await images.build(image, line => {
        lines.push(line)
        if (line.startsWith(STEP_WORDS)) log.info(line.slice(STEP_WORDS.length))
        else log.debug(line)
      })
    } catch (error) {
      if (!(error instanceof DaemonError)) throw error
      throw new BuildFailure(error.words, lines, { cause: error })
    }
    // A daemon without BuildKit's ids, or one that lost the image.
    if (id === undefined) {
      throw new FlowstoreError('IMAGE_BUILD', 'the build ended without an image', {
        detail: lastLines(lines)
      })
    }
    return id
  }

  /**
   * Pushes an image that the daemon has under this reference.
   *
   * @returns the digest that the daemon names for what it pushed; undefined where it names none
   */
  async push(
    reference: Reference,
    credentials: Credentials | undefined
  ): Promise<string | undefined> {
    return (await this.images()).push(reference, credentials)
  }

  /**
   * The digest that a registry gives for a tag. The daemon asks it, and reaches the registry that it
   * pushes to, wherever it runs.
   */
  async distributionDigest(
    reference: Reference,
    credentials: Credentials | undefined
  ): Promise<string> {
    return (await this.images()).distributionDigest(reference, credentials)
  }

  /** Gives an image one more tag. */
  async tag(image: string, reference: Reference): Promise<void> {
    const query = new URLSearchParams({ repo: familiarName(reference), tag: reference.tag ?? '' })
    await this.engine.ask({ method: 'POST', path: `/images/${image}/tag?${query.toString()}` })
  }

  /** Removes an image, or the tag that is named. One that is not there is removed already. */
  async removeImage(image: string): Promise<void> {
    try {
      await this.engine.ask({ method: 'DELETE', path: `/images/${image}` })
    } catch (error) {
      if (!isMissing(error)) throw error
    }
  }

  /** Starts a container; see `startContainer`. */
  async start(container: ContainerStart): Promise<RunningContainer> {
    // With tar-stream it takes 8 ms to load, and a run that finds all in place starts no container.
    const { startContainer } = await import('./container.js')
    return startContainer(this.engine, container)
  }

  /**
   * dockerode, with protobufjs for BuildKit's traces, takes about 100 ms to load (Node 20, two
   * cores): it is loaded when something is built, pulled or pushed, which a run that finds all in
   * place never does.
   */
  private images(): Promise<Images> {
    return (this.loadingImages ??= import('./images/images.js').then(
      ({ Images }) => new Images(this.address)
    ))
  }
}
