import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FlowstoreError } from '../errors.js'

/**
 * Writes files into a folder, all or none: each under a temporary name first, then renamed.
 *
 * @param files name relative to the folder, to content
 * @returns absolute path of each, if the folder is absolute
 * @throws FlowstoreError WRITE_FAILED
 */
export async function publishFiles(
  files: ReadonlyMap<string, Buffer | string>,
  folder: string
): Promise<string[]> {
  const drafts: { draft: string; path: string }[] = []
  try {
    for (const [name, content] of files) {
      const path = join(folder, name)
      const draft = `${path}.${process.pid}.tmp`
      await mkdir(dirname(path), { recursive: true })
      drafts.push({ draft, path })
      await writeFile(draft, content)
    }
    for (const { draft, path } of drafts) await rename(draft, path)
  } catch (error) {
    for (const { draft } of drafts) await rm(draft, { force: true })
    throw new FlowstoreError(
      'WRITE_FAILED',
      `can't write to ${folder}: ${(error as Error).message}`,
      {
        hint: 'Say another folder with output-directory.',
        cause: error
      }
    )
  }
  return drafts.map(({ path }) => path)
}
