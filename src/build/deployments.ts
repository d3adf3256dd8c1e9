import type { DeployableFlow } from '../deployments/deployable-flow.js'
import type { DeploymentsPlan } from '../deployments/plan.js'
import type { EntrypointDetails } from '../flows/flow.js'
import type { Log } from '../log.js'
import { rulesFor } from '../prefect/releases.js'
import type { Baseline } from './baseline.js'
import { fullImageName } from './inputs.js'
import type { FoundBuild, SettledBuild } from './load/loaded-build.js'
import { releaseOf } from './load/release.js'
import { runFolder } from './run-folder.js'
import type { Services } from './services.js'
import { deployedTag } from './store/tags.js'

/** Imports what reads and writes YAML, which only flows of Prefect 2 and 3 need; undefined for others. */
export const deploymentsPlanner = async (prefect: string) =>
  rulesFor(prefect).generation.flowsAre === 'pickles'
    ? undefined
    : import('../deployments/index.js')

/** The deployments of a build. */
export interface PlannedDeployments extends DeploymentsPlan {
  /** Whether a `deployments.json` in the label of an image is the same to a later build that compares with it. */
  readonly isLabelled: (text: string | null) => boolean
}

/**
 * The deployments of the flows, checked before anything is stored: those of the files that `prefect-file` names, with
 * the image of this build.
 *
 * @returns undefined for flows of Prefect before 2
 * @throws FlowstoreErrors PREFECT_FILE, DEPLOYMENT, DEPLOYMENT_CONFLICT
 */
export async function planFlowDeployments(
  build: FoundBuild | SettledBuild,
  baseline: Baseline | undefined,
  services: Services
): Promise<PlannedDeployments | undefined> {
  const { inputs } = build
  const { options, sources, modules } = inputs
  const prefect = releaseOf(build)
  const planner = await deploymentsPlanner(prefect)
  if (planner === undefined) return undefined
  const { comparesAlike, earlierDeployments, planDeployments, readPrefectFiles } = planner
  const earlier = (text: string | null | undefined) => (text ? earlierDeployments(text) : undefined)
  const paths = new Set(sources.files.map(file => file.path))
  const plan = planDeployments({
    files: await readPrefectFiles(services.cwd, options.prefectFile),
    flows: deployableFlows(build),
    unaddressable:
      build.kind === 'loaded' ? build.loaded.unaddressable : build.found.built.unaddressable,
    modules: modules.map(({ file }) => file),
    isSource: path => paths.has(path),
    prefect,
    image: imageOf(build, services),
    imageRef: null,
    path: runFolder(inputs, services),
    workPool: options.workPool,
    deploymentName: options.deploymentName,
    baseline: earlier(baseline?.deployments)
  })
  for (const notice of plan.notices) services.log.notice(notice)
  noticeSameNames(plan.document.flows, services.log)
  return {
    ...plan,
    isLabelled: text => {
      const labelled = earlier(text)
      return labelled !== undefined && comparesAlike(plan.document, labelled)
    }
  }
}

/** A storage has one flow of each name. */
function noticeSameNames(
  flows: readonly Pick<DeployableFlow, 'name' | 'entrypoint'>[],
  log: Log
): void {
  for (const name of new Set(flows.map(flow => flow.name))) {
    const places = flows.filter(flow => flow.name === name).map(flow => flow.entrypoint)
    if (places.length < 2) continue
    const message = `${places.length} flows have the name '${name}' (${places.join(', ')}): deployments.json has all of them, storage.json and the output flows have the first`
    log.notice({ level: 'notice', message })
  }
}

function deployableFlows(build: FoundBuild | SettledBuild): readonly DeployableFlow[] {
  if (build.kind === 'found') {
    return build.found.built.flows.flatMap(({ name, location, module, line, key, details }) =>
      details === undefined
        ? []
        : [
            {
              ...{ name, module, line },
              entrypoint: location,
              key: key ?? '',
              details: details as unknown as EntrypointDetails
            }
          ]
    )
  }
  return build.loaded.flows.flatMap(({ name, entrypoint, module, line, details }) =>
    entrypoint === undefined || details === undefined
      ? []
      : [{ name, entrypoint, module, line, key: build.keys.get(entrypoint) ?? '', details }]
  )
}

/** The image as deployments name it: by a tag that names this content for ever. */
function imageOf(build: FoundBuild | SettledBuild, services: Services): string | null {
  const { options } = build.inputs
  const image = build.kind === 'found' ? build.found : build.image
  return image && `${fullImageName(options, services)}:${deployedTag(options, image.key)}`
}
