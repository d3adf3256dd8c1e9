import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { FlowstoreError } from '../../errors.js'
import type { LoadedFlows } from '../../flows/load.js'
import type { ModuleFile } from '../../python/loader.js'
import type { Sources } from '../../sources/sources.js'
import { pathFrom } from '../../util/relative-path.js'

/**
 * Finds the helper modules that a load asks for. Links are followed, but only to files of the declared sources:
 * a load runs untrusted code, which could name any file of the runner.
 *
 * @throws FlowstoreError LOAD_FAILED for a file outside the sources
 */
export async function moduleFiles(
  { root, files }: Sources,
  helpers: LoadedFlows['helpers']
): Promise<ModuleFile[]> {
  if (helpers.length === 0) return []
  const sizes = new Map(
    files.filter(file => file.link === undefined).map(({ path, size }) => [path, size])
  )
  const realRoot = await realpath(root)
  return Promise.all(
    helpers.map(async ({ file, path }) => {
      const source = await realPath(root, file)
      const declared = pathFrom(realRoot, source)
      const size = sizes.get(declared)
      if (size === undefined) throw noSource(file)
      return { source, path, size }
    })
  )
}

/** Follows the links of a path. Untrusted code chose it, so it may not exist. */
async function realPath(root: string, file: string): Promise<string> {
  try {
    return await realpath(join(root, file))
  } catch (error) {
    throw noSource(file, error)
  }
}

const noSource = (file: string, cause?: unknown): FlowstoreError =>
  new FlowstoreError(
    'LOAD_FAILED',
    `the load asks for '${file}' in the image, which is not a file of the declared sources`,
    { cause }
  )
