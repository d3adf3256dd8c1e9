// The border after the look-up, for docker storage: what loads flows in an image and stores them there. It
// is imported only where something is to be made, so that an unchanged build reads none of it.
export { loadForImage } from './load/flows-for-image.js'
export { storeInImage } from './store/image.js'
