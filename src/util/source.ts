// By their former names, until their callers use the new ones.
export { releasePart as giveBack } from './file-parts.js'
export { mapFiles as forFiles } from './files.js'
