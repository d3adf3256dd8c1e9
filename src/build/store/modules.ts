import { realpath } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { FlowstoreError } from '../../errors.js'
import type { LoadedFlows } from '../../flows/load.js'
import type { ModuleFile } from '../../python/loader.js'
import type { Sources } from '../../sources/sources.js'
import { ifThere } from '../../util/files.js'

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
      const source = await ifThere(realpath(join(root, file)))
      const declared = source && relative(realRoot, source).replaceAll(sep, '/')
      const size = declared === undefined ? undefined : sizes.get(declared)
      if (source === undefined || size === undefined) throw noSource(file)
      return { source, path, size }
    })
  )
}

const noSource = (file: string): FlowstoreError =>
  new FlowstoreError(
    'LOAD_FAILED',
    `the load asks for '${file}' in the image, which is not a file of the declared sources`
  )
