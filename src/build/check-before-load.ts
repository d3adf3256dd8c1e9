import { prefectRequest } from '../packages/requirements.js'
import { expectedRelease } from '../prefect/resolve.js'
import { checkPrefectFiles } from './check-prefect-files.js'
import type { BuildInputs } from './inputs.js'
import { checkGeneration } from './load/check-generation.js'
import type { Services } from './services.js'

/**
 * What is said before an environment is made and flows are loaded, which takes time: options that the expected Prefect
 * has no use for, and a prefect file that can't be read.
 *
 * @throws FlowstoreErrors of {@link checkGeneration} and {@link checkPrefectFiles}
 */
export async function checkBeforeLoad(inputs: BuildInputs, services: Services): Promise<void> {
  const { options, requirements, pickledFlow } = inputs
  const request = prefectRequest(options.prefectVersion, requirements, pickledFlow)
  const expected = expectedRelease(request)
  if (expected !== undefined) checkGeneration(options, expected)
  await checkPrefectFiles(inputs, services)
}
