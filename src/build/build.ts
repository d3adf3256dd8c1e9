import type { Recorder } from '../log.js'
import type { Options } from '../options/options.js'
import type { Build } from '../report.js'
import { findOrLoad } from './load/find-or-load.js'
import { readInputs } from './inputs.js'
import { loadSettled } from './load/load-settled.js'
import { resultOf } from './result.js'
import { withServices, type Surroundings } from './services.js'
import { storeFlows } from './store/store-flows.js'

/**
 * The whole build, stage by stage.
 *
 * 1. Read the inputs: options, sources, flow modules, requirements.
 * 2. Load the flows. For docker storage: plan the environment image, find or build it, and look for an image
 *    of the same input; load only if there is none. The storages in the modules can change the plan, once.
 * 3. Store the flows: check each, add it to the storage, push the image. A found image only gets its tags.
 * 4. Report.
 *
 * Nothing is published: no file in the output directory, no output, no artifact. A failure before the tags
 * changes no tag.
 *
 * @throws FlowstoreError (or FlowstoreErrors with every error of a stage)
 */
export function buildStorage(
  options: Options,
  surroundings: Surroundings,
  log: Recorder
): Promise<Build> {
  return withServices(surroundings, log, async services => {
    const inputs = await log.phase('discover', () => readInputs(options, services))
    const loaded = await loadSettled(inputs, services, findOrLoad)
    const stored = await storeFlows(loaded, services)
    return resultOf(stored, log)
  })
}
