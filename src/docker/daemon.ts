import { text } from 'node:stream/consumers'
import { FlowstoreError } from '../errors.js'
import type { Log } from '../log.js'
import type { Credentials, FindCredentials } from '../registry/auth/credentials.js'
import { familiarName, referenceText, withTag, type Reference } from '../registry/reference.js'
import { humanSize } from '../util/text.js'
import { platformOf } from '../util/platform.js'
import { BuildFailure, lastLines, STEP_PREFIX, type ImageBuild } from './image-build.js'
import type { EngineAddress } from './engine/address.js'
import { DaemonError, isMissing } from './daemon-error.js'
import { distrustHint, unreachedHint } from './distrust.js'
import { registryLogin } from './registry-login.js'
import { Engine } from './engine/engine.js'
import type { TimeLimits } from './engine/time-limits.js'
import { imageOf, type DaemonImage, type InspectAnswer } from './daemon-image.js'
import type { Images } from './images/images.js'

/** Characters of a step's or a command's line that the progress shows. */
const LONGEST_LINE = 100

/** A reference without its digest, if it has a tag. */
const shortName = (reference: Reference): string =>
  referenceText(reference.tag === undefined ? reference : withTag(reference, reference.tag))

/** An image to pull, and how to report a failure. */
export interface Pull {
  readonly reference: Reference
  readonly findCredentials: FindCredentials
  /** `os/architecture`; default the daemon's. */
  readonly platform?: string | undefined
  /** What the image is, for messages, such as `the base image`. */
  readonly what: string
  /** Gives the error's hint for the daemon's message. */
  readonly hint: (words: string, registry: string) => string
  /** Called with how far it is, such as `pulling python:3.9: 45 of 120 MB, 3 of 8 layers`. */
  readonly onProgress?: ((text: string) => void) | undefined
}

/**
 * A Docker daemon and its images; `startContainer` starts a container. An image is named by its id, or by a
 * reference that the daemon knows.
 *
 * Unless stated otherwise, every method throws {@link DaemonError} (code DAEMON) if the daemon fails.
 */
export class Daemon {
  /** Its API, for `startContainer`. */
  readonly engine: Engine
  private loadingImages: Promise<Images> | undefined

  constructor(
    /** The URL of the daemon. */
    readonly url: string,
    private readonly address: EngineAddress,
    limits?: TimeLimits
  ) {
    this.engine = new Engine(address, limits)
  }

  /** Checks that the daemon answers. */
  async ping(): Promise<void> {
    await this.engine.read(
      { method: 'GET', path: '/_ping', doing: 'checking that it answers' },
      text
    )
  }

  /** The daemon's own `os/architecture`. */
  async platform(): Promise<string> {
    const { Os: os, Arch: architecture } = await this.engine.ask<{ Os: string; Arch: string }>({
      method: 'GET',
      path: '/version',
      doing: 'asking for its version'
    })
    return platformOf(os, architecture)
  }

  /** The daemon's facts about an image; undefined if it has no image of that name. */
  async inspect(image: string): Promise<DaemonImage | undefined> {
    try {
      const path = `/images/${image}/json`
      const doing = `looking for the image ${image}`
      return imageOf(await this.engine.ask<InspectAnswer>({ method: 'GET', path, doing }))
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  /**
   * Pulls an image, with the login that docker has for its registry.
   *
   * @throws FlowstoreError BASE_IMAGE_PULL with the daemon's message; {@link DaemonError} if the connection breaks
   */
  async pull({
    reference,
    findCredentials,
    platform,
    what,
    hint,
    onProgress
  }: Pull): Promise<void> {
    const { registry } = reference
    const credentials = await findCredentials(registry)
    const images = await this.images()
    const pulling = `pulling ${shortName(reference)}`
    onProgress?.(pulling)
    try {
      await images.pull(reference, credentials, platform, text =>
        onProgress?.(`${pulling}: ${text}`)
      )
    } catch (error) {
      if (!(error instanceof DaemonError) || error.isBroken) throw error
      const name = referenceText(reference)
      throw new FlowstoreError(
        'BASE_IMAGE_PULL',
        `${what} ${name} can't be pulled: ${error.words}`,
        {
          hint:
            distrustHint(error.words, registry) ??
            unreachedHint(error.words, registry) ??
            hint(error.words, registry),
          cause: error
        }
      )
    }
  }

  /** Pulls an image as {@link pull} does, unless the daemon has it. */
  async ensure(pull: Pull): Promise<void> {
    if ((await this.inspect(referenceText(pull.reference))) === undefined) await this.pull(pull)
  }

  /**
   * Builds an image with BuildKit.
   *
   * @param log gets all output of the steps; lines that begin with {@link STEP_PREFIX} at level info
   * @returns the image's id
   * @throws BuildFailure when a step fails; FlowstoreError IMAGE_BUILD when the build ends without an image,
   * FILE_CHANGED and FILE_UNREADABLE for the context
   */
  async build(image: ImageBuild, log: Log): Promise<string> {
    const lines: string[] = []
    const images = await this.images()
    let id: string | undefined
    try {
      const progress = (text: string) => {
        log.progress(`building the image: ${text}`)
      }
      id = await images.build(image, {
        onLine: line => {
          lines.push(line)
          if (line.startsWith(STEP_PREFIX)) log.info(line.slice(STEP_PREFIX.length))
          else log.debug(line)
          progress(line.trim().slice(0, LONGEST_LINE))
        },
        onSent: bytes => {
          progress(`${humanSize(bytes)} of files sent to the daemon`)
        },
        onBytes: progress
      })
    } catch (error) {
      if (!(error instanceof DaemonError) || error.isBroken) throw error
      throw new BuildFailure(error.words, lines, { cause: error })
    }
    // The daemon does not report BuildKit's ids, or has lost the image.
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
   * @param onProgress called with how far it is, such as `pushing acme/flows:1: 3 of 8 layers`
   * @returns the digest of the pushed image, if the daemon gives it
   */
  async push(
    reference: Reference,
    credentials: Credentials | undefined,
    onProgress: (text: string) => void = () => undefined
  ): Promise<string | undefined> {
    const pushing = `pushing ${shortName(reference)}`
    onProgress(pushing)
    const images = await this.images()
    return images.push(reference, credentials, text => {
      onProgress(`${pushing}: ${text}`)
    })
  }

  /**
   * The digest that a registry gives for a tag. The daemon sends the request, so it reaches the registry as a
   * push does.
   */
  async distributionDigest(
    reference: Reference,
    credentials: Credentials | undefined
  ): Promise<string> {
    const name = referenceText(reference)
    const { Descriptor: found } = await this.engine.ask<{ Descriptor: { digest: string } }>({
      method: 'GET',
      path: `/distribution/${name}/json`,
      doing: `asking the registry for the digest of ${name}`,
      limit: 'work',
      // dockerode's request for it can't be ended.
      login: registryLogin(reference, credentials)
    })
    return found.digest
  }

  /** Adds a tag to an image. */
  async tag(image: string, reference: Reference): Promise<void> {
    const query = new URLSearchParams({ repo: familiarName(reference), tag: reference.tag ?? '' })
    const path = `/images/${image}/tag?${query.toString()}`
    const doing = `tagging an image as ${referenceText(reference)}`
    await this.engine.ask({ method: 'POST', path, doing })
  }

  /** Removes an image or a tag; an absent one counts as removed. */
  async removeImage(image: string): Promise<void> {
    try {
      const doing = `removing the image ${image}`
      await this.engine.ask({ method: 'DELETE', path: `/images/${image}`, doing, limit: 'work' })
    } catch (error) {
      if (!isMissing(error)) throw error
    }
  }

  /**
   * dockerode, with protobufjs for BuildKit's traces, takes about 100 ms to load (Node 20, two cores): it is
   * imported for a build, pull or push.
   */
  private images(): Promise<Images> {
    return (this.loadingImages ??= import('./images/images.js').then(
      ({ Images }) => new Images(this.address, this.engine)
    ))
  }
}
