import { FlowstoreError } from '../errors.js'
import { gitTop } from '../sources/git-folder.js'
import { gitIn } from '../util/git.js'
import { withoutLogins } from '../util/logins.js'
import { lineOf } from './git.js'
import { githubWorkflow } from './github.js'
import { commitNames, repositoryUrl, serviceSha } from './index.js'
import { variable, type Variables } from './service.js'
import { withoutV } from './version.js'

/** Where a build comes from. Each field may be undefined. */
export interface Origin {
  /** Web address of the repository, without a login. */
  readonly source: string | undefined
  /** The commit's full hash. */
  readonly revision: string | undefined
  /** SOURCE_DATE_EPOCH, else the time of the commit. It is never the time of the run: the same commit gives the same image. */
  readonly created: Date | undefined
  /** What the git tag names, without a `v` before a number. */
  readonly version: string | undefined
  /** Address of the workflow that runs the build; only GitHub gives it. */
  readonly builder: string | undefined
}

/** A hash, and so no option of git. */
const HASH = /^[0-9a-f]{40,64}$/

/**
 * The origin of a build: from the CI service, else from git.
 *
 * @param cwd a folder of the repository
 * @param names of the commit, if they are asked for already
 * @throws FlowstoreError INVALID_OPTION for a SOURCE_DATE_EPOCH that is no number of seconds
 */
export async function originOf(
  env: Variables,
  cwd: string,
  names = commitNames(env, cwd)
): Promise<Origin> {
  const [{ sha, tag }, remote] = await Promise.all([
    names,
    repositoryUrl(env) ?? lineOf(gitIn(cwd, env), 'config', '--get', 'remote.origin.url')
  ])
  return {
    source: webAddress(remote),
    revision: sha,
    created: sourceDate(env) ?? (await commitTime(env, cwd, sha)),
    version: tag === undefined ? undefined : withoutV(tag),
    builder: githubWorkflow(env)
  }
}

/** The commit of a run: from the CI service, else from git. */
export const revisionOf = async (env: Variables, cwd: string): Promise<string | undefined> =>
  (await serviceSha(env)) ??
  // It takes longer to start git than to see that there is no repository.
  ((await gitTop(cwd)) === undefined
    ? undefined
    : lineOf(gitIn(cwd, env), 'rev-parse', '-q', '--verify', 'HEAD'))

/** https://reproducible-builds.org/specs/source-date-epoch */
function sourceDate(env: Variables): Date | undefined {
  const text = variable(env, 'SOURCE_DATE_EPOCH')
  if (text === undefined) return undefined
  const date = new Date(/^\d{1,12}$/.test(text) ? Number(text) * 1000 : NaN)
  if (!Number.isNaN(date.getTime())) return date
  throw new FlowstoreError(
    'INVALID_OPTION',
    `the variable SOURCE_DATE_EPOCH is '${text}', not a number of seconds since 1970`
  )
}

async function commitTime(
  env: Variables,
  cwd: string,
  sha: string | undefined
): Promise<Date | undefined> {
  if (sha === undefined || !HASH.test(sha)) return undefined
  const seconds = await lineOf(gitIn(cwd, env), 'show', '-s', '--format=%ct', sha)
  return seconds !== undefined && /^\d+$/.test(seconds)
    ? new Date(Number(seconds) * 1000)
    : undefined
}

/** The web address of a remote of git; undefined for one without a host, such as a path. */
function webAddress(remote: string | undefined): string | undefined {
  if (remote === undefined) return undefined
  const [, scpHost, scpPath] = /^(?:[^\s/@:]+@)?([\w.-]+):(?!\/\/)([^\\]+)$/.exec(remote) ?? []
  // A single letter before the colon is a drive of Windows.
  const isScp = scpHost !== undefined && scpHost.length > 1
  const address = isScp ? `ssh://${scpHost}/${(scpPath ?? '').replace(/^\//, '')}` : remote
  if (!URL.canParse(address)) return undefined
  const { protocol, host, hostname, pathname } = new URL(withoutLogins(address))
  const path = pathname.replace(/\/+$/, '').replace(/\.git$/, '')
  if (protocol === 'https:' || protocol === 'http:') return `${protocol}//${host}${path}`
  // The port is that of SSH.
  return ['ssh:', 'git:', 'git+ssh:'].includes(protocol) && hostname !== ''
    ? `https://${hostname}${path}`
    : undefined
}
