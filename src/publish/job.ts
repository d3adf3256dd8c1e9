import * as core from '@actions/core'
import { annotateNotice } from './annotations.js'
import { uploadArtifact } from './artifact.js'
import { publishedIn, withdraw, type PublishedBuild } from './directory.js'
import { publishFiles, reportJson } from './build-files.js'
import {
  gitHubOutputs,
  OUTPUT_NAMES,
  outputsOf,
  publishedReport,
  type Outputs,
  type Published
} from './outputs.js'
import { summaryMarkdown } from './summary.js'

/** The job to publish to. */
export interface Job {
  /** Name for the artifact; undefined for none. */
  readonly artifactName: string | undefined
  /** URL of the run; undefined outside GitHub. */
  readonly runUrl: string | undefined
  readonly hasSummary: boolean
  /** Values that the runner masks in logs. */
  readonly masked: readonly string[]
}

/**
 * Publishes a build to the job: the artifact first, since it can fail; then outputs and summary; then
 * `report.json` again, with the outputs of the artifact.
 *
 * @returns every output, also those that GitHub does not accept
 * @throws FlowstoreError WRITE_FAILED if the artifact can't be uploaded; then no output is set, and the files
 * are removed again
 */
export async function publishToJob(published: PublishedBuild, job: Job): Promise<Outputs> {
  const { build, directory } = published
  try {
    const artifact = await artifactOf(published, job)
    const outputs = outputsOf(build.report, publishedIn(build, directory, artifact))
    const { values, notices } = gitHubOutputs(outputs, job.masked)
    for (const name of OUTPUT_NAMES) core.setOutput(name, values[name])
    if (job.hasSummary) await core.summary.addRaw(summaryMarkdown(build.report)).write()
    notices.forEach(annotateNotice)
    const report = publishedReport(build.report, outputs)
    await publishFiles(new Map([['report.json', reportJson(report)]]), directory)
    return outputs
  } catch (error) {
    await withdraw(published)
    throw error
  }
}

async function artifactOf(
  { build, files }: PublishedBuild,
  { artifactName, runUrl }: Job
): Promise<Published['artifact']> {
  if (artifactName === undefined) return null
  const content = { files, copies: build.documents.flowFiles }
  const id = await uploadArtifact(artifactName, content)
  if (id === undefined) return null
  return { id, url: runUrl === undefined ? '' : `${runUrl}/artifacts/${id}` }
}
