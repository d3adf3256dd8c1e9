import { FlowstoreError } from '../errors.js'
import type { Generation } from './generation.js'
import type { PickledFlowLine } from './pickled-flow-line.js'
import {
  allowedGenerations,
  expectedRules,
  isAllowed,
  isRelease,
  NEWEST_PREFECT,
  NEWEST_WITH_STORAGES,
  newestRelease,
  PREFECT_LIMITS,
  SUPPORTED_PREFECT
} from './releases.js'

/** A requirement that pins a release of Prefect. */
export interface PrefectPin {
  readonly version: string
  /** The requirement as it is written, such as `prefect[aws]==1.4.1`. */
  readonly text: string
}

/** Requirements that allow several releases of Prefect. */
export interface PrefectRange {
  /** Their version specifiers, such as `>=1.2,<2`; empty for any version. */
  readonly specifier: string
  /** The requirements as they are written. */
  readonly text: string
  /** The file with the first of them, and its line. */
  readonly file?: string | undefined
  readonly line?: number | undefined
}

/** What a Prefect is installed on, with the version of its Python. */
interface Host {
  readonly python?: string | undefined
}

/** A base image or an interpreter with the version of its Prefect; null if it has none. */
export type PrefectHost = Host &
  (
    | { readonly kind: 'base-image'; readonly reference: string; readonly prefect: string | null }
    | { readonly kind: 'interpreter'; readonly path: string; readonly prefect: string | null }
    /** Neither: the Prefect version determines the base image. */
    | { readonly kind: 'none' }
  )

/** Where a Prefect version comes from. */
type PrefectOrigin =
  | { readonly kind: 'option' }
  | { readonly kind: 'requirement'; readonly text: string }
  | { readonly kind: 'base-image'; readonly reference: string }
  | { readonly kind: 'interpreter'; readonly path: string }

/** The Prefect of a run. */
export interface ResolvedPrefect {
  /** A release, or a git ref of Prefect's repository. */
  readonly version: string
  readonly kind: 'release' | 'git-ref'
  readonly from: PrefectOrigin
  readonly generation: Generation
}

/** The Prefect version that the user asks for, before a base image or an interpreter is inspected. */
export interface PrefectRequest {
  /** The option `prefect-version`. */
  readonly option: string | undefined
  /** The requirement that pins a release of Prefect. */
  readonly pin: PrefectPin | undefined
  /** The requirements that allow several releases. */
  readonly range?: PrefectRange | undefined
  /** Shows that the flows are of Prefect 0.5 to 1.4. */
  readonly pickledFlow?: PickledFlowLine | undefined
}

const resolved = (version: string, from: PrefectOrigin): ResolvedPrefect => ({
  version,
  kind: isRelease(version) ? 'release' : 'git-ref',
  from,
  generation: expectedRules(version).generation
})

/** The requirements that allow several releases, if nothing names exactly one. */
const decidingRange = ({ option, pin, range }: PrefectRequest): PrefectRange | undefined =>
  option === undefined && pin === undefined ? range : undefined

/**
 * The Prefect that is asked for: that of the option, else that of a requirement that pins one, else the newest
 * supported release that the requirements allow.
 *
 * @param python the version of the Python that it is for, if it is known
 * @returns undefined if neither names Prefect
 * @throws FlowstoreError UNSUPPORTED_PREFECT for a release that this project does not know, and for requirements
 * that allow no supported release
 */
export function requestedPrefect(
  { option, pin, range }: PrefectRequest,
  python?: string
): ResolvedPrefect | undefined {
  if (option !== undefined) return resolved(option, { kind: 'option' })
  if (pin !== undefined) return resolved(pin.version, { kind: 'requirement', text: pin.text })
  if (range === undefined) return undefined
  const newest = newestRelease(range.specifier, python)
  if (newest === undefined) throw outOfRange(range)
  return resolved(newest, { kind: 'requirement', text: range.text })
}

/**
 * A release of the generation that a run has, if that is sure before a base image or an interpreter is inspected: not
 * with a git ref, and not if the requirements allow both generations.
 *
 * @throws FlowstoreError UNSUPPORTED_PREFECT as {@link requestedPrefect}
 */
export function expectedRelease(request: PrefectRequest): string | undefined {
  const requested = requestedPrefect(request)
  if (requested?.kind !== 'release') return undefined
  const range = decidingRange(request)
  const isUnsure = range !== undefined && allowedGenerations(range.specifier).length > 1
  return isUnsure ? undefined : requested.version
}

const otherGeneration = (
  requirement: string,
  release: string,
  { text, file, line }: PickledFlowLine
): FlowstoreError =>
  new FlowstoreError(
    'OTHER_GENERATION',
    `\`${text}\` is of Prefect 0.5 to 1.4, and the requirement '${requirement}' installs Prefect ${release}`,
    {
      file,
      line,
      hint: `Require the release that the flows are for, such as prefect==${NEWEST_WITH_STORAGES}, or set \`prefect-version: ${NEWEST_WITH_STORAGES}\`.`
    }
  )

const outOfRange = ({ text, file, line }: PrefectRange): FlowstoreError =>
  new FlowstoreError(
    'UNSUPPORTED_PREFECT',
    `'${text}' allows no release of Prefect that this version of flowstore knows: ${SUPPORTED_PREFECT}`,
    {
      file,
      line,
      hint: `${PREFECT_LIMITS} Require one of these or exactly one newer release, such as prefect==${NEWEST_PREFECT}, or set prefect-version.`
    }
  )

/** The installed Prefect, if nothing asks for another one. Like pip, it stays if the requirements allow it. */
function keptPrefect(
  { option, pin, range }: PrefectRequest,
  host: PrefectHost
): ResolvedPrefect | undefined {
  if (option !== undefined || pin !== undefined) return undefined
  if (host.kind === 'none' || host.prefect === null) return undefined
  if (range !== undefined && !isAllowed(host.prefect, range.specifier)) return undefined
  return host.kind === 'base-image'
    ? resolved(host.prefect, { kind: 'base-image', reference: host.reference })
    : resolved(host.prefect, { kind: 'interpreter', path: host.path })
}

/** The hint of errors about a missing Prefect version. */
const HINT =
  'Set prefect-version, or require prefect in python-dependencies or the requirements file, or choose a base-image or a python that has Prefect. For Prefect from an address (prefect @ git+…), set prefect-version to the release that it comes after.'

function noPrefect(host: PrefectHost): FlowstoreError {
  if (host.kind === 'none') {
    return new FlowstoreError(
      'MISSING_OPTION',
      "the option 'prefect-version' is required: neither a base image nor a Prefect version is set",
      { hint: HINT }
    )
  }
  const name = host.kind === 'base-image' ? `the base image ${host.reference}` : host.path
  return new FlowstoreError('PREFECT_NOT_FOUND', `${name} has no Prefect, and no version is set`, {
    hint: HINT
  })
}

/**
 * The Prefect of a run: the one that is asked for, else the one that is installed. If the requirements allow
 * several releases, it is the installed one if they allow it, else the newest.
 *
 * @throws FlowstoreError UNSUPPORTED_PREFECT; OTHER_GENERATION for the newest, if it is not for these flows; without a
 * version, PREFECT_NOT_FOUND for a base image or an interpreter without Prefect, else MISSING_OPTION
 */
export function resolvePrefect(request: PrefectRequest, host: PrefectHost): ResolvedPrefect {
  const kept = keptPrefect(request, host)
  if (kept !== undefined) return kept
  const requested = requestedPrefect(request, host.python)
  if (requested === undefined) throw noPrefect(host)
  const { pickledFlow } = request
  const range = decidingRange(request)
  const isPickled = requested.generation.flowsAre === 'pickles'
  if (range !== undefined && !isPickled && pickledFlow !== undefined) {
    throw otherGeneration(range.text, requested.version, pickledFlow)
  }
  return requested
}
