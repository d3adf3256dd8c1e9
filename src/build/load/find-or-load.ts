import { environmentImage } from '../environment-image.js'
import type { BuildInputs } from '../inputs.js'
import type { LoadOutcome } from './loaded.js'
import { imageKey, lookUpFlows, type FlowLookup } from '../look-up.js'
import { planEnvironmentImage } from '../plan.js'
import type { Services } from '../services.js'

/** Loads flows, and for docker storage looks them up first. */
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

/** Has the environment image, and looks for flows on it. */
async function lookUp(inputs: BuildInputs, services: Services): Promise<FlowLookup> {
  const request = await planEnvironmentImage(inputs, services)
  const { environment, registry } = await environmentImage(request)
  const key = await imageKey(inputs, environment)
  const planned = { request, environment, registry, key, tagBefore: undefined }
  // The daemon is asked while the registry answers; what fails here fails again where it is used.
  if (inputs.options.loadIn === 'image') void request.daemon().catch(() => undefined)
  return lookUpFlows(inputs, planned, services)
}
