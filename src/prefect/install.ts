import type { LayoutRequest } from './generation.js'
import { allFlowFolders, expectedRules, isRelease } from './releases.js'

/**
 * The requirements of a Prefect version: the release with the pins that make it install today, or a git ref
 * of Prefect's repository.
 */
export function prefectRequirements(version: string): readonly string[] {
  const prefect = isRelease(version)
    ? `prefect==${version}`
    : `git+https://github.com/PrefectHQ/prefect.git@${version}#egg=prefect`
  return [prefect, ...expectedRules(version).pins]
}

/**
 * Python releases, as `major.minor`, that a Prefect version is known to run on, oldest first; undefined for a
 * git ref.
 */
export const knownPythons = (version: string): readonly string[] | undefined =>
  isRelease(version) ? expectedRules(version).pythons : undefined

/**
 * Version specifiers for the Pythons that a Prefect version installs on, such as `>=3.11,<3.16`; undefined for a git
 * ref.
 */
export const requiredPython = (version: string): string | undefined =>
  isRelease(version) ? expectedRules(version).requiresPython : undefined

/** The folders in an image that flows of a Prefect version may be put in; of any release for a git ref. */
export function flowFolders(version: string, request: LayoutRequest): readonly string[] {
  if (!isRelease(version)) return allFlowFolders(request)
  const rules = expectedRules(version)
  return rules.generation.flowFolders(request, rules)
}

/**
 * The default base image of Prefect's Docker storage: Python's image before 0.7.0, then Prefect's image of
 * the release; for a git ref Python's slim image.
 *
 * @param version the release or git ref that the image gets
 * @param python `major.minor`; default that of the release
 * @param release the release or git ref whose rules apply; default the version. A git ref counts as the newest
 * release
 * @throws FlowstoreError UNSUPPORTED_PREFECT
 */
export function defaultBaseImage(version: string, python?: string, release = version): string {
  const { baseImage, basePython } = expectedRules(release)
  const minor = python ?? basePython
  if (baseImage === 'python') return `python:${minor}`
  return isRelease(version) ? `${baseImage}:${version}-python${minor}` : `python:${minor}-slim`
}

/**
 * The pip to upgrade to first, or undefined. Python 3.6 and 3.7 bring pip 18.1, which picks releases that
 * these Pythons can't run.
 */
export const pipUpgrade = (python: string, pip: string): string | undefined =>
  /^3\.[67]\./.test(python) && Number.parseInt(pip, 10) < 20 ? 'pip==21.3.1' : undefined
