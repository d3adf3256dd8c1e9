import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { processScope, type Scope } from './scope.js'

/** An empty folder for one piece of work. */
export interface TemporaryFolder {
  readonly path: string
  /** Removes it with all that is in it. */
  readonly remove: () => Promise<void>
}

/**
 * Makes an empty folder.
 *
 * @param scope removes it when it ends; default that of the process
 */
export async function temporaryFolder(scope: Scope = processScope): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), 'flowstore-'))
  // A process that is just ending may still write there.
  const removeFolder = () => rm(path, { recursive: true, force: true, maxRetries: 3 })
  const takeBack = scope.defer(removeFolder)
  return {
    path,
    remove: async () => {
      await removeFolder()
      takeBack()
    }
  }
}
