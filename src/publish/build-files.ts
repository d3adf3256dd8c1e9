import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FlowstoreError } from '../errors.js'
import type { Build, FileContent } from '../report.js'
import { ifThere } from '../util/files.js'
import * as z from '../util/schema.js'
import type { PublishedReport } from './outputs.js'

const failed = (folder: string, error: unknown): FlowstoreError =>
  new FlowstoreError('WRITE_FAILED', `can't write to ${folder}: ${(error as Error).message}`, {
    hint: 'Check its permissions and the free disk space, or choose another folder with output-directory.',
    cause: error
  })

/** A report as `report.json` holds it. */
export const reportJson = (report: PublishedReport): string =>
  `${JSON.stringify(report, null, 2)}\n`

/** The files of a build for the output directory: name relative to it, to content. */
export function buildFiles(build: Build, published: PublishedReport): Map<string, FileContent> {
  const { report, documents } = build
  const { flowsJson, dockerfile, prefectYaml, deploymentsJson } = documents
  const files = new Map<string, FileContent>()
  files.set('storage.json', `${JSON.stringify(report.storage, null, 2)}\n`)
  if (flowsJson !== null) files.set('flows.json', flowsJson)
  if (deploymentsJson !== null) files.set('deployments.json', deploymentsJson)
  if (prefectYaml !== null) files.set('prefect.yaml', prefectYaml)
  files.set('report.json', reportJson(published))
  if (dockerfile !== null) files.set('Dockerfile', dockerfile)
  return files
}

/** The fields that identify a report of flowstore, and tell which files were published with it. */
const earlierReport = z.object({
  outputs: z.object({
    'flows-path': z.string(),
    'prefect-file-path': z.string().default(''),
    image: z.string()
  }),
  versions: z.object({ flowstore: z.string() })
})
type EarlierOutputs = z.infer<typeof earlierReport>['outputs']

/** The outputs in a folder's `report.json`; undefined without a report of flowstore. */
async function earlierOutputs(folder: string): Promise<EarlierOutputs | undefined> {
  const text = await ifThere(readFile(join(folder, 'report.json'), 'utf8')).catch(
    (error: unknown) => {
      throw failed(folder, error)
    }
  )
  if (text === undefined) return undefined
  try {
    return earlierReport.parse(JSON.parse(text)).outputs
  } catch {
    // A file of that name from another program.
    return undefined
  }
}

/**
 * Removes the files that an earlier run published into a folder and that its report names, so that they are
 * not mistaken for those of this run. Without such a report nothing is removed: a Dockerfile may be the
 * user's.
 *
 * @throws FlowstoreError WRITE_FAILED
 */
export async function removeEarlier(folder: string): Promise<void> {
  const outputs = await earlierOutputs(folder)
  if (outputs === undefined) return
  const names = ['storage.json']
  if (outputs['flows-path'] !== '') names.push('flows.json')
  if (outputs['prefect-file-path'] !== '') names.push('deployments.json', 'prefect.yaml')
  if (outputs.image !== '') names.push('Dockerfile')
  // The report is removed last, since it names the others.
  names.push('report.json')
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
 * @returns the path of each file; absolute if the folder is
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
