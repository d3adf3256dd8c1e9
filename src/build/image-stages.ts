// The border after the look-up, for docker storage: the modules that load flows in an image and store them
// there. They are imported only for a build, so an unchanged run reads none of them.
export { loadForImage } from './load/flows-for-image.js'
export { storeInImage } from './store/image.js'
