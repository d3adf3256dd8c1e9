// The border between looking up and making. `build.ts` imports it only where something is to be loaded
// and stored, so that an unchanged build reads none of this.
export { loadForFile } from './load/flows-for-file.js'
export { loadForImage } from './load/flows-for-image.js'
export { storeInImage } from './store/image.js'
export { storeInFiles } from './store/files.js'
