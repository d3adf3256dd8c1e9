import { daemonWith, type EnvironmentRequest } from '../../environment/request.js'
import type { EnvironmentImage } from '../../environment/environment.js'
import {
  containerPython,
  type ContainerPython,
  type ContainerSession
} from '../../python/container.js'
import type { PythonSession } from '../../python/loader.js'
import type { ExpectedInterpreter } from '../../python/protocol/protocol.js'
import type { ReportLoad } from '../../report.js'
import { noSources, type Sources } from '../../sources/sources.js'
import type { Services } from '../services.js'

/** A Python session that loads flows, and why it was chosen. */
export type LoadSession =
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

/** A session as the report describes it. */
export const reportLoad = ({ kind, why }: LoadSession): ReportLoad => ({
  in: kind === 'container' ? 'image' : 'runner',
  why
})

/**
 * Python in containers of an environment image.
 *
 * @param sources the files that a load sees; default none
 */
export async function environmentPython(
  environment: EnvironmentImage,
  request: Pick<EnvironmentRequest, 'daemon' | 'credentials'>,
  sources: Sources = noSources('/')
): Promise<ContainerPython> {
  const daemon = await daemonWith(environment, request)
  return containerPython(daemon, environment.reference, sources, environment.user)
}

/** Opens a session in a container of an environment image. */
export async function openContainer(
  environment: EnvironmentImage,
  request: EnvironmentRequest,
  sources: Sources,
  why: string,
  { defer }: Services
): Promise<LoadSession> {
  const python = await environmentPython(environment, request, sources)
  const session = await python.open()
  defer(() => session.close())
  return { kind: 'container', session, why }
}
