import { forkOf, openEvent, type OpenEvent } from '../ci/github-event.js'
import { FlowstoreError } from '../errors.js'
import type { Options } from '../options/options.js'
import { STORAGE_KINDS } from '../prefect/storage-kinds.js'
import type { Sources } from '../sources/sources.js'
import { runProcess } from '../util/process.js'
import type { Services, Surroundings } from './services.js'

/**
 * The options for the code of this run: a pull request from a fork is built without a push, since GitHub gives
 * it no secrets and a token that can't write. A notice says so.
 */
export async function withoutForkPush(options: Options, { env, log }: Services): Promise<Options> {
  const { storage, push, allowUntrustedCode } = options
  if (!push || allowUntrustedCode || STORAGE_KINDS[storage].flowsIn !== 'image') return options
  const fork = await forkOf(env)
  if (fork === undefined) return options
  log.notice({
    level: 'notice',
    message: `the pull request is from a fork (${fork}), which has no secrets: the image is built and not pushed`
  })
  return {
    ...options,
    push: false,
    assemble: options.assemble === 'append' ? 'auto' : options.assemble
  }
}

/**
 * Refuses code that may be a stranger's, in a run that has the secrets of the repository and that anybody can
 * cause. The work tree has to be that of the run's own commit: HEAD is `GITHUB_SHA`, git reports no changed
 * file, and git tracks every source.
 *
 * @throws FlowstoreError UNTRUSTED_CODE
 */
export async function refuseUntrustedCode(
  sources: Sources,
  options: Options,
  surroundings: Surroundings
): Promise<void> {
  const event = openEvent(surroundings.env)
  if (event === undefined || options.allowUntrustedCode) return
  const git = gitIn(surroundings)
  const head = (await git('rev-parse', 'HEAD'))?.trim()
  if (head === undefined) throw untrusted(event, 'git can’t tell which commit is checked out')
  if (head !== event.commit) {
    throw untrusted(
      event,
      `commit ${head} is checked out, and the run is for ${event.commit ?? 'an unknown commit'}`
    )
  }
  const changed = await git(
    'status',
    '--porcelain',
    '-z',
    '--untracked-files=no',
    '--ignore-submodules=none'
  )
  if (changed === undefined) throw untrusted(event, 'git can’t tell whether files are changed')
  const [first] = changed.split('\0')
  if (first) throw untrusted(event, `'${first.slice(3)}' differs from the commit`)
  const listed = await git('ls-files', '-z', '--recurse-submodules')
  const tracked = new Set(listed?.split('\0'))
  const added = sources.files.find(({ path }) => !tracked.has(path))
  if (added !== undefined) throw untrusted(event, `'${added.path}' is not in the commit`)
}

const untrusted = ({ event }: OpenEvent, why: string): FlowstoreError =>
  new FlowstoreError(
    'UNTRUSTED_CODE',
    `anybody can cause a run of '${event}', which has the secrets of the repository, and the code may be a stranger's: ${why}`,
    {
      hint: "Run this on 'pull_request' or 'push', or check out the commit of the run. If you have read the code, set allow-untrusted-code: true."
    }
  )

/** Runs git in the working directory; undefined if it fails. */
const gitIn =
  ({ cwd, env }: Surroundings) =>
  async (...args: readonly string[]): Promise<string | undefined> => {
    // In a job's container the work tree belongs to another user, and a file system monitor is a program.
    const settings = ['-c', 'safe.directory=*', '-c', 'core.fsmonitor=false']
    const variables = { PATH: env['PATH'] ?? '', HOME: env['HOME'] ?? '', GIT_OPTIONAL_LOCKS: '0' }
    try {
      const options = { cwd, env: variables }
      const { exitCode, stdout } = await runProcess('git', [...settings, ...args], options)
      return exitCode === 0 ? stdout : undefined
    } catch {
      return undefined
    }
  }
