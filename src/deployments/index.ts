// What a build takes from this room, imported on first use.
import { parseDeployments } from './deploy/deployments-file.js'
import type { DeploymentsDocument } from './document.js'

export { comparesAlike } from './document.js'
export { planDeployments } from './plan.js'
export { readPrefectFiles } from './prefect-files.js'

/** The deployments in the label of an image; undefined if another version wrote them. */
export function earlierDeployments(text: string): DeploymentsDocument | undefined {
  try {
    return parseDeployments(text, 'deployments.json') as unknown as DeploymentsDocument
  } catch {
    return undefined
  }
}
