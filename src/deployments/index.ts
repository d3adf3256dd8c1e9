// What a build takes from this room, imported on first use.
export { planDeployments } from './plan.js'
export { readPrefectFiles } from './prefect-files.js'
