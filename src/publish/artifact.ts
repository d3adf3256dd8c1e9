import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FlowstoreError } from '../errors.js'
import type { FileContent } from '../report.js'
import { temporaryFolder } from '../util/temporary.js'

/** The content of an artifact. */
export interface ArtifactContent {
  /** Name in the artifact, to content. */
  readonly files: ReadonlyMap<string, FileContent>
  /** Name in the artifact, to path on disk. */
  readonly copies: ReadonlyMap<string, string>
}

/** The job has no service for artifacts. Its message says why, as a clause. */
export class NoArtifactService extends Error {}

/** What the client says if no such service answers at the address that the runner gives. */
const NOBODY = /Unable to make request: (ECONNREFUSED|ENOTFOUND)|Failed request: \(404\)/

/**
 * Uploads files as one artifact of the job.
 *
 * @returns the artifact's id; undefined if the service gives none
 * @throws NoArtifactService; FlowstoreError WRITE_FAILED
 */
export async function uploadArtifact(
  name: string,
  { files, copies }: ArtifactContent
): Promise<string | undefined> {
  const staging = await temporaryFolder()
  const staged: string[] = []
  const stage = async (file: string): Promise<string> => {
    const path = join(staging.path, file)
    await mkdir(dirname(path), { recursive: true })
    staged.push(path)
    return path
  }
  try {
    for (const [file, content] of files) await writeFile(await stage(file), content)
    for (const [file, source] of copies) await copyFile(source, await stage(file))
    // Imported only here: the client takes a third of a second to load.
    const { DefaultArtifactClient } = await import('@actions/artifact')
    const { id } = await new DefaultArtifactClient().uploadArtifact(name, staged, staging.path)
    return id === undefined ? undefined : String(id)
  } catch (error) {
    const { message } = error as Error
    const nobody = NOBODY.exec(message)
    if (nobody) {
      throw new NoArtifactService(`no artifact service answers (${nobody[0]})`, { cause: error })
    }
    throw new FlowstoreError(
      'WRITE_FAILED',
      `the artifact '${name}' can't be uploaded: ${message}`,
      {
        hint: 'An artifact name can be used once in a run: set another artifact-name for each job of a matrix. Or set upload-artifact: false.',
        cause: error
      }
    )
  } finally {
    await staging.remove()
  }
}
