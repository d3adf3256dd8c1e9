import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Whether a process runs: a process that has ended stays as a zombie until its parent waits for it. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return (
      process.platform !== 'linux' ||
      !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
    )
  } catch {
    return false
  }
}

/** Whether a process runs that has a text on its command line: modules in a cell know no process ids of the machine. */
export const runsWith = (text: string): boolean =>
  execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' })
    .split('\n')
    .some(line => line.includes(text))

/** The id of `nobody`, a user who owns no file of these tests. */
const NOBODY = 65534

/** Does something with the rights of an ordinary user, if this process runs as root. */
export async function asOrdinaryUser(work: () => Promise<void>): Promise<void> {
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(NOBODY)
  try {
    await work()
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}
