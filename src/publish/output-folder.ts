import { createHash } from 'node:crypto'
import { copyFile, link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { FlowstoreError } from '../errors.js'
import { FAILURE_FILE, PROVENANCE_FILE, RESULT_FILES, SBOM_FILE } from '../paths.js'
import type { FileContent } from '../report.js'
import { ifThere, isAbsent } from '../util/files.js'
import { isAlive } from '../util/is-alive.js'
import { throwIfInterrupted } from '../util/interruption.js'
import { processScope } from '../util/scope.js'
import * as z from '../util/schema.js'

/** A result that is whole, and not yet in its place: a killed run leaves it, and the next one moves its files. */
const COMPLETE = '.complete'
/** A file of it that lists the files to remove. */
const REMOVED = 'removed'

function failed(folder: string, error: unknown): FlowstoreError {
  const { code, syscall, message } = error as NodeJS.ErrnoException
  const isFile = code === 'ENOTDIR' || (code === 'EEXIST' && syscall === 'mkdir')
  return new FlowstoreError(
    'WRITE_FAILED',
    `can't write to ${folder}: ${isFile ? 'it is a file, or below one' : message}`,
    {
      hint: isFile
        ? 'Set output-directory to a folder.'
        : 'Check its permissions and the free disk space, or choose another folder with output-directory.',
      cause: error
    }
  )
}

/** The name of the folder of drafts of a process: this machine, and its id there. */
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
const draftsOf = (pid: number): string => `.draft-${HOST}-${pid}`
const DRAFTS = /^\.draft-([0-9a-f]{8})-(\d+)$/
/** What releases before 0.2 left. */
const OLD_DRAFT =
  /^(?:(?:storage|flows|deployments|report)\.json|prefect\.yaml|Dockerfile)\.(\d+)\.tmp$/

/** Whether a name is that of a draft whose process has ended. */
function isLeft(name: string): boolean {
  const [, host, pid] = DRAFTS.exec(name) ?? []
  if (pid !== undefined) return host === HOST && !isAlive(Number(pid))
  const old = OLD_DRAFT.exec(name)?.[1]
  return old !== undefined && !isAlive(Number(old))
}

/**
 * The output directory of a run. An earlier result stays in it, byte for byte, until the new one is complete; then all
 * files are replaced. If the run is killed between two of them, the next run goes on.
 */
export class OutputFolder {
  private readonly drafts: string
  private readonly drafted = new Set<string>()
  private leaveScope: () => void = () => undefined
  /** Whether it has completed a result that a killed run left. */
  hasCompleted = false

  private constructor(readonly path: string) {
    this.drafts = join(path, draftsOf(process.pid))
  }

  /**
   * Tries whether the folder can be written to, completes a result that a killed run left, and removes its drafts.
   *
   * @param path absolute
   * @throws FlowstoreError WRITE_FAILED
   */
  static async open(path: string): Promise<OutputFolder> {
    const folder = new OutputFolder(path)
    try {
      await mkdir(path, { recursive: true })
      const names = await readdir(path)
      if (names.includes(COMPLETE)) {
        await putInPlace(path)
        folder.hasCompleted = true
      }
      for (const name of names.filter(isLeft)) {
        await rm(join(path, name), { recursive: true, force: true })
      }
      // Removes what an earlier call of this process left.
      await rm(folder.drafts, { recursive: true, force: true })
      await mkdir(folder.drafts)
      await rm(folder.drafts, { recursive: true })
    } catch (error) {
      throw failed(path, error)
    }
    return folder
  }

  /**
   * Writes files beside their places. One that is there already, byte for byte, is not written again.
   *
   * @param files name in the folder, to content
   * @throws FlowstoreError WRITE_FAILED, INTERRUPTED
   */
  async draft(files: ReadonlyMap<string, FileContent>): Promise<void> {
    throwIfInterrupted()
    this.leaveScope()
    this.leaveScope = processScope.defer(() => this.drop())
    try {
      await mkdir(this.drafts, { recursive: true })
      await Promise.all(
        [...files].map(async ([name, content]) => {
          if (!this.drafted.has(name) && (await hasContent(join(this.path, name), content))) return
          await writeDurably(join(this.drafts, name), content)
        })
      )
      for (const name of files.keys()) this.drafted.add(name)
    } catch (error) {
      throw failed(this.path, error)
    }
  }

  /**
   * Puts all drafts in their places, and removes what an earlier run left.
   *
   * @param onComplete removes what this result replaces elsewhere. If the run is killed before, the next one finds that
   * this folder {@link hasCompleted}.
   * @returns the path of each file
   * @throws FlowstoreError WRITE_FAILED; then the earlier result is as it was
   */
  async publish(onComplete: (() => void) | null = null): Promise<string[]> {
    const { path, drafts } = this
    // A signal waits for it.
    this.leaveScope()
    try {
      const removed = (await earlierFiles(path)).filter(name => !this.drafted.has(name))
      const written = await readdir(drafts)
      if (onComplete === null && removed.length === 0 && written.length <= 1) {
        // One file is replaced whole.
        for (const name of written) await rename(join(drafts, name), join(path, name))
      } else {
        await writeDurably(join(drafts, REMOVED), removed.join('\n'))
        await syncFolder(drafts)
        await completeAs(path, drafts)
        await syncFolder(path)
        await putInPlace(path, onComplete).catch(async (error: unknown) => {
          await takeBack(path, written)
          throw error
        })
      }
      await rm(join(path, FAILURE_FILE), { force: true })
    } catch (error) {
      await this.drop()
      throw failed(path, error)
    }
    await this.drop()
    return [...this.drafted].map(name => join(path, name))
  }

  /** Removes the drafts. */
  async drop(): Promise<void> {
    this.leaveScope()
    await rm(this.drafts, { recursive: true, force: true }).catch(() => undefined)
  }

  /** Writes {@link FAILURE_FILE}, and leaves everything else as it is. A file that can't be written is left out. */
  async writeFailure(text: string): Promise<void> {
    const draft = join(this.drafts, FAILURE_FILE)
    try {
      await mkdir(this.drafts, { recursive: true })
      await writeDurably(draft, text)
      await rename(draft, join(this.path, FAILURE_FILE))
    } catch {
      // The error of the run is the one to show.
    }
    await this.drop()
  }
}

/** Renames the folder of drafts: from then on its result is the one that counts. */
async function completeAs(path: string, drafts: string): Promise<void> {
  const complete = join(path, COMPLETE)
  await rename(drafts, complete).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    // Another run of the same folder was killed meanwhile.
    await putInPlace(path)
    await rename(drafts, complete)
  })
}

/** Moves the files of a complete result to their places. It can be done again from any point. */
async function putInPlace(path: string, onComplete: (() => void) | null = null): Promise<void> {
  const complete = join(path, COMPLETE)
  const listed = (await ifThere(readFile(join(complete, REMOVED), 'utf8'))) ?? ''
  for (const name of RESULT_FILES) {
    // For `takeBack`.
    await keep(join(path, name), join(complete, earlier(name)))
  }
  for (const name of RESULT_FILES) {
    await rename(join(complete, name), join(path, name)).catch((error: unknown) => {
      if (!isAbsent(error)) throw error
    })
  }
  for (const name of RESULT_FILES) {
    if (listed.split('\n').includes(name)) await rm(join(path, name), { force: true })
  }
  await rm(join(path, FAILURE_FILE), { force: true })
  onComplete?.()
  // Not synced again: file systems with a journal write the renames before this, and it would take up to 80 ms.
  await rm(complete, { recursive: true, force: true })
}

/** The name of a file of the earlier result in the folder of a complete one. */
const earlier = (name: string): string => `earlier-${name}`

/** Links a file, or copies it where the file system has no links. There may be none, or something that is no file. */
async function keep(path: string, copy: string): Promise<void> {
  await link(path, copy)
    .catch((error: NodeJS.ErrnoException) =>
      error.code === 'EEXIST' || isAbsent(error) ? undefined : copyFile(path, copy)
    )
    .catch(() => undefined)
}

/**
 * Puts the earlier result back, after a file could not be moved to its place.
 *
 * @param written the files of the new result
 */
async function takeBack(path: string, written: readonly string[]): Promise<void> {
  const complete = join(path, COMPLETE)
  const left = await readdir(complete)
  for (const name of RESULT_FILES) {
    if (left.includes(earlier(name))) await rename(join(complete, earlier(name)), join(path, name))
    else if (written.includes(name) && !left.includes(name)) await rm(join(path, name))
  }
  await rm(complete, { recursive: true, force: true })
}

/** The fields that identify a report of flowstore, and tell which files were published with it. */
const earlierReport = z.object({
  outputs: z.object({
    'flows-path': z.string(),
    'prefect-file-path': z.string().default(''),
    'sbom-path': z.string().default(''),
    'provenance-path': z.string().default(''),
    image: z.string()
  }),
  versions: z.object({ flowstore: z.string() })
})

/**
 * The files that an earlier run published into a folder and that its report names. Without such a report there are
 * none: a Dockerfile may be the user's.
 */
async function earlierFiles(folder: string): Promise<readonly string[]> {
  const text = await ifThere(readFile(join(folder, 'report.json'), 'utf8'))
  if (text === undefined) return []
  try {
    const { outputs } = earlierReport.parse(JSON.parse(text))
    return [
      'storage.json',
      ...(outputs['flows-path'] === '' ? [] : ['flows.json']),
      ...(outputs['prefect-file-path'] === '' ? [] : ['deployments.json', 'prefect.yaml']),
      ...(outputs.image === '' ? [] : ['Dockerfile']),
      ...(outputs['sbom-path'] === '' ? [] : [SBOM_FILE]),
      ...(outputs['provenance-path'] === '' ? [] : [PROVENANCE_FILE]),
      'report.json'
    ]
  } catch {
    // A file of that name from another program.
    return []
  }
}

const partsOf = (content: FileContent): Iterable<string | Buffer> =>
  typeof content === 'string' || Buffer.isBuffer(content) ? [content] : content

/** Whether a file is there with exactly this content. */
async function hasContent(path: string, content: FileContent): Promise<boolean> {
  const file = await open(path).catch(() => undefined)
  if (file === undefined) return false
  try {
    for (const part of partsOf(content)) {
      const expected = Buffer.from(part)
      const found = Buffer.alloc(expected.length)
      const { bytesRead } = await file.read(found, 0, expected.length)
      if (bytesRead < expected.length || !found.equals(expected)) return false
    }
    return (await file.read(Buffer.alloc(1), 0, 1)).bytesRead === 0
  } catch {
    return false
  } finally {
    await file.close()
  }
}

/** Writes a file, and waits until the disk has it. */
async function writeDurably(path: string, content: FileContent): Promise<void> {
  const file = await open(path, 'w')
  try {
    for (const part of partsOf(content)) await file.writeFile(part)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Waits until the disk has the names in a folder, where the system can do that. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path).catch(() => undefined)
  await folder?.sync().catch(() => undefined)
  await folder?.close()
}
