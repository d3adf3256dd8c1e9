import { constants } from 'node:fs'
import { chmod, copyFile, mkdir, symlink, utimes } from 'node:fs/promises'
import { dirname, join, posix, resolve } from 'node:path'
import { rootBelowTop, type Sources } from './sources.js'
import { pathBelow } from '../util/relative-path.js'
import { processScope, Scope } from '../util/scope.js'
import { temporaryFolder } from '../util/temporary.js'

/** Sources in a separate folder. */
export interface StagedSources {
  readonly sources: Sources
  /** Copies all files, once. */
  copy(): Promise<void>
  remove(): Promise<void>
}

const EPOCH = new Date(0)

/**
 * An empty folder for the declared sources, so that a load on this machine sees the same as one in a
 * container: no ignored files, fixed modes and times, no link out of the repository.
 */
export async function stageSources(sources: Sources): Promise<StagedSources> {
  const scope = new Scope(processScope)
  const { path: top } = await temporaryFolder(scope)
  const root = join(top, rootBelowTop(sources))
  const copy = (): Promise<void> => {
    const copied = copySources(sources, root, top)
    // The folder is removed only after the copy ends.
    const settled = copied.catch(() => undefined)
    scope.defer(() => settled)
    return copied
  }
  return { sources: { ...sources, root }, copy, remove: () => scope.end() }
}

/**
 * Copies the declared sources, with fixed modes and times and without links that lead out.
 *
 * @param root the folder for the root of the sources
 * @param top the folder that all of them lie below
 */
export async function copySources(sources: Sources, root: string, top: string): Promise<void> {
  const folders = new Set(['.', ...sources.files.map(file => dirname(file.path))])
  for (const folder of folders) await mkdir(join(root, folder), { recursive: true })
  await Promise.all(
    sources.files.map(async ({ path, link, executable }) => {
      const to = join(root, path)
      if (link !== undefined) {
        const isInside = pathBelow(top, resolve(dirname(to), link)) !== undefined
        if (!posix.isAbsolute(link) && isInside) await symlink(link, to)
        return
      }
      await copyFile(join(sources.root, path), to, constants.COPYFILE_FICLONE)
      await chmod(to, executable ? 0o755 : 0o644)
      await utimes(to, EPOCH, EPOCH)
    })
  )
}
