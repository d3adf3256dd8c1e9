import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { gzipLayerFile, type LayerFile } from '../../image/oci/layer-file.js'
import type { FoundPython } from '../../python/find-python.js'
import { ifThere } from '../../util/files.js'
import * as z from '../../util/schema.js'
import { packTar } from '../../util/tar.js'
import { temporaryFolder } from '../../util/temporary.js'
import { VERSION } from '../../version.js'
import { standardLibrary } from './base-facts.js'
import { readModules } from './library-sources.js'
import { runCompiler } from './bytecode.js'
import { layerEntries } from './package-layer.js'
import type { RegistryBase } from './read-base.js'

type LibraryBase = Pick<RegistryBase, 'facts' | 'library'>

const digestsSchema = z.object({ digest: z.string(), diffId: z.string(), size: z.number() })

/**
 * A layer with the bytecode of the base image's standard library, as far as the base has none. It is made once for
 * each base image and interpreter, and kept in the cache: the images on a base share it.
 *
 * @param cache cache folder
 * @returns undefined if the base has all bytecode
 */
export async function libraryLayer(
  { image, facts, library }: Pick<RegistryBase, 'image' | 'facts' | 'library'>,
  python: Pick<FoundPython, 'path' | 'python'>,
  cache: string
): Promise<LayerFile | undefined> {
  if ((await stat(library)).size === 0) return undefined
  const name = `${image.manifest.digest.replace(':', '-')}-${VERSION}-python${python.python}`
  const folder = join(cache, 'flowstore-base')
  const path = join(folder, `${name}.tar.gz`)
  const known = await knownLayer(path)
  if (known !== undefined) return known
  await mkdir(folder, { recursive: true })
  const made = await makeLayer({ facts, library }, python.path, `${path}.${process.pid}`)
  const { digest, diffId, size } = made
  await rename(made.path, path)
  const draft = `${path}.json.${process.pid}`
  await writeFile(draft, JSON.stringify({ digest, diffId, size }))
  await rename(draft, `${path}.json`)
  return { path, digest, diffId, size }
}

/** A layer of the cache. The registry checks its content at an upload. */
async function knownLayer(path: string): Promise<LayerFile | undefined> {
  const text = await ifThere(readFile(`${path}.json`, 'utf8'))
  const file = await ifThere(stat(path))
  if (text === undefined || file === undefined) return undefined
  try {
    const { data } = digestsSchema.safeParse(JSON.parse(text))
    return data?.size === file.size ? { path, ...data } : undefined
  } catch {
    return undefined
  }
}

async function makeLayer(base: LibraryBase, interpreter: string, path: string): Promise<LayerFile> {
  const folder = await temporaryFolder()
  try {
    await compileLibrary(folder.path, base, interpreter)
    return await gzipLayerFile(packTar(await layerEntries(folder.path, base.facts, [], [])), path)
  } finally {
    await folder.remove()
  }
}

/** Compiles the modules of the standard library without bytecode. Only the bytecode stays in the tree. */
async function compileLibrary(
  root: string,
  { facts, library }: LibraryBase,
  interpreter: string
): Promise<void> {
  const folder = standardLibrary(facts.python)
  const paths: string[] = []
  for await (const { path: name, mtime, content } of readModules(library)) {
    const path = posix.join(folder, name)
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
    await utimes(join(root, path), mtime, mtime)
    paths.push(path)
  }
  await runCompiler(root, paths, interpreter)
  for (const path of paths) await rm(join(root, path))
}
