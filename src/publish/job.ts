import * as core from '@actions/core'
import { annotateNotice } from './annotations.js'
import { FlowstoreError } from '../errors.js'
import type { Notice } from '../log.js'
import { NoArtifactService, uploadArtifact } from './artifact.js'
import type { PublishedBuild, Upload } from './directory.js'
import { gitHubOutputs, OUTPUT_NAMES, type Outputs } from './outputs.js'
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
 * Publishes a complete build to the job: outputs, then the summary.
 *
 * @throws FlowstoreError WRITE_FAILED if the outputs can't be written
 */
export async function publishToJob(
  { build, report: { outputs } }: PublishedBuild,
  { masked, hasSummary }: Pick<Job, 'masked' | 'hasSummary'>
): Promise<void> {
  const { values, notices } = gitHubOutputs(outputs, masked)
  try {
    setOutputs(values)
  } catch (error) {
    throw new FlowstoreError(
      'WRITE_FAILED',
      `the outputs can't be written: ${(error as Error).message}. The image and the files in the output directory are complete`,
      { cause: error }
    )
  }
  if (hasSummary) await writeSummary(summaryMarkdown(build.report))
  for (const notice of notices) annotateNotice(notice)
}

function setOutputs(values: Outputs): void {
  for (const name of OUTPUT_NAMES) core.setOutput(name, values[name])
}

/**
 * Publishes the errors of a failed run to the summary of the job. All outputs are empty, so that no later step takes an
 * earlier result for that of this run.
 *
 * @param notices of the run, until it failed
 */
export async function publishFailure(
  errors: readonly FlowstoreError[],
  notices: readonly Notice[],
  { hasSummary }: Pick<Job, 'hasSummary'>
): Promise<void> {
  try {
    for (const name of OUTPUT_NAMES) core.setOutput(name, '')
  } catch {
    // An output that was not set is empty too.
  }
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

/**
 * Uploads the artifact of a job. Without a service for artifacts, there is a notice instead.
 *
 * @throws FlowstoreError WRITE_FAILED
 */
export const artifactUpload =
  ({
    artifactName,
    artifactsMissing,
    runUrl
  }: Pick<Job, 'artifactName' | 'artifactsMissing' | 'runUrl'>): Upload =>
  async content => {
    if (artifactName === undefined) return null
    try {
      if (artifactsMissing !== undefined) throw new NoArtifactService(artifactsMissing)
      const id = await uploadArtifact(artifactName, content)
      if (id === undefined) return null
      return {
        name: artifactName,
        id,
        url: runUrl === undefined ? '' : `${runUrl}/artifacts/${id}`
      }
    } catch (error) {
      if (!(error instanceof NoArtifactService)) throw error
      annotateNotice({
        level: 'notice',
        message: `no artifact is uploaded: ${error.message}; the files are in the output directory`
      })
      return null
    }
  }
