import { resolve } from 'node:path'
import { buildStorage } from '../build/build.js'
import { localFolder } from '../build/inputs.js'
import type { Surroundings } from '../build/services.js'
import { errorsOf, withUndone } from '../errors.js'
import { orInterrupted, unlessInterrupted } from '../util/interruption.js'
import type { Recorder } from '../log.js'
import type { Options } from '../options/options.js'
import { publishBuild, type PublishedBuild, type Upload } from '../publish/directory.js'
import { OutputFolder } from '../publish/output-folder.js'
import { failureJson } from '../publish/terminal.js'
import type { Build, Report } from '../report.js'
import { recoverSourceFolder } from '../storage/source-folder.js'
import { keepMemorySmall } from '../util/memory.js'
import { endOnSignals } from '../util/scope.js'
import { checkDeploy, deployMode, publishDeployed } from './deploy-build.js'

/**
 * Builds a storage, deploys its deployments if the options say so, and publishes its files into the output
 * directory. For programs only: it changes the memory settings and the signal handlers of this process.
 *
 * @param upload uploads the artifact; default none
 * @throws FlowstoreError (or FlowstoreErrors): then an earlier result in the output directory is as it was, with the errors
 * beside it, what could be put back is, and the message names the rest
 */
export async function buildAndPublish(
  options: Options,
  surroundings: Surroundings,
  log: Recorder,
  upload?: Upload
): Promise<PublishedBuild> {
  keepMemorySmall()
  endOnSignals()
  const folder = await OutputFolder.open(resolve(surroundings.cwd, options.outputDirectory))
  try {
    if (options.storage === 'local') {
      await recoverSourceFolder(localFolder(options, surroundings.cwd), folder.hasCompleted)
    }
    return await buildInto(folder, options, surroundings, log, upload)
  } catch (thrown) {
    const error = log.concealedIn(orInterrupted(thrown))
    await folder.writeFailure(failureJson(errorsOf(error), log.notices))
    throw error
  }
}

async function buildInto(
  folder: OutputFolder,
  options: Options,
  surroundings: Surroundings,
  log: Recorder,
  upload: Upload | undefined
): Promise<PublishedBuild> {
  const mode = await deployMode(options, surroundings, log)
  let write: () => Promise<Report['deployed']> = () => Promise.resolve(null)
  const build = await buildStorage(options, surroundings, log, async deployments => {
    if (mode === 'nothing') return
    write = await checkDeploy(deployments, mode, options, surroundings.env, log)
  })
  let whole = build
  try {
    if (mode === 'write') {
      await unlessInterrupted(build.moveTags)
      // Workers may start runs at once. Sources in a folder fit the deployments that a failure puts back.
      if (build.report.image !== null) whole = staying(build)
    }
    const deployed = await write()
    if (mode === 'write') {
      build.keep?.()
      whole = { ...staying(build), keep: null }
    }
    whole = { ...whole, report: { ...build.report, deployed } }
  } catch (error) {
    throw withUndone(error, await whole.discard())
  }
  return publishDeployed(whole, log, () => publishBuild(whole, folder, upload))
}

/** A build that can't be discarded, since deployments may name its image or its folder: that remains, and is named. */
function staying(build: Build): Build {
  const { image, storage } = build.report
  const what =
    image === null
      ? `the flows in ${String(storage['directory'])}`
      : `the tags ${[image.tag, ...image.tags].join(', ')} of ${image.repository}`
  const remains = [`${what}, since deployments on the server may name them`]
  return { ...build, discard: () => Promise.resolve({ putBack: [], remains }) }
}
