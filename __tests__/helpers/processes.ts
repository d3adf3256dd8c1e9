import { readFileSync } from 'node:fs'

/** Whether a process runs: one that has ended may be there until somebody has waited for it. */
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

/** Nobody's id, of a user who owns no file of these tests. */
const NOBODY = 65534

/** Does something with the rights of an ordinary user, where this process has those of root. */
export async function asOrdinaryUser(work: () => Promise<void>): Promise<void> {
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(NOBODY)
  try {
    await work()
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}
