import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from './flowstore.js'

/** A program for PATH, in a folder of its own. */
export function program(name: string, text: string): string {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, text, { mode: 0o755 })
  return path
}
