import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import dockerIgnoreModule from '@balena/dockerignore'
import ignore, { type Ignore } from 'ignore'
import { readingFile, ifThere } from '../util/files.js'

// A CommonJS function, whose types declare an ES default export.
const dockerIgnore = dockerIgnoreModule as unknown as (typeof dockerIgnoreModule)['default']

/** Whether a path, relative to the root, is included. */
export type PathFilter = (path: string) => boolean

async function rulesIn(path: string): Promise<string | undefined> {
  return readingFile(path, ifThere(readFile(path, 'utf8')))
}

/**
 * The filter of a `.dockerignore`, as Docker reads it.
 *
 * @param file the file, relative to the root; if it does not exist, all paths are included
 * @throws FlowstoreError FILE_UNREADABLE
 */
export async function dockerFilter(root: string, file = '.dockerignore'): Promise<PathFilter> {
  const rules = await rulesIn(join(root, file))
  return rules === undefined
    ? () => true
    : dockerIgnore({ ignorecase: false }).add(rules).createFilter()
}

/** The rules of one `.gitignore`. */
interface FolderRules {
  /** Its folder, relative to the root; empty for the root. */
  readonly folder: string
  readonly rules: Ignore
}

/** The rules of `.gitignore` files from the root down to a folder, as git reads them. */
export class GitRules {
  private constructor(private readonly innermostFirst: readonly FolderRules[]) {}

  static readonly NONE = new GitRules([])

  /**
   * Adds the rules of a subfolder.
   *
   * @param folder relative to the root; it has a `.gitignore`
   * @throws FlowstoreError FILE_UNREADABLE
   */
  async with(root: string, folder: string): Promise<GitRules> {
    const text = await rulesIn(join(root, folder, '.gitignore'))
    if (text === undefined) return this
    const rules = ignore({ ignorecase: false }).add(text)
    return new GitRules([{ folder, rules }, ...this.innermostFirst])
  }

  /** Whether a path is ignored. The innermost file that has a rule for it decides. */
  ignores(path: string, { isFolder }: { readonly isFolder: boolean }): boolean {
    for (const { folder, rules } of this.innermostFirst) {
      const below = folder === '' ? path : path.slice(folder.length + 1)
      const { ignored, unignored } = rules.test(isFolder ? `${below}/` : below)
      if (ignored) return true
      if (unignored) return false
    }
    return false
  }
}
