import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { atEnd } from './ends.js'

/** An empty folder for one piece of work. */
export interface TemporaryFolder {
  readonly path: string
  /** Removes it with all that is in it. */
  readonly remove: () => Promise<void>
}

/** Makes an empty folder, which goes with this process where a signal ends it. */
export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), 'flowstore-'))
  const options = { recursive: true, force: true } as const
  const forget = atEnd(() => {
    rmSync(path, options)
  })
  return {
    path,
    remove: async () => {
      await rm(path, options)
      forget()
    }
  }
}
