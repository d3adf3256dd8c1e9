import { join, posix } from 'node:path'
import ignore, { type Ignore } from 'ignore'
import { textIfThere } from '../util/files.js'
import { pathFrom } from '../util/relative-path.js'
import { gitExcludeFile, gitTop } from './git-folder.js'

/** The rules of one `.gitignore`. */
interface FolderRules {
  /** Its folder, relative to the root; empty for the root and the folders above it. */
  readonly folder: string
  /** The path from its folder down to the root, such as `packages/flows/`; empty below the root. */
  readonly pathToRoot: string
  readonly rules: Ignore
  /** Whether they ignore all of the folder, but for the files that keep it in git. */
  readonly ignoresAll: boolean
}

/**
 * The rules that git has for a folder: those of `.gitignore` files from the git repository's own folder down
 * to it, and of its `info/exclude`. For a file that git tracks although a rule ignores it, the rules decide.
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
    const top = await gitTop(root)
    if (top === undefined) return new GitRules([])
    const pathToRoot = pathDown(top, root)
    let rules = await new GitRules([]).adding(await gitExcludeFile(top), '', pathToRoot)
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

  /** Whether a folder below the root has a `.gitignore` that ignores everything in it. */
  ignoreAllIn(folder: string): boolean {
    const own = this.innermostFirst[0]
    return folder !== '' && own?.folder === folder && own.ignoresAll
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
    const text = await textIfThere(file)
    if (text === undefined) return this
    const rules = ignore({ ignorecase: false }).add(text)
    const added = { folder, pathToRoot, rules, ignoresAll: ignoresAll(text) }
    return new GitRules([added, ...this.innermostFirst])
  }
}

/** The path from a folder down to another, with a slash at its end; empty if they are the same. */
function pathDown(from: string, to: string): string {
  const pathToRoot = pathFrom(from, to)
  return pathToRoot === '' ? '' : `${pathToRoot}/`
}

/** What git ignores below a root, as {@link GitRules}. The files are read when a folder is first asked for. */
export class GitIgnored {
  private readonly folders = new Map<string, Promise<GitRules>>()

  /** @param root absolute */
  constructor(readonly root: string) {}

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
   * The topmost path that git ignores, of a path and the folders above it; undefined if git ignores none.
   *
   * @param path relative to the root; the root itself is never ignored
   * @throws FlowstoreError FILE_UNREADABLE
   */
  async topmost(path: string, isFolder: boolean): Promise<string | undefined> {
    if (path === '') return undefined
    const folder = folderOf(path)
    const above = await this.topmost(folder, true)
    if (above !== undefined) return above
    return (await this.rulesIn(folder)).ignores(path, { isFolder }) ? path : undefined
  }

  /**
   * Whether a path lies in what git ignores: it is ignored, or a folder above it is, or everything in it is by
   * the `.gitignore` of its own.
   *
   * @param path relative to the root
   * @throws FlowstoreError FILE_UNREADABLE
   */
  async has(path: string, isFolder: boolean): Promise<boolean> {
    if ((await this.topmost(path, isFolder)) !== undefined) return true
    let folder = isFolder ? path : folderOf(path)
    for (; folder !== ''; folder = folderOf(folder)) {
      if ((await this.rulesIn(folder)).ignoreAllIn(folder)) return true
    }
    return false
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
