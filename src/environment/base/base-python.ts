import { posix } from 'node:path'
import type { Daemon } from '../../docker/daemon.js'
import { DaemonError } from '../../docker/daemon-error.js'
import type { DaemonImage } from '../../docker/daemon-image.js'
import { FlowstoreError } from '../../errors.js'
import { DEFAULT_PATH, variablesOf } from '../../image/image-variables.js'
import type { Log } from '../../log.js'
import { containerPython } from '../../python/container.js'
import type { ProbeResult } from '../../python/protocol/protocol.js'
import { noSources } from '../../sources/sources.js'
import { entrypointPython, shellPython } from './started-python.js'

/** The Python of a base image that a flow run gets. */
export interface BasePython {
  readonly probed: ProbeResult
  /** Folder that must come first on PATH so that every command gets it. */
  readonly firstOnPath?: string
}

/** A value of PATH with a folder before all others. */
export const pathWith = (folder: string, path = DEFAULT_PATH): string => `${folder}:${path}`

/**
 * Finds the Python of a base image. Agents start a container with the image's ENTRYPOINT, so the Python that the
 * ENTRYPOINT gives wins over the one on PATH.
 *
 * @throws FlowstoreError BASE_IMAGE_PYTHON for an image without Python, that the daemon can't run, or whose Python
 * runs only through the ENTRYPOINT; DAEMON for other failures of the daemon
 */
export async function basePython(
  daemon: Daemon,
  reference: string,
  image: DaemonImage,
  log: Log
): Promise<BasePython> {
  const { id, entrypoint, shell } = image
  const [[direct], given, built] = await Promise.all([
    Promise.allSettled([containerPython(daemon, id).probe()]),
    entrypoint.length === 0 ? undefined : entrypointPython(daemon, id),
    shell.length === 0 ? undefined : shellPython(daemon, id, shell)
  ])
  if (direct.status === 'rejected' && isDaemonFault(direct.reason)) throw direct.reason
  const own = direct.status === 'fulfilled' ? direct.value.executable : undefined
  let python: BasePython
  if (given !== undefined && !isBeside(given, own)) {
    log.info(`Base image ${reference}: its ENTRYPOINT gives ${given}, which will be first on PATH`)
    python = await givenPython(daemon, reference, image, given, own)
  } else if (direct.status === 'fulfilled') python = { probed: direct.value }
  else throw await noPython(daemon, reference, image, direct.reason, built)
  const used = python.probed.executable
  if (built !== undefined && !isBeside(built, used)) {
    log.notice({
      level: 'warning',
      message: `flows use ${used} of the base image ${reference}, and RUN instructions get ${built} through its SHELL; if flows need that one, add 'ENV PATH=${posix.dirname(built)}:$PATH' to its Dockerfile`
    })
  }
  return python
}

/** Whether two programs are in one folder: `python` and `python3` are then the same Python. */
const isBeside = (one: string, other: string | undefined): boolean =>
  other !== undefined && posix.dirname(one) === posix.dirname(other)

/** Probes the Python that the ENTRYPOINT gives, without the ENTRYPOINT. */
async function givenPython(
  daemon: Daemon,
  reference: string,
  { id, user, env }: DaemonImage,
  given: string,
  own: string | undefined
): Promise<BasePython> {
  const firstOnPath = posix.dirname(given)
  const variables = { PATH: pathWith(firstOnPath, variablesOf(env)['PATH']) }
  const [found] = await Promise.allSettled([
    containerPython(daemon, id, noSources('/'), user, variables).probe()
  ])
  if (found.status === 'fulfilled' && isBeside(given, found.value.executable)) {
    return { probed: found.value, firstOnPath }
  }
  if (found.status === 'rejected' && isDaemonFault(found.reason)) throw found.reason
  const other = found.status === 'fulfilled' ? found.value.executable : own
  throw new FlowstoreError(
    'BASE_IMAGE_PYTHON',
    `the ENTRYPOINT of the base image ${reference} gives ${given}, and without the ENTRYPOINT there is ${other ?? 'no Python that runs'}`,
    {
      ...(found.status === 'rejected' ? detailsOf(found.reason) : {}),
      hint: `Flows are loaded and checked without the ENTRYPOINT. Set in the image's Dockerfile what the ENTRYPOINT sets: 'ENV PATH=${firstOnPath}:$PATH', and ENV for other variables that this Python needs.`
    }
  )
}

/** The daemon's errors for an image in which the loader's `sh` can't be started: runc's, then crun's. */
const NOT_EXECUTABLE =
  /exec format error|exec: \\*"sh\\*"|executable (file )?[`"']sh[`"']|unable to find (user|group)/i

/** Whether a container could not be started for a reason outside its image. */
const isDaemonFault = (error: unknown): boolean =>
  error instanceof DaemonError && !NOT_EXECUTABLE.test(error.words)

function detailsOf(error: unknown): { detail: string; cause: unknown } {
  const { message, detail } = error as FlowstoreError
  return { detail: detail ?? message, cause: error }
}

/** The error for an image with no Python on PATH, and none that its ENTRYPOINT gives. */
async function noPython(
  daemon: Daemon,
  reference: string,
  { platform }: DaemonImage,
  error: unknown,
  built: string | undefined
): Promise<FlowstoreError> {
  const details = detailsOf(error)
  const daemonPlatform = await daemon.platform()
  const words = `${(error as Error).message}\n${details.detail}`
  if (daemonPlatform !== platform && /exec format error/i.test(words)) {
    return new FlowstoreError(
      'BASE_IMAGE_PYTHON',
      `the base image ${reference} is for ${platform}, and the daemon is ${daemonPlatform} without emulation`,
      {
        ...details,
        hint: `Flows are loaded and checked in the image: use a base image for ${daemonPlatform}, a ${platform} machine, or set up emulation first (docker/setup-qemu-action).`
      }
    )
  }
  return new FlowstoreError(
    'BASE_IMAGE_PYTHON',
    `the base image ${reference} has no Python 3 that runs`,
    {
      ...details,
      hint:
        built === undefined
          ? 'Flows are loaded and run by the Python of the base image: choose one that has Python, such as python:3.9.'
          : `Only its SHELL gives ${built}, which a container does not use. Add 'ENV PATH=${posix.dirname(built)}:$PATH' to its Dockerfile.`
    }
  )
}
