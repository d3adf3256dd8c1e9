import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { processScope, type Scope } from './scope.js'

/** An empty folder for one piece of work. */
export interface TemporaryFolder {
  readonly path: string
  /** Removes it with its content. */
  readonly remove: () => Promise<void>
}

/**
 * Creates an empty folder.
 *
 * @param scope removes it at its end; default the scope of the process
 */
export async function temporaryFolder(scope: Scope = processScope): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), 'flowstore-'))
  // An ending process may still write there.
  const removeFolder = () => rm(path, { recursive: true, force: true, maxRetries: 3 })
  const unregister = scope.defer(removeFolder)
  return {
    path,
    remove: async () => {
      await removeFolder()
      unregister()
    }
  }
}
