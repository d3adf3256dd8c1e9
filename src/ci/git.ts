import { gitIn, type Git } from '../util/git.js'
import { branchOfRef, tagOfRef, type CommitNames, type Variables } from './service.js'

/** What git prints without white space around it; undefined if it fails, as outside a repository, or prints nothing. */
export async function lineOf(git: Git, ...args: readonly string[]): Promise<string | undefined> {
  const text = await git(...args).catch(() => '')
  return text.trim() || undefined
}

const ORIGIN = 'refs/remotes/origin/'

/** The default branch of a clone's origin; undefined if the clone does not know it, as a shallow one of a CI service. */
export async function gitDefaultBranch(cwd: string, env: Variables): Promise<string | undefined> {
  const head = await lineOf(gitIn(cwd, env), 'symbolic-ref', '-q', `${ORIGIN}HEAD`)
  return head?.startsWith(ORIGIN) ? head.slice(ORIGIN.length) : undefined
}

/** Names of the commit that is checked out: its branch, its hash, and a git tag that names it. */
export async function gitNames(cwd: string, env: Variables): Promise<CommitNames> {
  const git = gitIn(cwd, env)
  const [sha, head, refs, defaultBranch] = await Promise.all([
    lineOf(git, 'rev-parse', '-q', '--verify', 'HEAD'),
    lineOf(git, 'symbolic-ref', '-q', 'HEAD'),
    lineOf(
      git,
      'for-each-ref',
      '--points-at=HEAD',
      '--sort=-version:refname',
      '--format=%(refname)',
      ORIGIN,
      'refs/tags/'
    ),
    gitDefaultBranch(cwd, env)
  ])
  if (sha === undefined) return {}
  const names = refs?.split('\n') ?? []
  const tags = names.flatMap(name => tagOfRef(name) ?? [])
  return {
    branch: branchOfRef(head) ?? remoteBranch(names, defaultBranch),
    sha,
    tag: tags.find(tag => /^v?\d/.test(tag)) ?? tags[0],
    defaultBranch
  }
}

/** The branch of origin that a commit without a branch is the last of: the default branch, else the only one. */
function remoteBranch(
  refs: readonly string[],
  defaultBranch: string | undefined
): string | undefined {
  const branches = refs
    .filter(ref => ref.startsWith(ORIGIN) && ref !== `${ORIGIN}HEAD`)
    .map(ref => ref.slice(ORIGIN.length))
  if (defaultBranch !== undefined && branches.includes(defaultBranch)) return defaultBranch
  return branches.length === 1 ? branches[0] : undefined
}
