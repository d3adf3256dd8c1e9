import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { throwIfInterrupted } from './interruption.js'
import { WINDOWS } from './platform.js'
import { processScope, type Scope } from './scope.js'

/** Options of {@link startProcess}. */
export interface ProcessOptions {
  /** Its working directory; default that of this process. */
  readonly cwd?: string
  /** All its variables; it inherits none. */
  readonly env: Readonly<Record<string, string>>
  /** Ends the process when the scope ends; default the scope of this process. */
  readonly scope?: Scope
  /**
   * Whether it may use the terminal, for a program that asks the user. Then it has no process group of its
   * own, and its child processes do not end with it. Default false.
   */
  readonly usesTerminal?: boolean
}

/** A running process, by default in its own process group. */
export interface RunningProcess {
  readonly input: Writable
  readonly output: Readable
  readonly errors: Readable
  /**
   * Its exit code, 128 and more for a signal, after it and the rest of its group have ended and its output is
   * read. Fails with the system's error (`ENOENT`, `EACCES`) if it can't be started.
   */
  readonly ended: Promise<number>
  /** Kills it with the rest of its group. */
  readonly end: () => void
}

/** Milliseconds to go on reading output that a process outside the group holds open. */
const DRAIN = 500

function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    return text.split(' ').map(Number).filter(Boolean)
  } catch {
    return []
  }
}

/** The processes that a process started, and those that they started; on Linux, else none. */
function descendants(pid: number): number[] {
  const found: number[] = []
  const add = (parent: number): void => {
    for (const child of childrenOf(parent)) {
      found.push(child)
      add(child)
    }
  }
  add(pid)
  return found
}

/**
 * Starts a program, without a shell. Its child processes end with it, unless they leave both the process group and
 * their parent.
 */
export function startProcess(
  command: string,
  args: readonly string[],
  { cwd, env, scope = processScope, usesTerminal = false }: ProcessOptions
): RunningProcess {
  throwIfInterrupted()
  const hasGroup = !WINDOWS && !usesTerminal
  // The leader of a new process group, which can be killed as a whole.
  const child = spawn(command, args, { cwd, env, detached: hasGroup })
  const end = () => {
    if (!hasGroup || child.pid === undefined) {
      child.kill('SIGKILL')
      return
    }
    // Before it ends: then nothing says any more which processes are its own.
    const others =
      child.exitCode === null && child.signalCode === null ? descendants(child.pid) : []
    for (const pid of others) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has ended, or belongs to another user.
      }
    }
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch (error) {
      // ESRCH: the group has ended. EPERM: on macOS, the group has ended but is not reaped yet.
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ESRCH' && code !== 'EPERM') throw error
    }
  }
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      end()
      const drainTimer = setTimeout(() => {
        child.stdout.destroy()
        child.stderr.destroy()
      }, DRAIN)
      child.once('close', () => {
        clearTimeout(drainTimer)
        resolve(code ?? (signal === null ? 1 : 128 + constants.signals[signal]))
      })
    })
  })
  const unregister = scope.defer(async () => {
    end()
    // `ended` reports why it could not be started.
    await ended.catch(() => undefined)
  })
  ended.then(unregister, unregister)
  // If it ends without reading its input, its exit code says why.
  child.stdin.on('error', () => undefined)
  return { input: child.stdin, output: child.stdout, errors: child.stderr, ended, end }
}

/** Options of {@link runProcess}. */
export interface RunOptions extends ProcessOptions {
  /** Its standard input; default none. */
  readonly input?: string | Buffer
  /** Milliseconds after which it is killed; default no limit. */
  readonly timeout?: number
  /** Called with each line that it prints. */
  readonly onLine?: ((line: string) => void) | undefined
}

/** The result of a process. */
export interface ProcessResult {
  /** 128 and more for a signal. */
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs a program to its end, without a shell, and collects its output.
 *
 * @throws the system's error (`ENOENT`, `EACCES`) if it can't be started; an error with the code `ETIMEDOUT`
 * if it takes longer than `timeout`
 */
export async function runProcess(
  command: string,
  args: readonly string[],
  { input = '', timeout, onLine, ...options }: RunOptions
): Promise<ProcessResult> {
  const running = startProcess(command, args, options)
  const collected = [running.output, running.errors].map(stream => {
    const parts: Buffer[] = []
    stream.on('data', (part: Buffer) => parts.push(part))
    if (onLine !== undefined) createInterface(stream).on('line', onLine)
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
