import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as z from '../util/schema.js'
import { FlowstoreError } from '../errors.js'
import type { FileContent } from '../report.js'

const failed = (folder: string, error: unknown): FlowstoreError =>
  new FlowstoreError('WRITE_FAILED', `can't write to ${folder}: ${(error as Error).message}`, {
    hint: 'Say another folder with output-directory.',
    cause: error
  })

/** What shows that a report is one of ours, and which files lie beside it. */
const earlierReport = z.object({
  outputs: z.object({ 'flows-path': z.string(), image: z.string() }),
  versions: z.object({ flowstore: z.string() })
})

/**
 * Removes what an earlier run has published into a folder, so that nobody takes it for this run's:
 * the files that its report speaks of. Where there is no report of ours, nothing is touched: a
 * Dockerfile may be the user's own.
 *
 * @throws FlowstoreError WRITE_FAILED
 */
export async function removeEarlier(folder: string): Promise<void> {
  let outputs: z.infer<typeof earlierReport>['outputs']
  try {
    const text = await readFile(join(folder, 'report.json'), 'utf8')
    outputs = earlierReport.parse(JSON.parse(text)).outputs
  } catch {
    return
  }
  const names = [
    'storage.json',
    ...(outputs['flows-path'] === '' ? [] : ['flows.json']),
    ...(outputs.image === '' ? [] : ['Dockerfile']),
    // Last, for it tells of the others.
    'report.json'
  ]
  try {
    for (const name of names) await rm(join(folder, name), { force: true })
  } catch (error) {
    throw failed(folder, error)
  }
}

/**
 * Writes files into a folder, all or none: each under a temporary name first, then renamed.
 *
 * @param files name relative to the folder, to content
 * @returns absolute path of each, if the folder is absolute
 * @throws FlowstoreError WRITE_FAILED
 */
export async function publishFiles(
  files: ReadonlyMap<string, FileContent>,
  folder: string
): Promise<string[]> {
  const drafts: { draft: string; path: string }[] = []
  const published: string[] = []
  try {
    for (const [name, content] of files) {
      const path = join(folder, name)
      const draft = `${path}.${process.pid}.tmp`
      await mkdir(dirname(path), { recursive: true })
      drafts.push({ draft, path })
      await writeFile(draft, content)
    }
    for (const { draft, path } of drafts) {
      await rename(draft, path)
      published.push(path)
    }
  } catch (error) {
    for (const path of [...drafts.map(({ draft }) => draft), ...published]) {
      await rm(path, { force: true })
    }
    throw failed(folder, error)
  }
  return published
}
