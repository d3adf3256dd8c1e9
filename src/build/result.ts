import type { Recorder } from '../log.js'
import type { DeploymentsDocument } from '../deployments/document.js'
import type { DeploymentsPlan } from '../deployments/plan.js'
import type { Build, ReportDeployment, ReportImage } from '../report.js'
import { flowsParts } from '../storage/flows-json.js'
import { VERSION } from '../version.js'
import type { Options } from '../options/options.js'
import type { Baseline } from './baseline.js'
import type { AttestedBuild } from './attest.js'
import { undoStore } from './store/stored-build.js'

/** What the flows of a build are compared with, and what for. */
interface Comparison {
  /** Without one, all flows are changed. */
  readonly baseline: Baseline | undefined
  /** The flows for flows.json. */
  readonly register: Options['register']
  /** The deployments of flows of Prefect 2 and 3. */
  readonly deployments?: DeploymentsPlan | undefined
  /** The commit of this run; undefined if it is not known. */
  readonly commit?: string | undefined
}

const reportDeployments = ({ deployments }: DeploymentsDocument): readonly ReportDeployment[] =>
  deployments.map(({ name, flow, entrypoint, image, changed }) => ({
    ...{ name, flow, entrypoint, image, changed }
  }))

/** The deployments, with the digest that the push gave. */
function withDigest({ document }: DeploymentsPlan, image: ReportImage | null): DeploymentsDocument {
  const imageRef = image?.digest ? `${image.repository}@${image.digest}` : null
  return { ...document, imageRef }
}

/**
 * The report and the documents of a build, not published yet.
 *
 * @param comparison default without a baseline, and all flows for flows.json
 */
export function resultOf(
  stored: AttestedBuild,
  log: Recorder,
  { baseline, register, deployments: plan, commit }: Comparison = {
    baseline: undefined,
    register: 'all'
  }
): Build {
  const { storage, built, image, changed, environment, load, tagMove } = stored
  const serialized = storage.serialize()
  const { flowsTemplate } = built
  const deployments = plan === undefined ? null : withDigest(plan, image)
  const flows = built.flows.map(({ name, module, line, location, size, key }) => ({
    ...{ name, module, line, location, size, key },
    changed: baseline === undefined || key === null || !baseline.keys.has(key)
  }))
  const isRegistered = new Set(
    flows.filter(flow => register === 'all' || flow.changed).map(flow => flow.name)
  )
  const isPushed = changed && image?.digest != null
  const hasTags =
    isPushed || (image !== null && (image.tags.length > 0 || image.attached.length > 0))
  return {
    report: {
      storage: serialized,
      flows,
      deployments: deployments === null ? null : reportDeployments(deployments),
      deployed: null,
      commits: image === null ? null : { image: built.record?.commit ?? null, run: commit ?? null },
      comparedWith: baseline?.name ?? null,
      image,
      changed,
      versions: { ...built.versions, flowstore: VERSION },
      checkedIn: built.checkedIn,
      environment,
      load,
      phases: log.phases,
      notices: log.notices
    },
    deployments,
    documents: {
      flowsJson:
        flowsTemplate === null
          ? null
          : flowsParts(flowsTemplate, serialized, name => isRegistered.has(name)),
      prefectYaml: plan?.prefectYaml ?? null,
      ...stored.attestations,
      deploymentsJson: deployments === null ? null : `${JSON.stringify(deployments, null, 2)}\n`,
      dockerfile: image === null ? null : built.dockerfile,
      flowFiles: new Map([...storage.flowFiles()].map(([name, path]) => [`flows/${name}`, path]))
    },
    moveTags: () => (hasTags ? log.phase('tags', () => tagMove.move()) : tagMove.move()),
    discard: () => undoStore({ tagMove, storage }),
    keep: storage.hasAside
      ? () => {
          storage.keepFiles()
        }
      : null
  }
}
