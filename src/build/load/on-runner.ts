import type { LoadedFlows } from '../../flows/load.js'
import type { BuildInputs } from '../inputs.js'
import type { PlannedImage } from '../look-up.js'
import type { Services } from '../services.js'
import {
  differenceText,
  interpretersLike,
  madeInterpreter,
  mismatch,
  unpackedInterpreter
} from './interpreters.js'
import { loadAndStart } from './load-and-start.js'
import type { LoadIncrementally, SessionFlows } from './load-in-session.js'
import type { ImageSession } from './session.js'
import { missingLibrary } from './system-library.js'

/**
 * Loads the flows of an image with an interpreter on this machine that matches the image: one that is there, else one
 * that gets the packages from the layers of the image, else a new virtual environment.
 *
 * @param incrementally default all modules are loaded
 * @param tryContainer loads in a container, which is tried before anything is installed if `load-in` is auto, or if
 * this machine lacks a system library; undefined if no daemon answers
 * @throws FlowstoreError VERSION_MISMATCH
 */
export async function loadOnRunner(
  inputs: BuildInputs,
  planned: PlannedImage,
  services: Services,
  tryContainer: (why: string) => Promise<SessionFlows | undefined>,
  incrementally?: LoadIncrementally
): Promise<SessionFlows> {
  const isAuto = inputs.options.loadIn === 'auto'
  const fallback: Fallback = isAuto ? 'any problem' : 'system library'
  const existing = await loadWith(
    inputs,
    planned,
    incrementally,
    interpretersLike(inputs, planned, services),
    services,
    fallback
  )
  const found =
    existing.kind === 'none'
      ? await loadUnpacked(inputs, planned, services, { fallback, before: existing, incrementally })
      : existing
  if (found.kind === 'loaded') return found.flows
  const inContainer = isAuto || found.kind === 'failed' ? await tryContainer(found.why) : undefined
  if (inContainer) return inContainer
  const created = madeInterpreter(inputs, planned, services)
  const last = await loadWith(inputs, planned, incrementally, created, services, 'none')
  if (last.kind === 'loaded') return last.flows
  throw mismatch(last.differences)
}

interface UnpackedLoad {
  readonly fallback: Fallback
  /** The result if the packages can't be unpacked. */
  readonly before: RunnerLoad
  readonly incrementally: LoadIncrementally | undefined
}

/** As {@link loadWith}, with the packages of the image. */
async function loadUnpacked(
  inputs: BuildInputs,
  planned: PlannedImage,
  services: Services,
  { fallback, before, incrementally }: UnpackedLoad
): Promise<RunnerLoad> {
  const session = await unpackedInterpreter(inputs, planned, services)
  if (typeof session !== 'string')
    return loadWith(inputs, planned, incrementally, [session], services, fallback)
  services.log.info(`The packages of the environment image can't be used here: ${session}`)
  return before
}

/**
 * Which problems of modules a container may not have. Only there do they find files that are not in a package, such as
 * those of the base image.
 */
type Fallback = 'any problem' | 'system library' | 'none'

/** The result of trying interpreters on this machine. */
type RunnerLoad =
  | { readonly kind: 'loaded'; readonly flows: SessionFlows }
  | {
      /** `none`: none is like the image. `failed`: one is, and modules have problems that a container may not have. */
      readonly kind: 'none' | 'failed'
      /** Why none could be used, as a clause. */
      readonly why: string
      /** How the last one differs from the image. */
      readonly differences: LoadedFlows['differences']
    }

/** Loads with the first interpreter that matches the image. */
async function loadWith(
  inputs: BuildInputs,
  planned: PlannedImage,
  incrementally: LoadIncrementally | undefined,
  sessions: AsyncIterable<ImageSession> | Iterable<ImageSession>,
  services: Services,
  fallback: Fallback
): Promise<RunnerLoad> {
  let differences: LoadedFlows['differences'] = []
  let problem: string | undefined
  for await (const session of sessions) {
    const flows = await loadAndStart(inputs, planned, session, services, incrementally)
    const { loaded } = flows
    const elsewhere = loaded.differences.length > 0 ? undefined : problemHere(loaded, fallback)
    if (loaded.differences.length > 0) differences = loaded.differences
    else if (elsewhere !== undefined) problem = elsewhere
    else {
      services.log.info(`Loading on the runner: ${session.why}`)
      return { kind: 'loaded', flows }
    }
  }
  if (problem !== undefined) return { kind: 'failed', why: problem, differences }
  const why = differences.length > 0 ? differenceText(differences) : 'no interpreter was found'
  return { kind: 'none', why, differences }
}

/** A problem that a container may not have, as a clause. */
function problemHere({ problems }: LoadedFlows, fallback: Fallback): string | undefined {
  if (fallback === 'none') return undefined
  const library = problems.map(missingLibrary).find(found => found !== undefined)
  if (library !== undefined) return `this machine lacks the system library ${library}`
  return fallback === 'any problem' ? problems[0]?.message : undefined
}
