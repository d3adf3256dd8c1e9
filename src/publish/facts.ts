import type { Report, ReportCommits, ReportPlatform } from '../report.js'
import { openParts } from '../python/cell.js'
import { plainLine } from '../util/plain-text.js'
import { deploymentLabel } from './deployed.js'

/** The platforms of an index, and which of them the flows were read back on. */
const platformsText = (platforms: readonly ReportPlatform[]): string =>
  platforms
    .map(({ platform, checked }) => (checked ? `${platform} (flows read back)` : platform))
    .join(', ')

/** The image, for terminal and summary: labels with their values, each a plain line. */
export function imageFacts({ image, commits }: Report): readonly (readonly [string, string])[] {
  if (image === null) return []
  const facts: [string, string][] = [['Image', `${image.repository}:${image.tag}`]]
  if (image.tags.length > 0) facts.push(['Tags', image.tags.join(', ')])
  if (image.digest !== null) facts.push(['Digest', image.digest])
  if (image.platforms !== null) facts.push(['Platforms', platformsText(image.platforms)])
  const { attached } = image
  if (attached.length > 0) {
    facts.push(['Attached', attached.map(({ artifactType }) => artifactType).join(', ')])
  }
  const commit = commits === null ? undefined : commitsText(commits)
  if (commit !== undefined) facts.push(['Commit', commit])
  return facts.map(([name, value]) => [name, plainLine(value)])
}

/** The commit of the image, and that of the run if it is another one; undefined if none is known. */
function commitsText({ image, run }: ReportCommits): string | undefined {
  if (image === null) return run ?? undefined
  return run === null || run === image
    ? image
    : `${image}, which made the image; this run is for ${run}`
}

/** Where the flows were read back, as the name of a fact and its value. */
export const checkFact = ({ checkedIn }: Report): readonly [string, string] => [
  'Read back',
  checkedIn === null ? 'no, since the healthcheck is off' : CHECKED[checkedIn]
]

const CHECKED = {
  image: 'in a container of the image',
  cell: 'on the runner, in a cell',
  runner: 'on the runner'
}

const BUILDERS = { daemon: 'built by the daemon', direct: 'built without a daemon' }

/** Where the environment image came from, as the name of a fact and its value, a plain line. */
export const environmentFacts = ({
  environment
}: Report): readonly (readonly [string, string])[] =>
  environment?.builder == null
    ? []
    : [
        [
          'Environment image',
          plainLine(`${BUILDERS[environment.builder]}, since ${environment.why}`)
        ]
      ]

/** What flow modules reached of the machine while they were loaded; nothing if that was nothing. */
export function openFact({ load }: Report): readonly [string, string][] {
  const open = load === null ? [] : openParts(load.isolation)
  return open.length === 0 ? [] : [['Open to flow modules while they were loaded', open.join(', ')]]
}

/** How many flow modules were loaded, and of how many the flows were taken; nothing if none was taken. */
export function modulesFact({ load }: Report): readonly [string, string][] {
  if (load === null || load.modules.taken === 0) return []
  const { loaded, taken } = load.modules
  return [['Flow modules', `${loaded} loaded, the flows of ${taken} taken from the earlier image`]]
}

/** The names of the flows that changed. */
export const changedFlows = ({ flows }: Report): readonly string[] =>
  flows.filter(flow => flow.changed).map(flow => flow.name)

/** Number of names in a list of flows. */
const MOST_NAMES = 5

/** Names of what changed and how many of all that is, a plain line. */
function changedText(names: readonly string[], all: number, comparedWith: string): string {
  const shown = names.slice(0, MOST_NAMES).join(', ')
  const more = names.length > MOST_NAMES ? `, and ${names.length - MOST_NAMES} more` : ''
  const value = names.length === 0 ? 'none' : `${shown}${more}`
  return plainLine(`${value} (${names.length} of ${all}, compared with ${comparedWith})`)
}

/** The flows that changed, as the name of a fact and its value, a plain line; undefined if nothing was compared. */
export function changedFact(report: Report): readonly [string, string] | undefined {
  const { comparedWith, flows } = report
  if (comparedWith === null) return undefined
  return ['Changed flows', changedText(changedFlows(report), flows.length, comparedWith)]
}

/** The line for a build that changed nothing. */
export const UNCHANGED =
  'Unchanged: the registry already has this image, built from the same input.'

/** The deployments that changed, or how many there are if nothing was compared; nothing before Prefect 2. */
export function deploymentsFact({
  deployments,
  comparedWith
}: Report): readonly [string, string][] {
  if (deployments === null) return []
  if (comparedWith === null) return [['Deployments', String(deployments.length)]]
  const names = deployments.filter(({ changed }) => changed).map(deploymentLabel)
  return [['Changed deployments', changedText(names, deployments.length, comparedWith)]]
}
