// The same border for storages without an image: it loads the modules that create virtual environments.
export { loadForFile } from './load/flows-for-file.js'
export { storeInFiles } from './store/files.js'
