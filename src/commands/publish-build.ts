import { resolve } from 'node:path'
import { buildStorage } from '../build/build.js'
import type { Surroundings } from '../build/services.js'
import type { Recorder } from '../log.js'
import type { Options } from '../options/options.js'
import { publishToDirectory, type PublishedBuild } from '../publish/directory.js'
import { checkDeploy } from './deploy-build.js'
import { removeEarlier } from '../publish/build-files.js'
import { keepMemorySmall } from '../util/memory.js'
import { endOnSignals } from '../util/scope.js'

/**
 * Builds a storage and publishes its files into the output directory. For programs only: it changes the
 * memory settings and the signal handlers of this process.
 *
 * @throws FlowstoreError (or FlowstoreErrors): then nothing is published
 */
export async function buildAndPublish(
  options: Options,
  surroundings: Surroundings,
  log: Recorder
): Promise<PublishedBuild> {
  const directory = resolve(surroundings.cwd, options.outputDirectory)
  await checkDeploy(options, surroundings.env)
  await removeEarlier(directory)
  keepMemorySmall()
  endOnSignals()
  const build = await buildStorage(options, surroundings, log)
  return publishToDirectory(build, directory)
}
