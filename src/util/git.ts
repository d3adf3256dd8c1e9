import { runProcess } from './process.js'

/** Why git can't answer, as a clause. */
export class GitFailure extends Error {}

/** Runs git with arguments, and returns what it prints. */
export type Git = (...args: readonly string[]) => Promise<string>

/**
 * Runs git in a folder, without changing anything there.
 *
 * @param env the machine's variables; git gets only PATH and HOME
 * @param variables more variables for git
 * @returns a function that throws GitFailure if git fails
 */
export const gitIn =
  (
    cwd: string,
    env: Readonly<Record<string, string | undefined>>,
    variables: Readonly<Record<string, string>> = {}
  ): Git =>
  async (...args) => {
    // In a job's container the work tree belongs to another user. A file system monitor is a program.
    const settings = ['-c', 'safe.directory=*', '-c', 'core.fsmonitor=false']
    const all = {
      PATH: env['PATH'] ?? '',
      HOME: env['HOME'] ?? '',
      GIT_OPTIONAL_LOCKS: '0',
      ...variables
    }
    const ended = await runProcess('git', [...settings, ...args], { cwd, env: all }).catch(
      (error: unknown) => {
        const { code, message } = error as NodeJS.ErrnoException
        throw new GitFailure(code === 'ENOENT' ? 'git is not on PATH' : message, { cause: error })
      }
    )
    if (ended.exitCode === 0) return ended.stdout
    const [reason = ''] = ended.stderr.trim().split('\n')
    throw new GitFailure(`git ${args[0] ?? ''} failed: ${reason}`)
  }
