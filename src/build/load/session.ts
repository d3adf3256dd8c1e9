import type { EnvironmentImage } from '../../environment/environment.js'
import { environmentPython } from '../../environment/environment-python.js'
import type { EnvironmentRequest } from '../../environment/request.js'
import type { ContainerSession } from '../../python/container.js'
import type { Python, PythonSession } from '../../python/loader.js'
import type { ExpectedInterpreter } from '../../python/protocol/protocol.js'
import type { Sources } from '../../sources/sources.js'
import type { Services } from '../services.js'

/** A Python session that loads flows, and why it was chosen. */
export type LoadSession = {
  /** Ends it, and removes its files. */
  close(): Promise<void>
} & (
  | {
      /** In a container of the environment image. */
      readonly kind: 'container'
      readonly session: ContainerSession
      readonly why: string
    }
  | {
      /** With an interpreter on this machine. */
      readonly kind: 'interpreter'
      readonly session: PythonSession
      readonly why: string
      /** The interpreter of the image; undefined without an image. */
      readonly expected: ExpectedInterpreter | undefined
    }
)

/** A session with the packages of an environment image. */
export type ImageSession = LoadSession & {
  /** The Python of the session. */
  readonly python: Pick<Python, 'start'>
  /** Whether only the load tells that its packages are those of the image. */
  readonly isCompared: boolean
}

/** Opens a session in a container of an environment image. */
export async function openContainer(
  environment: EnvironmentImage,
  request: EnvironmentRequest,
  sources: Sources,
  why: string,
  { defer }: Services
): Promise<ImageSession> {
  const python = await environmentPython(environment, request, sources)
  const session = await python.open()
  const close = () => session.close()
  defer(close)
  return { kind: 'container', session, why, close, python, isCompared: false }
}
