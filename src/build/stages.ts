// The stages after the look-up. `build.ts` imports them when a run has to load flows.
export { readEarlierLoads } from '../image/load-records.js'
export { verifyRecords } from './incremental/verify.js'
export { loadForImage } from './load/for-image.js'
export { loadWithoutImage } from './load/without-image.js'
export { storeFlows } from './store/store-flows.js'
