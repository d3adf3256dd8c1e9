import { chmodSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { temporaryFolder, writeFiles } from './flowstore.js'

/** A program in a file; gives its path. */
export function programAt(path: string, text: string): string {
  writeFiles(dirname(path), { [basename(path)]: text })
  chmodSync(path, 0o755)
  return path
}

/** A program for PATH, in a folder of its own. */
export const program = (name: string, text: string): string =>
  programAt(join(temporaryFolder(), name), text)
