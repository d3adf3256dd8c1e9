import { explain, gt, maxSatisfying, satisfies, valid } from '@renovatebot/pep440'
import { FlowstoreError } from '../errors.js'
import { ENTRYPOINT_FLOWS } from './entrypoint-flows.js'
import type { Generation, LayoutRequest, PrefectRules } from './generation.js'
import { PICKLED_FLOWS } from './pickled-flows.js'
import { minorOf } from '../util/minor.js'

/** Every generation of Prefect that this project knows, oldest first. */
const GENERATIONS: readonly [Generation, ...Generation[]] = [PICKLED_FLOWS, ENTRYPOINT_FLOWS]

/** The newest generation, which serves git refs. */
const NEWEST_GENERATION: Generation = GENERATIONS.at(-1) ?? GENERATIONS[0]

/** {@link Generation.packages} of every generation. */
export const FLOW_PACKAGES: readonly string[] = [
  ...new Set(GENERATIONS.flatMap(({ packages }) => packages))
]

/** The releases that {@link rulesFor} knows, for messages. */
export const SUPPORTED_PREFECT = GENERATIONS.map(({ range }) => range).join(' and ')

/** Why there are no others, in sentences for messages. */
export const PREFECT_LIMITS = GENERATIONS.map(({ limits }) => limits).join(' ')

/** The newest release that {@link rulesFor} knows. */
export const NEWEST_PREFECT = NEWEST_GENERATION.newest

/** The newest release with classes of storages: that of a storage whose release is not said. */
export const NEWEST_WITH_STORAGES = PICKLED_FLOWS.newest

/** The folders of an image that flows may be put in, for any release. */
export const allFlowFolders = (request: LayoutRequest): readonly string[] => [
  ...new Set(GENERATIONS.flatMap(generation => generation.flowFolders(request)))
]

/** Whether a text is a release number (else it is a git ref, such as `master`). */
export const isRelease = (version: string): boolean => valid(version) !== null

/**
 * The newest supported release that version specifiers allow.
 *
 * @param specifier such as `>=1.2,<2`; empty for any version
 * @param python the release should run on it, as `major.minor` or longer; if none does, the newest is returned
 * @returns undefined if they allow none
 */
export function newestRelease(specifier: string, python?: string): string | undefined {
  const all = GENERATIONS.flatMap(({ releases }) => releases)
  const minor = python === undefined ? undefined : minorOf(python)
  const running = all.filter(release =>
    GENERATIONS.some(
      each => each.covers(release) && each.rules(release).pythons.some(known => known === minor)
    )
  )
  return maxSatisfying(running, specifier) ?? maxSatisfying(all, specifier) ?? undefined
}

/** The generations of which version specifiers allow a release, oldest first. */
export const allowedGenerations = (specifier: string): readonly Generation[] =>
  GENERATIONS.filter(({ releases }) => releases.some(release => satisfies(release, specifier)))

/** Whether a release is supported, and version specifiers allow it. */
export const isAllowed = (release: string, specifier: string): boolean =>
  isSupported(release) && satisfies(release, specifier, { prereleases: true })

/**
 * What to say of a release that came after the newest one of a generation that still gets releases; undefined for any
 * other. It has the rules of the newest one.
 */
export function newerText(release: string): string | undefined {
  const { newest } = NEWEST_GENERATION
  const base = explain(release)?.base_version
  if (!base || !NEWEST_GENERATION.covers(release)) return undefined
  return gt(base, newest)
    ? `Prefect ${release} is newer than ${newest}, the newest release that this version of flowstore knows: it is treated like that one`
    : undefined
}

/** Whether {@link rulesFor} knows a release. */
export const isSupported = (release: string): boolean =>
  GENERATIONS.some(generation => generation.covers(release))

/**
 * The rules of a Prefect release.
 *
 * @param release a version as `prefect.__version__` gives it
 * @throws FlowstoreError UNSUPPORTED_PREFECT for anything that no generation covers
 */
export function rulesFor(release: string): PrefectRules {
  const generation = GENERATIONS.find(candidate => candidate.covers(release))
  if (generation !== undefined) return generation.rules(release)
  throw new FlowstoreError(
    'UNSUPPORTED_PREFECT',
    `Prefect ${release} is not supported; ${SUPPORTED_PREFECT} are`,
    {
      hint: `${PREFECT_LIMITS} Set prefect-version to a supported release, or require one.`
    }
  )
}

/**
 * The expected rules of a Prefect version that is not installed yet: a git ref counts as the newest release with classes
 * of storages. Refs of Prefect 2 and later are refused after the load.
 *
 * @param version a release or a git ref
 * @throws FlowstoreError UNSUPPORTED_PREFECT for a release that no generation covers
 */
export const expectedRules = (version: string): PrefectRules =>
  rulesFor(isRelease(version) ? version : NEWEST_WITH_STORAGES)
