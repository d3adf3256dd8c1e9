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
