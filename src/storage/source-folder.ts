import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { FlowstoreError } from '../errors.js'
import { STORED_SOURCES } from '../sources/fixed-names.js'
import { rootBelowTop, type Sources } from '../sources/sources.js'
import { copySources } from '../sources/staging.js'
import { ifThere } from '../util/files.js'
import { isAlive } from '../util/is-alive.js'

const MARK_TEXT = 'flowstore build writes this folder, and replaces it as a whole.\n'

const failed = (folder: string, why: string, cause?: unknown): FlowstoreError =>
  new FlowstoreError('WRITE_FAILED', `can't write the sources to ${folder}: ${why}`, {
    hint: 'Choose a new or an empty folder with `directory`.',
    cause
  })

/** Whether a folder with files of these names may be replaced: it has none, or the sources of an earlier build. */
const isReplaceable = (names: readonly string[]): boolean =>
  names.length === 0 || names.includes(STORED_SOURCES)

/** Removes what a killed build left beside the folder. */
async function sweep(folder: string): Promise<void> {
  const parent = dirname(folder)
  for (const name of await readdir(parent)) {
    if (!name.startsWith(`${basename(folder)}.`)) continue
    const pid = /^\.(\d+)\.(?:tmp|old)$/.exec(name.slice(basename(folder).length))?.[1]
    if (pid !== undefined && !isAlive(Number(pid))) {
      await rm(join(parent, name), { recursive: true, force: true })
    }
  }
}

/**
 * Copies sources into a folder, in place of those of an earlier build. The folder is complete or as it was.
 *
 * @returns whether the folder had no sources before
 * @throws FlowstoreError WRITE_FAILED, also for a folder with other files
 */
export async function writeSourceFolder(
  folder: string,
  sources: Sources
): Promise<{ readonly isFirst: boolean }> {
  const draft = `${folder}.${process.pid}.tmp`
  const aside = `${folder}.${process.pid}.old`
  try {
    const names = (await ifThere(readdir(folder))) ?? []
    if (!isReplaceable(names)) {
      throw failed(folder, 'it has other files, and would be replaced as a whole')
    }
    await mkdir(dirname(folder), { recursive: true })
    await sweep(folder)
    await copySources(sources, join(draft, rootBelowTop(sources)), draft)
    await writeFile(join(draft, STORED_SOURCES), MARK_TEXT)
    if (names.length > 0) await rename(folder, aside)
    await rename(draft, folder).catch(async (error: unknown) => {
      if (names.length > 0) await rename(aside, folder)
      throw error
    })
    await rm(aside, { recursive: true, force: true })
    return { isFirst: names.length === 0 }
  } catch (error) {
    // A file in the place of its folder is what failed.
    await ifThere(rm(draft, { recursive: true, force: true }))
    throw error instanceof FlowstoreError ? error : failed(folder, (error as Error).message, error)
  }
}
