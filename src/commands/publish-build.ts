import { resolve } from 'node:path'
import { buildStorage } from '../build/build.js'
import type { Surroundings } from '../build/services.js'
import type { Recorder } from '../log.js'
import type { Options } from '../options/options.js'
import { publishToDirectory, type PublishedBuild } from '../publish/directory.js'
import { checkDeploy, deployMode, publishDeployed } from './deploy-build.js'
import type { Report } from '../report.js'
import { removeEarlier } from '../publish/build-files.js'
import { keepMemorySmall } from '../util/memory.js'
import { endOnSignals } from '../util/scope.js'

/**
 * Builds a storage, deploys its deployments if the options say so, and publishes its files into the output
 * directory. For programs only: it changes the memory settings and the signal handlers of this process.
 *
 * @throws FlowstoreError (or FlowstoreErrors): then nothing is published
 */
export async function buildAndPublish(
  options: Options,
  surroundings: Surroundings,
  log: Recorder
): Promise<PublishedBuild> {
  const directory = resolve(surroundings.cwd, options.outputDirectory)
  const mode = await deployMode(options, surroundings, log)
  await removeEarlier(directory)
  keepMemorySmall()
  endOnSignals()
  let write: () => Promise<Report['deployed']> = () => Promise.resolve(null)
  const build = await buildStorage(options, surroundings, log, async deployments => {
    if (mode === 'nothing') return
    write = await checkDeploy(deployments, mode, options, surroundings.env, log)
  })
  const deployed = await write().catch((error: unknown) => {
    build.discard()
    throw error
  })
  const whole = { ...build, report: { ...build.report, deployed } }
  return publishDeployed(whole, log, () => publishToDirectory(whole, directory))
}
