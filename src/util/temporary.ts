import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FlowstoreError } from '../errors.js'
import { throwIfInterrupted } from './interruption.js'
import { processScope, type Scope } from './scope.js'
import { ownPrefix, removeAbandoned } from './abandoned.js'

/** An empty folder for one piece of work. */
export interface TemporaryFolder {
  readonly path: string
  /** Removes it with its content. */
  readonly remove: () => Promise<void>
}

let removing: Promise<void> | undefined

/**
 * Creates an empty folder. The first one of a process also removes those that killed processes left, without waiting
 * for that.
 *
 * @param scope removes it at its end; default the scope of the process
 * @throws FlowstoreError WRITE_FAILED
 */
export async function temporaryFolder(scope: Scope = processScope): Promise<TemporaryFolder> {
  throwIfInterrupted()
  const parent = tmpdir()
  const path = await mkdtemp(join(parent, ownPrefix())).catch((error: unknown) => {
    throw new FlowstoreError(
      'WRITE_FAILED',
      `can't write to the temporary folder ${parent}: ${(error as Error).message}`,
      {
        hint: 'Set TMPDIR to a folder that exists, that this user may write to and that has free space.',
        cause: error
      }
    )
  })
  removing ??= removeAbandoned(parent).catch(() => undefined)
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
