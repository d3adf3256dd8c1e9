import type { Environment } from '../environment/environment.js'
import { noSources, type Sources } from '../sources/sources.js'
import {
  containerPython,
  type ContainerPython,
  type ContainerSession
} from '../python/container.js'
import type { PythonSession } from '../python/loader.js'
import type { ExpectedInterpreter } from '../python/protocol.js'
import type { Run } from './inputs.js'
import { inDaemon, type ImageWork } from './environment.js'

/** An environment image, and what a run does about it. */
export interface ImageEnvironment {
  readonly work: ImageWork
  readonly environment: Environment
}

/** The image to be: see {@link imageKey}. */
export interface PlannedImage extends ImageEnvironment {
  readonly key: string
}

/** A Python that flows are loaded with. */
export interface Loading {
  readonly session: PythonSession
  /** The session again, where it is in a container of the environment image. */
  readonly container?: ContainerSession
  readonly in: 'image' | 'runner'
  /** Why there, as a clause. */
  readonly why: string
  /** What it has to have, where it is not known to. */
  readonly expected?: ExpectedInterpreter
}

/**
 * Python in containers of the environment image.
 *
 * @param sources what a load sees; default nothing
 */
export async function environmentPython(
  { work, environment }: ImageEnvironment,
  sources: Sources = noSources('/')
): Promise<ContainerPython> {
  const { engine } = await inDaemon(environment, work)
  return containerPython(engine, environment.image, sources, environment.user)
}

/** Opens a Python in a container of the environment image. */
export async function openContainer(
  run: Run,
  image: ImageEnvironment,
  why: string
): Promise<Loading> {
  const session = await (await environmentPython(image, run.sources)).open()
  run.defer(() => session.close())
  return { session, container: session, in: 'image', why }
}

/** Why flows of an image can't be loaded outside it without another result, or undefined. */
export function boundToImage({ options }: Run): string | undefined {
  if (options.dockerfile !== undefined) return 'a dockerfile makes the environment'
  if (options.files.length > 0) return 'files are put into the image'
  if (options.extraDockerfileCommands.length > 0) return 'extra commands run in the image'
  return undefined
}
