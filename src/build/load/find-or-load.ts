import { environmentImage } from '../environment-image.js'
import type { BuildInputs } from '../inputs.js'
import type { LoadOutcome } from './loaded.js'
import { imageKey, lookUpFlows, type FlowLookup } from '../look-up.js'
import { planEnvironmentImage } from '../plan.js'
import type { Services } from '../services.js'

/** Loads flows; for docker storage, looks for an image of the same input first. */
export async function findOrLoad(inputs: BuildInputs, services: Services): Promise<LoadOutcome> {
  const { log } = services
  if (inputs.options.storage !== 'docker') {
    const { loadForFile } = await import('../file-stages.js')
    return { kind: 'loaded', inputs, image: null, ...(await loadForFile(inputs, services)) }
  }
  const lookup = await log.phase('environment', () => lookUp(inputs, services))
  if (lookup.kind === 'found') return { kind: 'found', inputs, found: lookup.found }
  const { planned } = lookup
  const { loadForImage } = await import('../image-stages.js')
  const flows = await log.phase('load', () => loadForImage(inputs, planned, services))
  return { kind: 'loaded', inputs, image: planned, ...flows }
}

/** Finds or builds the environment image, and looks for an image with the flows. */
async function lookUp(inputs: BuildInputs, services: Services): Promise<FlowLookup> {
  const request = await planEnvironmentImage(inputs, services)
  const { environment, registry } = await environmentImage(request)
  const key = await imageKey(inputs, environment)
  const planned = { request, environment, registry, key, tagBefore: undefined }
  // Connect to the daemon while the registry answers. A failure here is reported when the daemon is used.
  if (inputs.options.loadIn === 'image') void request.daemon().catch(() => undefined)
  return lookUpFlows(inputs, planned, services)
}
