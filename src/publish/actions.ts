import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as core from '@actions/core'
import { FlowstoreError } from '../errors.js'
import type { Notice } from '../log.js'
import { OUTPUT_NAMES, type Build, type OutputName } from '../report.js'
import { temporaryFolder } from '../util/temporary.js'
import { summaryMarkdown } from './text.js'

/** GitHub's limit for the outputs of a job, counted in UTF-16. */
export const MOST_OUTPUT_BYTES = 1024 * 1024

/**
 * Outputs as GitHub takes them: one that is over the limit, or that GitHub would drop because it
 * holds a masked value, is left empty with a notice that says where to find it.
 *
 * @param masked values known to be masked in the log
 */
export function actionOutputs(
  outputs: Build['report']['outputs'],
  masked: readonly string[]
): { values: Record<OutputName, string>; notices: Notice[] } {
  const notices: Notice[] = []
  const values = { ...outputs }
  for (const name of OUTPUT_NAMES) {
    const why =
      values[name].length * 2 > MOST_OUTPUT_BYTES
        ? "is over GitHub's limit of 1 MB"
        : masked.some(secret => secret !== '' && values[name].includes(secret))
          ? 'holds a masked value, and GitHub drops such outputs'
          : undefined
    if (why === undefined) continue
    values[name] = ''
    notices.push({
      level: 'notice',
      message: `the output '${name}' ${why}: take it from report.json in the output directory or the artifact`
    })
  }
  return { values, notices }
}

/** Uploads files as one artifact. */
async function uploadArtifact(build: Build, name: string): Promise<number | undefined> {
  const staging = await temporaryFolder()
  try {
    const paths: string[] = []
    const stage = async (file: string, write: (path: string) => Promise<void>): Promise<void> => {
      const path = join(staging.path, file)
      await mkdir(dirname(path), { recursive: true })
      await write(path)
      paths.push(path)
    }
    for (const [file, content] of build.files) await stage(file, path => writeFile(path, content))
    for (const [file, source] of build.artifactFiles) {
      await stage(file, path => copyFile(source, path))
    }
    const { DefaultArtifactClient } = await import('@actions/artifact')
    const { id } = await new DefaultArtifactClient().uploadArtifact(name, paths, staging.path)
    return id
  } catch (error) {
    throw new FlowstoreError(
      'WRITE_FAILED',
      `the artifact '${name}' can't be uploaded: ${(error as Error).message}`,
      {
        hint: 'Set upload-artifact: false to go without.',
        cause: error
      }
    )
  } finally {
    await staging.remove()
  }
}

/** What publishing needs of the job. */
export interface Job {
  /** URL of the run, or undefined outside GitHub. */
  readonly runUrl: string | undefined
  readonly hasSummary: boolean
  readonly masked: readonly string[]
}

/**
 * Hands a build to the job: the artifact first, for it can fail, then outputs and summary.
 *
 * @param artifactName undefined for no artifact
 * @returns every output whole, where the artifact is among them
 * @throws FlowstoreError WRITE_FAILED when the artifact can't be uploaded; then no output is set
 */
export async function publishToJob(
  build: Build,
  artifactName: string | undefined,
  job: Job
): Promise<Record<OutputName, string>> {
  const artifact =
    artifactName === undefined ? undefined : await uploadArtifact(build, artifactName)
  const id = artifact === undefined ? '' : String(artifact)
  const outputs = {
    ...build.report.outputs,
    'artifact-id': id,
    'artifact-url': id && job.runUrl ? `${job.runUrl}/artifacts/${id}` : ''
  }
  const { values, notices } = actionOutputs(outputs, job.masked)
  for (const name of OUTPUT_NAMES) core.setOutput(name, values[name])
  if (job.hasSummary) await core.summary.addRaw(summaryMarkdown(build)).write()
  notices.forEach(annotateNotice)
  return outputs
}

/** Writes a notice as an annotation, on its file and line where it has them. */
export function annotateNotice(notice: Notice): void {
  const at = {
    ...(notice.file ? { file: notice.file } : {}),
    ...(notice.line ? { startLine: notice.line } : {})
  }
  if (notice.level === 'warning') core.warning(notice.message, at)
  else core.notice(notice.message, at)
}

/** Writes an error as an annotation on its file and line. */
export function annotate(error: FlowstoreError): void {
  core.error([error.message, error.detail, error.hint].filter(Boolean).join('\n'), {
    title: `flowstore: ${error.code}`,
    ...(error.file ? { file: error.file } : {}),
    ...(error.line ? { startLine: error.line } : {})
  })
}
