import type { DeploymentsDocument } from '../deployments/document.js'
import type { DeploymentsPlan } from '../deployments/plan.js'
import type { MadeEnvironment } from '../environment/environment.js'
import { hasLayers } from '../environment/find.js'
import type { EnvironmentRequest } from '../environment/request.js'
import { inPhase, withUndone } from '../errors.js'
import { STORAGE_KINDS } from '../prefect/storage-kinds.js'
import type { Recorder } from '../log.js'
import type { Options } from '../options/options.js'
import { registriesOf } from '../registry/registries.js'
import type { Build } from '../report.js'
import { attest } from './attest.js'
import { baselineLoads, checkBaseline, readBaseline, type Baseline } from './baseline.js'
import { checkBeforeLoad } from './check-before-load.js'
import { deploymentsPlanner, planFlowDeployments } from './deployments.js'
import { findOrMakeEnvironment } from './find-or-make-environment.js'
import { readInputs, type BuildInputs } from './inputs.js'
import { checkGeneration } from './load/check-generation.js'
import type { LoadOutcome, SettledBuild } from './load/loaded-build.js'
import { settle } from './load/settle.js'
import { imageKey, lookUpFlows, type FlowLookup } from './look-up.js'
import { runRevision } from './origin.js'
import { warnOfLost, warnOfLostBase } from './lost-images.js'
import { planBuild } from './plan.js'
import { refuseInFiles } from './refuse-secrets.js'
import { resultOf } from './result.js'
import { withSecrets } from './secrets.js'
import { withServices, type Services, type Surroundings } from './services.js'
import { undoStore, type StoredBuild } from './store/stored-build.js'
import { tagFound } from './store/tag-found.js'
import { withoutForkPush } from './untrusted-code.js'
import { unlessInterrupted } from '../util/interruption.js'

/** The stages that load and store flows. A run that finds its image before it loads anything reads none of them. */
const laterStages = () => import('./stages.js')

/**
 * The whole build, stage by stage. In brackets are the phases of the log.
 *
 * 1. Permit: the options that the code of this run may have.
 * 2. Inputs (discover): options, sources, flow modules, requirements.
 * 3. {@link findOrLoad}: plan, environment and look up (environment), load (load). `settle` runs it, and runs it
 *    again if the storages in modules change the plan.
 * 4. Compare: the keys of the image that flows are compared with, if there is one.
 *    Deployments of Prefect 2 and 3 are checked against the flows; with the option deploy, also against the server
 *    (check).
 * 5. Store (build, healthcheck, store, push): checks each flow, adds it to the storage, pushes the image. An
 *    image that was found gets its further tags instead (tags), and labels with the deployments if they changed.
 * 6. Result: the SBOM and the provenance of the image, and the report, with the flows that changed. Neither flows nor
 *    files may hold a secret of the run.
 *
 * Nothing is published: no file in the output directory, no output, no artifact. A failure before the
 * image gets its tags leaves everything as it was.
 *
 * @param checkDeployments checks the deployments of Prefect 2 and 3 before anything is stored; an error of it ends the
 * build. Their image has no digest yet.
 * @throws FlowstoreError (or FlowstoreErrors with every error of a stage)
 */
export function buildStorage(
  options: Options,
  surroundings: Surroundings,
  log: Recorder,
  checkDeployments?: (deployments: DeploymentsDocument) => Promise<void>
): Promise<Build> {
  return withServices(surroundings, log, async given => {
    options.notices.forEach(notice => log.notice(notice))
    const permitted = await withoutForkPush(options, given)
    const registries = registriesOf(given.env, permitted.insecureRegistries, log)
    const services = await withSecrets(permitted, { ...given, registries })
    await checkBaseline(permitted, services)
    const inputs = await log.phase('discover', () => readInputs(permitted, services))
    const flows = await settle(inputs, services, findOrLoad)
    // Before a tag moves.
    const baseline = await readBaseline(flows, services)
    if (flows.kind !== 'found') await warnOfLost(flows, baseline, services)
    const deployments = await planFlowDeployments(flows, baseline, services)
    if (deployments !== undefined) await checkDeployments?.(deployments.document)
    const stored =
      flows.kind === 'found'
        ? await tagFound(flows, services, { baseline, deployments })
        : await store(flows, services, baseline, deployments)
    const finish = async (): Promise<Build> => {
      const attested = await attest(stored, permitted, log)
      const commit = stored.image === null ? undefined : await runRevision(services)
      const build = resultOf(attested, log, {
        ...{ baseline, deployments, commit },
        register: permitted.register
      })
      refuseInFiles(build, services.findSecret)
      return build
    }
    return unlessInterrupted(finish).catch(async (error: unknown) => {
      throw withUndone(error, await undoStore(stored))
    })
  }).catch((error: unknown) => {
    // What a phase found may be thrown after it.
    throw log.concealedIn(inPhase(error, log.phases.at(-1)?.name))
  })
}

/** Stores loaded flows. With `incremental`, what the baseline knows of their modules is verified before. */
async function store(
  flows: SettledBuild,
  services: Services,
  baseline: Baseline | undefined,
  deployments: DeploymentsPlan | undefined
): Promise<StoredBuild> {
  const { storeFlows, verifyRecords } = await laterStages()
  const isVerified = flows.inputs.options.incremental === 'verify'
  const records = isVerified
    ? await services.log.phase('verify', () => verifyRecords(flows, baseline, services))
    : flows.incremental?.records
  return storeFlows(flows, services, { deployments: deployments?.document, records })
}

/**
 * Finds the flows in an image in the registry, or loads them. For a storage without an image, they are loaded, and
 * `loadWithoutImage` runs both phases.
 */
async function findOrLoad(inputs: BuildInputs, services: Services): Promise<LoadOutcome> {
  const { log } = services
  if (STORAGE_KINDS[inputs.options.storage].flowsIn !== 'image') {
    const { loadWithoutImage } = await laterStages()
    return { kind: 'loaded', inputs, image: null, ...(await loadWithoutImage(inputs, services)) }
  }
  const lookup = await log.phase('environment', () => planAndLookUp(inputs, services))
  if (lookup.kind === 'found') return { kind: 'found', inputs, found: lookup.found }
  const { planned } = lookup
  checkGeneration(inputs.options, planned.environment.facts.prefect)
  await checkBefore(inputs, planned.request, services)
  const { loadForImage } = await laterStages()
  const { registry } = planned
  const repository = registry.kind === 'direct' ? registry.repository : undefined
  const earlier = () => baselineLoads(inputs.options, repository, services)
  const flows = await log.phase('load', () => loadForImage(inputs, planned, services, earlier))
  return { kind: 'loaded', inputs, image: planned, ...flows }
}

/** {@link checkBeforeLoad}, and that a daemon answers if only a daemon can add the flows to the image. */
async function checkBefore(
  inputs: BuildInputs,
  { daemon }: EnvironmentRequest,
  services: Services
): Promise<void> {
  await checkBeforeLoad(inputs, services)
  if (inputs.options.assemble === 'build') await daemon()
}

/**
 * Plans the image, finds or builds its environment image, and looks for an image of the same input. If there is none, the
 * environment image has to have all its layers: one that the registry lost is built again.
 */
async function planAndLookUp(inputs: BuildInputs, services: Services): Promise<FlowLookup> {
  // While the registry answers.
  void runRevision(services)
  const { request, registry } = await planBuild(inputs, services)
  const environmentWith = (layers: 'asked' | 'trusted') =>
    findOrMakeEnvironment(request, registry, () => checkBefore(inputs, request, services), layers)
  const made = await environmentWith('trusted')
  const lookup = await lookUpOn(made, request, inputs, services)
  if (lookup.kind === 'found' || made.origin.builder !== null) return lookup
  const asked = hasLayers(made.environment, made.registry, services.log)
  // Read while the registry answers. A failure is reported when a stage is used.
  void laterStages().catch(() => undefined)
  if (await asked) return lookup
  return lookUpOn(await environmentWith('asked'), request, inputs, services)
}

/** Looks for an image of the same input on an environment image. */
async function lookUpOn(
  made: MadeEnvironment,
  request: EnvironmentRequest,
  inputs: BuildInputs,
  services: Services
): Promise<FlowLookup> {
  const { environment } = made
  const key = await imageKey(inputs, environment)
  const lookup = lookUpFlows(inputs, { ...made, request, key, tagBefore: undefined }, services)
  // While the registry answers. A failure is reported when the daemon or the planner is used.
  if (inputs.options.loadIn === 'image') void request.daemon().catch(() => undefined)
  void deploymentsPlanner(environment.facts.prefect).catch(() => undefined)
  const result = await lookup
  if (result.kind === 'found') warnOfLostBase(made, result.found, services.log)
  return result
}
