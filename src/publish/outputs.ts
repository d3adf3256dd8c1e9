import { join } from 'node:path'
import type { Notice } from '../log.js'
import { PROVENANCE_FILE, SBOM_FILE } from '../paths.js'
import type { Report, ReportImage, ReportPlatform } from '../report.js'
import { changedFlows } from './facts.js'

/** Names of the outputs, in the order of `action.yml`. */
export const OUTPUT_NAMES = [
  'storage',
  'storage-path',
  'flows-path',
  'flows',
  'image',
  'image-name',
  'image-tag',
  'tags',
  'digest',
  'image-ref',
  'sbom-path',
  'provenance-path',
  'changed',
  'changed-flows',
  'prefect-file-path',
  'deployments-path',
  'deployments',
  'changed-deployments',
  'artifact-id',
  'artifact-url'
] as const

/** Name of an output. */
export type OutputName = (typeof OUTPUT_NAMES)[number]

/** Every output by its name; empty if it has no value. */
export type Outputs = Readonly<Record<OutputName, string>>

/** The values that the outputs need and a report does not have. */
export interface Published {
  /** The output directory, absolute. */
  readonly directory: string
  readonly hasFlowsJson: boolean
  readonly hasSbom: boolean
  readonly hasProvenance: boolean
  readonly artifact: { readonly name: string; readonly id: string; readonly url: string } | null
}

/** The outputs of a build. Only this function turns a report into GitHub's strings. */
export function outputsOf(report: Report, published: Published): Outputs {
  const { storage, flows, deployments, image, changed } = report
  const { directory, hasFlowsJson, hasSbom, hasProvenance, artifact } = published
  const locations = new Map<string, string>()
  for (const { name, location } of flows) {
    // Of two flows of one name, the storage has the first.
    if (!locations.has(name)) locations.set(name, location)
  }
  return {
    storage: JSON.stringify(storage),
    'storage-path': join(directory, 'storage.json'),
    'flows-path': hasFlowsJson ? join(directory, 'flows.json') : '',
    'prefect-file-path': deployments === null ? '' : join(directory, 'prefect.yaml'),
    'deployments-path': deployments === null ? '' : join(directory, 'deployments.json'),
    flows: JSON.stringify(Object.fromEntries(locations)),
    image: image === null ? '' : `${image.repository}:${image.tag}`,
    'image-name': image?.name ?? '',
    'image-tag': image?.tag ?? '',
    tags: image?.tags.join('\n') ?? '',
    digest: image?.digest ?? '',
    'image-ref': image?.digest ? `${image.repository}@${image.digest}` : '',
    'sbom-path': hasSbom ? join(directory, SBOM_FILE) : '',
    'provenance-path': hasProvenance ? join(directory, PROVENANCE_FILE) : '',
    changed: String(changed),
    'changed-flows': JSON.stringify(changedFlows(report)),
    deployments: deployments === null ? '' : JSON.stringify(deployments),
    'changed-deployments':
      deployments === null
        ? ''
        : JSON.stringify(deployments.filter(({ changed: isChanged }) => isChanged)),
    'artifact-id': artifact?.id ?? '',
    'artifact-url': artifact?.url ?? ''
  }
}

/** A report for `report.json` and `--json`: the outputs replace the fields that they repeat. */
export interface PublishedReport extends Omit<Report, 'storage' | 'image' | 'changed'> {
  readonly outputs: Outputs
  /** See `ReportImage`: the images of an index; null without several platforms. */
  readonly platforms: readonly ReportPlatform[] | null
  /** See `ReportImage`: what is attached to the image in the registry. */
  readonly attached: ReportImage['attached']
}

/** The report of a build for `report.json`. */
export function publishedReport(report: Report, outputs: Outputs): PublishedReport {
  const { versions, checkedIn, environment, load, phases, flows, notices } = report
  const { deployments, deployed, commits, comparedWith } = report
  const attached = report.image?.attached ?? []
  const platforms = report.image?.platforms ?? null
  return {
    ...{
      outputs,
      versions,
      commits,
      platforms,
      attached,
      checkedIn,
      environment,
      load,
      phases,
      flows
    },
    ...{ deployments, deployed, comparedWith, notices }
  }
}

/** GitHub's limit for the outputs of a job, in bytes of UTF-16. */
const OUTPUT_LIMIT_BYTES = 1024 * 1024

/**
 * The outputs that GitHub accepts. An output that is over the limit or holds a masked value, which GitHub
 * would drop, is left empty, and a notice says where to find it.
 *
 * @param masked values known to be masked in the log
 */
export function gitHubOutputs(
  outputs: Outputs,
  masked: readonly string[]
): { readonly values: Outputs; readonly notices: readonly Notice[] } {
  const notices: Notice[] = []
  const values: Record<OutputName, string> = { ...outputs }
  for (const name of OUTPUT_NAMES) {
    const problem = outputProblem(outputs[name], masked)
    if (problem === undefined) continue
    values[name] = ''
    notices.push({
      level: 'notice',
      message: `the output '${name}' ${problem}: take it from report.json in the output directory or the artifact`
    })
  }
  return { values, notices }
}

function outputProblem(value: string, masked: readonly string[]): string | undefined {
  if (value.length * 2 > OUTPUT_LIMIT_BYTES) return "is over GitHub's limit of 1 MB"
  return masked.some(secret => secret !== '' && value.includes(secret))
    ? 'holds a masked value, and GitHub drops such outputs'
    : undefined
}
