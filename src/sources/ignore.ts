import { lstat, readFile } from 'node:fs/promises'
import { dirname, join, posix, relative, sep } from 'node:path'
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

/** The rules of a `.dockerignore`, as Docker reads them. */
export interface DockerIgnore {
  /** The file, relative to the root. */
  readonly file: string
  /** Whether a path is included. */
  readonly includes: PathFilter
  /** Whether the last rule that matches a path is an exception, `!pattern`; absent if there are none. */
  readonly bringsBack?: PathFilter
}

/**
 * Reads a `.dockerignore`.
 *
 * @param file the file, relative to the root; if it does not exist, all paths are included
 * @throws FlowstoreError FILE_UNREADABLE
 */
export async function readDockerIgnore(
  root: string,
  file = '.dockerignore'
): Promise<DockerIgnore> {
  const rules = await rulesIn(join(root, file))
  if (rules === undefined) return { file, includes: () => true }
  const filterOf = (lines: string) => dockerIgnore({ ignorecase: false }).add(lines).createFilter()
  const includes = filterOf(rules)
  if (!/^\s*!/m.test(rules)) return { file, includes }
  // If all is left out first, only the exceptions include anything.
  return { file, includes, bringsBack: filterOf(`**\n${rules}`) }
}

/** The rules of one `.gitignore`. */
interface FolderRules {
  /** Its folder, relative to the root; empty for the root and the folders above it. */
  readonly folder: string
  /** The path from its folder down to the root, such as `packages/flows/`; empty below the root. */
  readonly pathToRoot: string
  readonly rules: Ignore
}

/**
 * The rules that git has for a folder: those of `.gitignore` files from the git repository's own folder down
 * to it, and of `.git/info/exclude`. For a file that git tracks although a rule ignores it, the rules decide.
 * See gitignore(5); the user's own `core.excludesFile` is not read.
 */
export class GitRules {
  private constructor(private readonly innermostFirst: readonly FolderRules[]) {}

  /**
   * The rules from above a root: it may be a subfolder of the git repository. A root that is ignored itself
   * has none, since whoever works in it means what is there.
   *
   * @param root absolute
   * @throws FlowstoreError FILE_UNREADABLE
   */
  static async above(root: string): Promise<GitRules> {
    const top = await gitFolder(root)
    if (top === undefined) return new GitRules([])
    const pathToRoot = pathDown(top, root)
    let rules = await new GitRules([]).adding(join(top, '.git/info/exclude'), '', pathToRoot)
    let folder = top
    for (const name of pathToRoot.split('/').slice(0, -1)) {
      const rest = pathDown(folder, root)
      rules = await rules.adding(join(folder, '.gitignore'), '', rest)
      folder = join(folder, name)
      if (rules.ignoresAbove(pathDown(folder, root))) return new GitRules([])
    }
    return rules
  }

  /**
   * Adds the rules of the root or a subfolder.
   *
   * @param folder relative to the root; it may have a `.gitignore`
   * @throws FlowstoreError FILE_UNREADABLE
   */
  with(root: string, folder: string): Promise<GitRules> {
    return this.adding(join(root, folder, '.gitignore'), folder, '')
  }

  /** Whether a path is ignored. The innermost file that has a rule for it decides. */
  ignores(path: string, { isFolder }: { readonly isFolder: boolean }): boolean {
    const below = ({ folder, pathToRoot }: FolderRules) =>
      folder === '' ? `${pathToRoot}${path}` : path.slice(folder.length + 1)
    return this.decide(rules => (isFolder ? `${below(rules)}/` : below(rules)))
  }

  /** Whether a folder above the root, or the root, is ignored, given the path from it down to the root. */
  private ignoresAbove(rest: string): boolean {
    return this.decide(({ pathToRoot }) => pathToRoot.slice(0, pathToRoot.length - rest.length))
  }

  private decide(pathFor: (rules: FolderRules) => string): boolean {
    for (const folderRules of this.innermostFirst) {
      const { ignored, unignored } = folderRules.rules.test(pathFor(folderRules))
      if (ignored) return true
      if (unignored) return false
    }
    return false
  }

  private async adding(file: string, folder: string, pathToRoot: string): Promise<GitRules> {
    const text = await rulesIn(file)
    if (text === undefined) return this
    const rules = ignore({ ignorecase: false }).add(text)
    return new GitRules([{ folder, pathToRoot, rules }, ...this.innermostFirst])
  }
}

/** The path from a folder down to another, with a slash at its end; empty if they are the same. */
function pathDown(from: string, to: string): string {
  const pathToRoot = relative(from, to).replaceAll(sep, '/')
  return pathToRoot === '' ? '' : `${pathToRoot}/`
}

/** The nearest folder, from one upwards, that has a `.git`; undefined if none has. */
async function gitFolder(folder: string): Promise<string | undefined> {
  const entry = join(folder, '.git')
  if ((await readingFile(entry, ifThere(lstat(entry)))) !== undefined) return folder
  const above = dirname(folder)
  return above === folder ? undefined : gitFolder(above)
}

/** What git ignores below a root, as {@link GitRules}. The files are read when a folder is first asked for. */
export class GitIgnored {
  private readonly folders = new Map<string, Promise<GitRules>>()

  /** @param root absolute */
  constructor(private readonly root: string) {}

  /**
   * The rules for the entries of a folder.
   *
   * @param folder relative to the root; empty for the root
   * @throws FlowstoreError FILE_UNREADABLE
   */
  rulesIn(folder: string): Promise<GitRules> {
    const known = this.folders.get(folder)
    if (known !== undefined) return known
    const outer = folder === '' ? GitRules.above(this.root) : this.rulesIn(folderOf(folder))
    const rules = outer.then(above => above.with(this.root, folder))
    this.folders.set(folder, rules)
    return rules
  }

  /**
   * Whether a path lies in what git ignores: it is ignored, or a folder above it is, or everything in it is by
   * the `.gitignore` of its own.
   *
   * @param path relative to the root; the root itself is never ignored
   * @throws FlowstoreError FILE_UNREADABLE
   */
  async has(path: string, isFolder: boolean): Promise<boolean> {
    if (path === '') return false
    const folder = folderOf(path)
    if (await this.has(folder, true)) return true
    if ((await this.rulesIn(folder)).ignores(path, { isFolder })) return true
    if (!isFolder) return false
    const own = await rulesIn(join(this.root, path, '.gitignore'))
    return own !== undefined && ignoresAll(own)
  }
}

/** Whether a `.gitignore` ignores all of its folder, but for the files that keep the folder in git. */
function ignoresAll(text: string): boolean {
  const lines = text.split(/\r?\n/).map(line => line.trim())
  const rules = lines.filter(line => line !== '' && !line.startsWith('#'))
  const isAll = (rule: string) => /^\/?\*{1,2}$/.test(rule)
  return rules.some(isAll) && rules.every(rule => isAll(rule) || /^!\/?\.git\w+$/.test(rule))
}

/** The folder of a path; empty for the root. */
const folderOf = (path: string): string => {
  const folder = posix.dirname(path)
  return folder === '.' ? '' : folder
}
