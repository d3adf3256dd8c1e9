import { STORAGE_KINDS } from '../prefect/storage-kinds.js'
import type { Recorder } from '../log.js'
import type { Options } from '../options/options.js'
import type { Build } from '../report.js'
import { findOrMakeEnvironment } from './find-or-make-environment.js'
import { readInputs, type BuildInputs } from './inputs.js'
import type { LoadOutcome } from './load/loaded-build.js'
import { settle } from './load/settle.js'
import { imageKey, lookUpFlows, type FlowLookup } from './look-up.js'
import { planImage } from './plan.js'
import { resultOf } from './result.js'
import { withoutForkPush } from './untrusted-code.js'
import { withServices, type Services, type Surroundings } from './services.js'
import { storeFlows } from './store/store-flows.js'

/**
 * The whole build, one line for each stage.
 *
 * - Read the inputs: options, sources, flow modules, requirements.
 * - Find the flows in the registry, or load them. If modules set a storage on their flows, this can change the
 *   plan: then they are looked up or loaded again.
 * - Store the flows: check each, add it to the storage, push the image.
 * - Report.
 *
 * Nothing is published: no file in the output directory, no output, no artifact. A failure before the
 * image gets its tags leaves everything as it was.
 *
 * @throws FlowstoreError (or FlowstoreErrors with every error of a stage)
 */
export function buildStorage(
  options: Options,
  surroundings: Surroundings,
  log: Recorder
): Promise<Build> {
  return withServices(surroundings, log, async services => {
    const inputs = await log.phase('discover', async () =>
      readInputs(await withoutForkPush(options, services), services)
    )
    const loaded = await settle(inputs, services, findOrLoad)
    const stored = await storeFlows(loaded, services)
    return resultOf(stored, log)
  })
}

/** Finds the flows in an image in the registry, or loads them. */
async function findOrLoad(inputs: BuildInputs, services: Services): Promise<LoadOutcome> {
  const { log } = services
  if (STORAGE_KINDS[inputs.options.storage].flowsIn !== 'image') {
    const { loadWithoutImage } = await import('./stages.js')
    return { kind: 'loaded', inputs, image: null, ...(await loadWithoutImage(inputs, services)) }
  }
  const lookup = await log.phase('environment', () => lookUp(inputs, services))
  if (lookup.kind === 'found') return { kind: 'found', inputs, found: lookup.found }
  const { planned } = lookup
  const { loadForImage } = await import('./stages.js')
  const flows = await log.phase('load', () => loadForImage(inputs, planned, services))
  return { kind: 'loaded', inputs, image: planned, ...flows }
}

/** Plans the image, finds or builds its environment image, and looks for an image of the same input. */
async function lookUp(inputs: BuildInputs, services: Services): Promise<FlowLookup> {
  const plan = await planImage(inputs, services)
  const { environment, registry } = await findOrMakeEnvironment(plan.request, plan.registry)
  const key = await imageKey(inputs, environment)
  const planned = { request: plan.request, environment, registry, key, tagBefore: undefined }
  // Connects to the daemon while the registry answers. A failure is reported when the daemon is used.
  if (inputs.options.loadIn === 'image') void plan.request.daemon().catch(() => undefined)
  return lookUpFlows(inputs, planned, services)
}
