import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { processScope, type Scope } from './scope.js'

/** How a process is started. */
export interface ProcessOptions {
  /** Its working directory; default that of this process. */
  readonly cwd?: string
  /** All its variables: it inherits none. */
  readonly env: Readonly<Record<string, string>>
  /** Ends it when it ends; default that of this process. */
  readonly scope?: Scope
  /**
   * Whether it may use the terminal, as a program that asks a person has to. Then it has no process
   * group of its own, and what it starts does not end with it. Default false.
   */
  readonly usesTerminal?: boolean
}

/** A process that runs, by default in a process group of its own. */
export interface RunningProcess {
  readonly input: Writable
  readonly output: Readable
  readonly errors: Readable
  /**
   * Its exit code, 128 and more for a signal, once it ended and its output was read; the rest of its
   * group has ended then too. Fails with the system's error (`ENOENT`, `EACCES`) where it can't be
   * started.
   */
  readonly ended: Promise<number>
  /** Kills it with the rest of its group. */
  readonly end: () => void
}

/** Milliseconds for which output is read on where a process that left the group holds it open. */
const DRAIN = 500

const WINDOWS = process.platform === 'win32'

/** Starts a program, without a shell. What it starts ends with it, unless that leaves the process group. */
export function startProcess(
  command: string,
  args: readonly string[],
  { cwd, env, scope = processScope, usesTerminal = false }: ProcessOptions
): RunningProcess {
  const hasGroup = !WINDOWS && !usesTerminal
  // The leader of a new process group, which can be killed as a whole.
  const child = spawn(command, args, { cwd, env, detached: hasGroup })
  const end = () => {
    if (!hasGroup || child.pid === undefined) {
      child.kill('SIGKILL')
      return
    }
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch (error) {
      // ESRCH: nothing of the group is left. EPERM: so says macOS of a group that only waits to be reaped.
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ESRCH' && code !== 'EPERM') throw error
    }
  }
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      end()
      const late = setTimeout(() => {
        child.stdout.destroy()
        child.stderr.destroy()
      }, DRAIN)
      child.once('close', () => {
        clearTimeout(late)
        resolve(code ?? (signal === null ? 1 : 128 + constants.signals[signal]))
      })
    })
  })
  const takeBack = scope.defer(async () => {
    end()
    // Why one could not be started is for those who wait for it.
    await ended.catch(() => undefined)
  })
  ended.then(takeBack, takeBack)
  // One that ends without reading is heard by its exit code.
  child.stdin.on('error', () => undefined)
  return { input: child.stdin, output: child.stdout, errors: child.stderr, ended, end }
}

/** What is run to its end. */
export interface RunOptions extends ProcessOptions {
  /** Its standard input; default none. */
  readonly input?: string | Buffer
  /** Milliseconds after which it is killed; default it may take any time. */
  readonly timeout?: number
}

/** What came of a process. */
export interface ProcessResult {
  /** 128 and more for a signal. */
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs a program to its end, without a shell, and collects its output.
 *
 * @throws the system's error (`ENOENT`, `EACCES`) where it can't be started; an error with the code
 * `ETIMEDOUT` where it takes longer than `timeout`
 */
export async function runProcess(
  command: string,
  args: readonly string[],
  { input = '', timeout, ...options }: RunOptions
): Promise<ProcessResult> {
  const running = startProcess(command, args, options)
  const collected = [running.output, running.errors].map(stream => {
    const parts: Buffer[] = []
    stream.on('data', (part: Buffer) => parts.push(part))
    return parts
  })
  running.input.end(input)
  let isLate = false
  const timer =
    timeout === undefined
      ? undefined
      : setTimeout(() => {
          isLate = true
          running.end()
        }, timeout)
  const exitCode = await running.ended.finally(() => {
    clearTimeout(timer)
  })
  if (isLate) {
    const message = `${command} did not end within ${timeout} ms`
    throw Object.assign(new Error(message), { code: 'ETIMEDOUT' })
  }
  const [stdout = '', stderr = ''] = collected.map(parts => Buffer.concat(parts).toString('utf8'))
  return { exitCode, stdout, stderr }
}
