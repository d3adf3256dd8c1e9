import { lstat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { ifThere, readingFile, statIfThere, textIfThere } from '../util/files.js'

/**
 * The top of the git repository that a path is in: the nearest folder, from the path upwards, that has a `.git`.
 *
 * @param path absolute; it need not exist
 * @returns undefined if none has
 * @throws FlowstoreError FILE_UNREADABLE
 */
export async function gitTop(path: string): Promise<string | undefined> {
  const entry = join(path, '.git')
  if ((await readingFile(entry, ifThere(lstat(entry)))) !== undefined) return path
  const above = dirname(path)
  return above === path ? undefined : gitTop(above)
}

/**
 * The file `info/exclude` of a git repository; it need not exist. See gitrepository-layout(5): in a submodule and
 * a linked worktree, `.git` is a file that names the git folder, and that of a worktree has a file `commondir`.
 *
 * @param top the folder that has the `.git`
 * @throws FlowstoreError FILE_UNREADABLE
 */
export async function gitExcludeFile(top: string): Promise<string> {
  const entry = join(top, '.git')
  const stats = await statIfThere(entry)
  const link = stats?.isFile() ? await textIfThere(entry) : undefined
  const named = /^gitdir: (.+)/.exec(link ?? '')?.[1]
  const folder = named === undefined ? entry : resolve(top, named.trim())
  const common = await textIfThere(join(folder, 'commondir'))
  return join(resolve(folder, common?.trim() ?? ''), 'info/exclude')
}
