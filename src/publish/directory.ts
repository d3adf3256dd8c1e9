import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Build, FileContent } from '../report.js'
import { buildFiles, publishFiles } from './build-files.js'
import { outputsOf, publishedReport, type Published, type PublishedReport } from './outputs.js'

/** A build whose files are in the output directory. */
export interface PublishedBuild {
  readonly build: Build
  /** The output directory, absolute. */
  readonly directory: string
  readonly report: PublishedReport
  /** Name relative to the output directory, to content. */
  readonly files: ReadonlyMap<string, FileContent>
}

/**
 * Writes the files of a build into the output directory, all or none.
 *
 * @throws FlowstoreError WRITE_FAILED; then the files that the build wrote elsewhere are removed too
 */
export async function publishToDirectory(build: Build, directory: string): Promise<PublishedBuild> {
  const outputs = outputsOf(build.report, publishedIn(build, directory, null))
  const report = publishedReport(build.report, outputs)
  const files = buildFiles(build, report)
  try {
    await publishFiles(files, directory)
  } catch (error) {
    build.discard()
    throw error
  }
  return { build, directory, report, files }
}

/** What the outputs need to know about a published build. */
export const publishedIn = (
  build: Build,
  directory: string,
  artifact: Published['artifact']
): Published => ({
  directory,
  hasFlowsJson: build.documents.flowsJson !== null,
  artifact
})

/** Removes the files of a build that can't be published as a whole. */
export async function withdraw({ build, directory, files }: PublishedBuild): Promise<void> {
  for (const name of files.keys()) await rm(join(directory, name), { force: true })
  build.discard()
}
