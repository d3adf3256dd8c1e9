// The border after the look-up: the stages that load and store flows. An unchanged run imports none of them.
export { loadForImage } from './load/for-image.js'
export { loadWithoutImage } from './load/without-image.js'
export { storeInImage } from './store/image.js'
export { storeWithoutImage } from './store/without-image.js'
