import { FlowstoreError } from '../errors.js'
import type { Generation } from './generation.js'
import { expectedRules, isRelease } from './releases.js'

/** A requirement that pins a release of Prefect. */
export interface PrefectPin {
  readonly version: string
  /** The requirement as it is written, such as `prefect[aws]==1.4.1`. */
  readonly text: string
}

/** A base image or an interpreter with the version of its Prefect; null if it has none. */
export type PrefectHost =
  | { readonly kind: 'base-image'; readonly reference: string; readonly prefect: string | null }
  | { readonly kind: 'interpreter'; readonly path: string; readonly prefect: string | null }
  /** Neither: the Prefect version determines the base image. */
  | { readonly kind: 'none' }

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
}

const resolved = (version: string, from: PrefectOrigin): ResolvedPrefect => ({
  version,
  kind: isRelease(version) ? 'release' : 'git-ref',
  from,
  generation: expectedRules(version).generation
})

/**
 * The Prefect that is asked for: that of the option, else that of a requirement that pins one.
 *
 * @returns undefined if neither names a version
 * @throws FlowstoreError UNSUPPORTED_PREFECT for a release that this project does not know
 */
export function requestedPrefect({ option, pin }: PrefectRequest): ResolvedPrefect | undefined {
  if (option !== undefined) return resolved(option, { kind: 'option' })
  return pin && resolved(pin.version, { kind: 'requirement', text: pin.text })
}

function installedPrefect(host: PrefectHost): ResolvedPrefect | undefined {
  if (host.kind === 'none' || host.prefect === null) return undefined
  return host.kind === 'base-image'
    ? resolved(host.prefect, { kind: 'base-image', reference: host.reference })
    : resolved(host.prefect, { kind: 'interpreter', path: host.path })
}

/** The hint of errors about a missing Prefect version. */
const HINT =
  'Set prefect-version, or pin prefect in python-dependencies or the requirements file, or choose a base-image or a python that has Prefect.'

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
 * The Prefect of a run: the one that is asked for, else the one that is installed.
 *
 * @throws FlowstoreError UNSUPPORTED_PREFECT; without a version, PREFECT_NOT_FOUND for a base image or an
 * interpreter without Prefect, else MISSING_OPTION
 */
export function resolvePrefect(request: PrefectRequest, host: PrefectHost): ResolvedPrefect {
  const found = requestedPrefect(request) ?? installedPrefect(host)
  if (found !== undefined) return found
  throw noPrefect(host)
}
