import * as core from '@actions/core'
import { annotateNotice } from './annotations.js'
import type { FlowstoreError } from '../errors.js'
import type { Notice } from '../log.js'
import { NoArtifactService, uploadArtifact } from './artifact.js'
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
import { failureMarkdown, summaryMarkdown } from './summary.js'

/** The job to publish to. */
export interface Job {
  /** Name for the artifact; undefined for none. */
  readonly artifactName: string | undefined
  /** URL of the run; undefined outside GitHub. */
  readonly runUrl: string | undefined
  /** Whether the job gets a summary. */
  readonly hasSummary: boolean
  /** Why the job has no service for artifacts, as a clause; undefined if it has one. */
  readonly artifactsMissing: string | undefined
  /** Values that the runner masks in logs. */
  readonly masked: readonly string[]
}

/**
 * Publishes a build to the job: the artifact first, since it can fail; then outputs and summary; then
 * `report.json` again, with the outputs of the artifact. Without a service for artifacts, there is a notice instead.
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
    if (job.hasSummary) await writeSummary(summaryMarkdown(build.report))
    for (const notice of notices) annotateNotice(notice)
    const report = publishedReport(build.report, outputs)
    await publishFiles(new Map([['report.json', reportJson(report)]]), directory)
    return outputs
  } catch (error) {
    await withdraw(published)
    throw error
  }
}

/**
 * Publishes the errors of a failed run to the summary of the job.
 *
 * @param notices of the run, until it failed
 */
export async function publishFailure(
  errors: readonly FlowstoreError[],
  notices: readonly Notice[],
  { hasSummary }: Pick<Job, 'hasSummary'>
): Promise<void> {
  if (hasSummary) await writeSummary(failureMarkdown(errors, notices))
}

/** Adds to the summary of the job. A summary that can't be written does not fail a run. */
async function writeSummary(markdown: string): Promise<void> {
  try {
    await core.summary.addRaw(markdown).write()
  } catch (error) {
    annotateNotice({
      level: 'warning',
      message: `the summary of the job can't be written: ${(error as Error).message}`
    })
  }
}

async function artifactOf(
  { build, files }: PublishedBuild,
  { artifactName, artifactsMissing, runUrl }: Job
): Promise<Published['artifact']> {
  if (artifactName === undefined) return null
  try {
    if (artifactsMissing !== undefined) throw new NoArtifactService(artifactsMissing)
    const content = { files, copies: build.documents.flowFiles }
    const id = await uploadArtifact(artifactName, content)
    if (id === undefined) return null
    return { id, url: runUrl === undefined ? '' : `${runUrl}/artifacts/${id}` }
  } catch (error) {
    if (!(error instanceof NoArtifactService)) throw error
    annotateNotice({
      level: 'notice',
      message: `no artifact is uploaded: ${error.message}; the files are in the output directory`
    })
    return null
  }
}
