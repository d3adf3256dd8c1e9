import { join } from 'node:path'
import { gitIn } from '../util/git.js'
import { temporaryFolder } from '../util/temporary.js'

/** A work tree of git, compared with its commit. */
export interface WorkTree {
  /** The commit's full hash. */
  readonly commit: string
  /** Absolute, with links resolved. */
  readonly top: string
  /** The files of the commit and of its submodules, relative to `top`. */
  readonly files: ReadonlySet<string>
  /** A file that differs from the commit, relative to `top`; undefined if none does. Absent files don't count. */
  readonly changed: string | undefined
}

/**
 * Compares the work tree around a folder with its commit. Git's own index is not used: it may say that a file is
 * unchanged, or to be ignored (`git update-index --assume-unchanged`).
 *
 * @param env the machine's variables; git gets only PATH and HOME
 * @throws GitFailure
 */
export async function readWorkTree(
  cwd: string,
  env: Readonly<Record<string, string | undefined>>
): Promise<WorkTree> {
  const folder = await temporaryFolder()
  try {
    const git = gitIn(cwd, env, { GIT_INDEX_FILE: join(folder.path, 'index') })
    const commit = (await git('rev-parse', '--verify', 'HEAD')).trim()
    const top = (await git('rev-parse', '--show-toplevel')).trimEnd()
    await git('read-tree', commit)
    const flags = ['--porcelain', '-z', '--no-renames', '--untracked-files=no']
    const status = await git('status', ...flags, '--ignore-submodules=none')
    // `XY path`: Y is the work tree's state. A file that is not there can't be run.
    const [changed] = status.split('\0').filter(entry => entry !== '' && entry[1] !== 'D')
    const listed = await git('ls-files', '-z', '--full-name', '--recurse-submodules', ':/')
    return { commit, top, files: new Set(listed.split('\0')), changed: changed?.slice(3) }
  } finally {
    await folder.remove()
  }
}
