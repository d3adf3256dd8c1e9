// The same border for the storages without an image: it brings what makes virtual environments.
export { loadForFile } from './load/flows-for-file.js'
export { storeInFiles } from './store/files.js'
