import type { Readable } from 'node:stream'
import type Dockerode from 'dockerode'
import { packTar } from '../../util/tar.js'
import type { BuildKwargs } from '../build-kwargs.js'
import type { ImageBuild } from '../image-build.js'
import { uploading } from '../../http/upload.js'
import { followProgress } from './progress.js'

/** Path of the Dockerfile in the context. The context may also contain a Dockerfile of the repository. */
const DOCKERFILE = '.flowstore.Dockerfile'

/** What is told about a build while it runs. */
export interface BuildFollower {
  /** Called for every printed line. */
  readonly onLine: (line: string) => void
  /** Called with the bytes of the context that are sent. */
  readonly onSent: (bytes: number) => void
  /** Called with what BuildKit moves, such as `sha256:1a2b: 3.1 of 8.4 MB`. */
  readonly onBytes: (text: string) => void
}

/** A follower, the session and the end of a build. */
interface FollowedBuild extends BuildFollower {
  /** Id of the session that answers BuildKit's questions. */
  readonly session: string
  /** Called for every entry of the output. */
  readonly onEvent: () => void
  /** Ends it. */
  readonly signal: AbortSignal
}

/**
 * Builds an image with BuildKit (Docker Engine API, "Build an image", version 2); the context is streamed to
 * the daemon.
 *
 * @returns the image's id; undefined if the daemon gives none
 */
export async function buildImage(
  docker: Dockerode,
  image: ImageBuild,
  { onLine, onSent, onBytes, onEvent, session, signal }: FollowedBuild
): Promise<string | undefined> {
  const { dockerfile, context } = image
  // First, since BuildKit looks only at the first 1024 bytes to tell whether it is an archive: a name that is long or
  // not ASCII takes more.
  const tar = packTar([{ path: DOCKERFILE, content: dockerfile }, ...context])
  const options: Dockerode.ImageBuildOptions = {
    ...buildOptions(image, session),
    abortSignal: signal
  }
  const stream = await docker.buildImage(uploading(tar, onSent), options)
  let id: string | undefined
  await followProgress(stream as Readable, event => {
    onEvent()
    id = event.aux?.ID ?? id
    if (event.bytes !== undefined) onBytes(event.bytes)
    for (const line of (event.stream ?? '').split('\n')) if (line !== '') onLine(line)
  })
  return id
}

function buildOptions(
  { labels, tag, kwargs = {} }: ImageBuild,
  session: string
): Dockerode.ImageBuildOptions {
  const options = {
    // As a number: for the text, dockerode opens a session of its own, which has no secrets.
    version: 2,
    session,
    dockerfile: DOCKERFILE,
    t: tag,
    labels,
    buildargs: kwargs.buildargs,
    target: kwargs.target,
    networkmode: kwargs.network_mode,
    platform: kwargs.platform,
    nocache: kwargs.nocache,
    pull: kwargs.pull,
    extrahosts: hostsOf(kwargs),
    shmsize: kwargs.shmsize
  }
  const defined = Object.entries(options).filter(([, value]) => value !== undefined)
  return Object.fromEntries(defined)
}

const hostsOf = ({ extra_hosts: hosts }: BuildKwargs): string[] | undefined =>
  hosts && Object.entries(hosts).map(pair => pair.join(':'))
