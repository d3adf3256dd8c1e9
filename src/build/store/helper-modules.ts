import { realpath } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { FlowstoreError } from '../../errors.js'
import type { LoadedFlows } from '../../flows/load.js'
import type { ModuleFile } from '../../python/loader.js'
import type { Sources } from '../../sources/sources.js'

/**
 * The helper modules that a load asks for, from the declared sources, with links inside them followed. A load
 * runs untrusted code, which could name any file of the runner.
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
      const declared = relative(realRoot, source).replaceAll(sep, '/')
      const size = sizes.get(declared)
      if (size === undefined) throw noSource(file)
      return { source, path, size }
    })
  )
}

/** The file that a name stands for, which somebody's code chose: it need not be the name of a file. */
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
