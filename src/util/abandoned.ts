import { readFileSync, readlinkSync } from 'node:fs'
import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** The process that a temporary folder belongs to, as the folder's name has it. */
interface Owner {
  readonly pid: number
  /** When it started, in ticks of the kernel; empty where nothing tells. Another process may get the same id later. */
  readonly start: string
  /** The namespace of its process id, since containers may share a folder; empty where there is none. */
  readonly namespace: string
}

/** The start of a process; undefined if there is no such process, and empty if nothing tells. */
function startOf(pid: number): string | undefined {
  try {
    // The name of the program is in parentheses, and may contain any character.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    try {
      process.kill(pid, 0)
      return ''
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ESRCH' ? undefined : ''
    }
  }
}

function ownNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? ''
  } catch {
    return ''
  }
}

let own: Owner | undefined
const thisProcess = (): Owner =>
  (own ??= {
    pid: process.pid,
    start: startOf(process.pid) ?? '',
    namespace: ownNamespace()
  })

/** The beginning of the names of this process's temporary folders. */
export function ownPrefix(): string {
  const { pid, start, namespace } = thisProcess()
  return `flowstore-${pid}-${start}-${namespace}-`
}

const NAME = /^flowstore-(\d+)-(\d*)-(\d*)-\w{6}$/

function isAbandoned(name: string): boolean {
  const [, pid = '', start, namespace] = NAME.exec(name) ?? []
  if (start === undefined || namespace !== thisProcess().namespace) return false
  const found = startOf(Number(pid))
  return found === undefined || found !== start
}

/**
 * Removes the temporary folders of processes that were killed. It leaves those of processes that it can't see, as in
 * another container.
 *
 * @param parent the folder that they lie in
 */
export async function removeAbandoned(parent: string): Promise<void> {
  const user = process.geteuid?.()
  for (const name of await readdir(parent)) {
    if (!isAbandoned(name)) continue
    const path = join(parent, name)
    try {
      const stats = await lstat(path)
      // Anybody can give a folder of /tmp such a name.
      if (!stats.isDirectory() || (user !== undefined && stats.uid !== user)) continue
      await rm(path, { recursive: true, force: true })
    } catch {
      // Another process removes it too, or it can't be removed.
    }
  }
}
