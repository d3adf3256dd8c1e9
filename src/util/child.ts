import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { atEnd } from './ends.js'

/** A process of this machine, with all that it starts. */
export interface Child {
  readonly input: Writable
  readonly output: Readable
  readonly errors: Readable
  /**
   * Its exit code, 128 and more for a signal, once it ended and what it printed was read; what it
   * started has ended then too. Fails where it can't be started.
   */
  readonly ended: Promise<number>
  /** Ends it with all that it started. */
  readonly end: () => void
}

/** Milliseconds for which its streams are read on where a process that got away holds them. */
const DRAIN = 500

const WINDOWS = process.platform === 'win32'

/** Starts a process whose end is that of all that it starts, and of which a signal to this one is the end. */
export function startChild(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> }
): Child {
  // A group of its own, which can be ended as a whole.
  const child = spawn(command, args, { ...options, detached: !WINDOWS })
  const end = () => {
    if (WINDOWS || child.pid === undefined) {
      child.kill('SIGKILL')
      return
    }
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // Nothing of it is left.
    }
  }
  const forget = atEnd(end)
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
  ended.then(forget, forget)
  child.stdin.on('error', () => undefined)
  return { input: child.stdin, output: child.stdout, errors: child.stderr, ended, end }
}
