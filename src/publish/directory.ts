import { resolve } from 'node:path'
import { allUndone, withUndone } from '../errors.js'
import { unlessInterrupted } from '../util/interruption.js'
import { beforeEnd } from '../util/scope.js'
import type { Build, FileContent } from '../report.js'
import type { ArtifactContent } from './artifact.js'
import { buildFiles } from './build-files.js'
import { OutputFolder } from './output-folder.js'
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

/** Uploads the files of a build as an artifact; null if there is none. */
export type Upload = (content: ArtifactContent) => Promise<Published['artifact']>

/**
 * Writes the files of a build into the output directory. An earlier result stays there, byte for byte, until the new one
 * is complete.
 *
 * @throws FlowstoreError WRITE_FAILED; then what the build changed elsewhere is put back too, and the message names what
 * remains
 */
export async function publishToDirectory(build: Build, directory: string): Promise<PublishedBuild> {
  const folder = await OutputFolder.open(resolve(directory)).catch(async (error: unknown) => {
    throw withUndone(error, await build.discard())
  })
  return publishBuild(build, folder)
}

/**
 * Publishes a build whose image is in the registry under its digest: drafts of the files, the artifact, the tags, and
 * then the files in their places. Each step that can fail comes before all that others can see. A signal ends it until
 * the files go to their places, which takes a moment.
 *
 * @throws FlowstoreError WRITE_FAILED, PUSH_REFUSED, REGISTRY, DAEMON, INTERRUPTED; then the folder is as it was, what
 * the build changed elsewhere is put back, and the message names what remains
 */
export async function publishBuild(
  build: Build,
  folder: OutputFolder,
  upload: Upload = () => Promise.resolve(null)
): Promise<PublishedBuild> {
  let artifact: Published['artifact'] = null
  const publishable = (): PublishedBuild => {
    const outputs = outputsOf(build.report, {
      directory: folder.path,
      hasFlowsJson: build.documents.flowsJson !== null,
      hasSbom: build.documents.sbom !== null,
      hasProvenance: build.documents.provenance !== null,
      artifact
    })
    const report = publishedReport(build.report, outputs)
    return { build, directory: folder.path, report, files: buildFiles(build, report) }
  }
  const prepare = async (): Promise<PublishedBuild> => {
    let prepared = publishable()
    const { files } = prepared
    await folder.draft(files)
    artifact = await upload({ files, copies: build.documents.flowFiles })
    if (artifact !== null) {
      prepared = publishable()
      const names = ['report.json']
      await folder.draft(new Map([...prepared.files].filter(([name]) => names.includes(name))))
    }
    await build.moveTags()
    return prepared
  }
  try {
    const published = await unlessInterrupted(prepare)
    await beforeEnd(folder.publish(build.keep))
    return published
  } catch (error) {
    await folder.drop()
    const uploaded = { putBack: [], remains: artifactClause(artifact) }
    throw withUndone(error, allUndone([uploaded, await build.discard()]))
  }
}

/** No artifact can be taken back. */
const artifactClause = (artifact: Published['artifact']): readonly string[] =>
  artifact === null ? [] : [`the artifact '${artifact.name}' of this run, which is uploaded`]
