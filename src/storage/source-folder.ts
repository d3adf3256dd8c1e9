import { renameSync, rmSync } from 'node:fs'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { FlowstoreError } from '../errors.js'
import { STORED_SOURCES } from '../sources/fixed-names.js'
import { rootBelowTop, type Sources } from '../sources/sources.js'
import { copySources } from '../sources/staging.js'
import { ifThere } from '../util/files.js'
import { isAlive } from '../util/is-alive.js'

const MARK_TEXT = 'flowstore build writes this folder, and replaces it as a whole.\n'

/** A draft, and what a build has replaced, until its result is published: both beside the folder. */
const draftOf = (folder: string, pid = process.pid): string => `${folder}.${pid}.tmp`
const asideOf = (folder: string, pid = process.pid): string => `${folder}.${pid}.old`
const BESIDE = /^\.(\d+)\.(tmp|old)$/

/** The folders of this process whose earlier content is aside. */
const replacing = new Set<string>()

const failed = (folder: string, why: string, cause?: unknown): FlowstoreError =>
  new FlowstoreError('WRITE_FAILED', `can't write the sources to ${folder}: ${why}`, {
    hint: 'Choose a new or an empty folder with `directory`.',
    cause
  })

/** Whether a folder with files of these names may be replaced: it has none, or the sources of an earlier build. */
const isReplaceable = (names: readonly string[]): boolean =>
  names.length === 0 || names.includes(STORED_SOURCES)

/**
 * Mends what a killed build left beside the folder.
 *
 * @param isPublished whether the result of that build is published; if it is not, the sources that it replaced come back
 * @throws FlowstoreError WRITE_FAILED
 */
export async function recoverSourceFolder(folder: string, isPublished: boolean): Promise<void> {
  try {
    await recover(folder, isPublished)
  } catch (error) {
    throw failed(folder, (error as Error).message, error)
  }
}

async function recover(folder: string, isPublished: boolean): Promise<void> {
  // Where nothing can be listed, writing says what is wrong.
  const names = await readdir(dirname(folder)).catch(() => [])
  const left = names.flatMap(name => {
    if (!name.startsWith(basename(folder))) return []
    const [, id, kind] = BESIDE.exec(name.slice(basename(folder).length)) ?? []
    const pid = Number(id)
    // In a container, a later process often has the same id.
    const isOurs = pid === process.pid && replacing.has(folder)
    const isLeft = pid === process.pid ? !isOurs : !isAlive(pid)
    return kind !== undefined && isLeft ? [{ kind, pid }] : []
  })
  for (const { pid } of left.filter(({ kind }) => kind === 'old')) {
    const draft = draftOf(folder, pid)
    await rm(draft, { recursive: true, force: true })
    if (isPublished) {
      await rename(asideOf(folder, pid), draft)
    } else {
      await ifThere(rename(folder, draft))
      await rename(asideOf(folder, pid), folder)
    }
  }
  for (const { pid } of left) await rm(draftOf(folder, pid), { recursive: true, force: true })
}

/** Sources in their folder, with those of an earlier build beside it until the result of this one is published. */
export class ReplacedFolder {
  /** Whether the sources of the earlier build are still there. */
  hasEarlier: boolean

  /** @param isFirst whether there was no folder before */
  constructor(
    private readonly folder: string,
    private readonly isFirst: boolean
  ) {
    this.hasEarlier = !isFirst
    if (this.hasEarlier) replacing.add(folder)
  }

  /** Removes the sources of the earlier build. */
  keep(): void {
    if (!this.hasEarlier) return
    this.release()
    const draft = draftOf(this.folder)
    try {
      // At once, so that a later build does not take it for that of a killed one.
      renameSync(asideOf(this.folder), draft)
      rmSync(draft, { recursive: true, force: true })
    } catch {
      // A later build removes it.
    }
  }

  /** Puts the folder back as it was. Once the earlier sources are removed, the new ones are better than none. */
  putBack(): void {
    if (!this.isFirst && !this.hasEarlier) return
    const draft = draftOf(this.folder)
    renameSync(this.folder, draft)
    if (this.hasEarlier) renameSync(asideOf(this.folder), this.folder)
    this.release()
    rmSync(draft, { recursive: true, force: true })
  }

  private release(): void {
    this.hasEarlier = false
    replacing.delete(this.folder)
  }
}

/**
 * Copies sources into a folder, in place of those of an earlier build. The folder is complete or as it was.
 *
 * @throws FlowstoreError WRITE_FAILED, also for a folder with other files
 */
export async function writeSourceFolder(folder: string, sources: Sources): Promise<ReplacedFolder> {
  const draft = draftOf(folder)
  const aside = asideOf(folder)
  try {
    await recoverSourceFolder(folder, false)
    const names = await ifThere(readdir(folder))
    if (!isReplaceable(names ?? [])) {
      throw failed(folder, 'it has other files, and would be replaced as a whole')
    }
    await mkdir(dirname(folder), { recursive: true })
    await copySources(sources, join(draft, rootBelowTop(sources)), draft)
    await writeFile(join(draft, STORED_SOURCES), MARK_TEXT)
    if (names !== undefined) await rename(folder, aside)
    await rename(draft, folder).catch(async (error: unknown) => {
      if (names !== undefined) await rename(aside, folder)
      throw error
    })
    return new ReplacedFolder(folder, names === undefined)
  } catch (error) {
    // A file in the place of its folder is what failed.
    await ifThere(rm(draft, { recursive: true, force: true }))
    throw error instanceof FlowstoreError ? error : failed(folder, (error as Error).message, error)
  }
}
