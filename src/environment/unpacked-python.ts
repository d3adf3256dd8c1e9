import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { FlowstoreError } from '../errors.js'
import { parseManifest, type Descriptor } from '../image/oci/documents.js'
import { LayerFolders, type FolderPair } from '../image/oci/layer-folders.js'
import { LayerUnusable } from '../image/oci/layer-unusable.js'
import type { ImageRepository } from '../image/repository.js'
import type { Log } from '../log.js'
import { cacheFolder, ensureMovable, programOf } from '../packages/machine/virtual-environment.js'
import { findPython } from '../python/find-python.js'
import { RegistryUnusable } from '../registry/unusable.js'
import { verified } from '../registry/verified.js'
import { minorOf } from '../util/minor.js'
import { humanSize } from '../util/text.js'
import type { EnvironmentImage } from './environment.js'
import { machinePython, type MachinePython } from './machine-python.js'
import { isPackageText, missingPackages, neededGlibc, newerGlibc } from './unpacked-packages.js'

/** An environment image whose packages an interpreter of this machine gets. */
export interface UnpackedPythonOptions {
  readonly environment: EnvironmentImage
  /** The repository that has it; undefined if only a daemon has it. */
  readonly repository: ImageRepository | undefined
  /** The packages that have to be there: normalized name to version. */
  readonly packages: Readonly<Record<string, string>>
  /** A path, a command or a version; default the Python of the image. */
  readonly python: string | undefined
  /** Its key in the cache. */
  readonly cacheKey: string
  readonly cwd: string
  /** The machine's variables. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Folder of the cached environments. */
  readonly cache: string
}

/** The path of an interpreter, or why there is none, as a clause. */
export type UnpackedPython =
  | { readonly kind: 'unpacked'; readonly path: string }
  | { readonly kind: 'impossible'; readonly why: string }

/** Bytes of layers of the base image that are worth reading: installing its packages anew takes longer. */
const MOST_OF_BASE = 128 << 20

const impossible = (why: string): UnpackedPython => ({ kind: 'impossible', why })

/**
 * An interpreter of this machine with the packages of an environment image, unpacked from its layers: nothing is
 * installed. It is kept in the cache.
 *
 * @throws FlowstoreError REGISTRY for layers that are damaged, WRITE_FAILED
 */
export async function unpackedPython(
  options: UnpackedPythonOptions,
  log: Log
): Promise<UnpackedPython> {
  const { environment, repository, cache, cacheKey } = options
  const { facts, location } = environment
  const { site } = facts
  if (location.kind !== 'registry' || repository === undefined) {
    return impossible('the environment image is not in a registry that can be read from here')
  }
  if (site === undefined) {
    return impossible('the labels of the environment image do not say where its packages are')
  }
  const python = await importingPython(options)
  if (typeof python === 'string') return impossible(python)
  const folder = cacheFolder(cache, 'python', cacheKey)
  const { layers } = parseManifest(location.image.own.manifest)
  try {
    await ensureMovable(
      folder,
      async draft => {
        const began = Date.now()
        const pairs = foldersFor(site.folders, draft, python)
        const unpacked = await unpack(options, repository, { layers, ...site }, pairs, log)
        checkGlibc(unpacked.files, site.libc, python)
        await completeVirtualEnvironment(folder, draft, python, pairs, unpacked.files)
        const seconds = ((Date.now() - began) / 1000).toFixed(1)
        log.info(
          `Unpacked the packages of the environment image: ${humanSize(unpacked.bytes)} in ${seconds} s, for ${python.executable}`
        )
      },
      log
    )
  } catch (error) {
    if (error instanceof RegistryUnusable || error instanceof LayerUnusable) {
      return impossible(error.reason)
    }
    throw error
  }
  return { kind: 'unpacked', path: programOf(folder, 'python') }
}

/** The interpreter of this machine that can import the packages; else why there is none. */
async function importingPython({
  environment: { facts },
  python,
  env,
  cwd
}: UnpackedPythonOptions): Promise<MachinePython | string> {
  if (process.platform !== 'linux')
    return `its packages are for Linux, and this is ${process.platform}`
  const minor = minorOf(facts.python)
  let found: MachinePython
  try {
    const { path } = await findPython(python ?? minor, undefined, env, cwd)
    found = await machinePython(path, env)
  } catch (error) {
    if (error instanceof FlowstoreError && error.code === 'PYTHON_NOT_FOUND') return error.message
    throw error
  }
  if (found.minor !== minor) return `${found.executable} is Python ${found.minor}, not ${minor}`
  if (found.machine !== facts.machine) {
    return `its packages are for ${facts.machine}, and ${found.executable} is for ${found.machine}`
  }
  const [family, here] = [facts.site?.libc, found.libc].map(libc => libc?.split(' ')[0])
  return family === here
    ? found
    : `its packages are for ${facts.site?.libc ?? ''}, and ${found.executable} has ${found.libc}`
}

/** The folders of packages in a virtual environment; the first is its own. */
const foldersFor = (
  folders: readonly string[],
  root: string,
  { minor }: MachinePython
): FolderPair[] =>
  folders.map((image, index) => ({
    image,
    here:
      index === 0
        ? join(root, 'lib', `python${minor}`, 'site-packages')
        : join(root, 'folders', String(index))
  }))

interface PackageLayers {
  readonly layers: readonly Descriptor[]
  readonly baseLayers: number
}

/**
 * Unpacks the layers above the base image; and of the base, from its top, as many as have packages that are still
 * missing.
 */
async function unpack(
  { packages }: UnpackedPythonOptions,
  repository: ImageRepository,
  { layers, baseLayers }: PackageLayers,
  pairs: readonly FolderPair[],
  log: Log
): Promise<{ readonly files: LayerFolders; readonly bytes: number }> {
  const files = new LayerFolders(pairs, isPackageText)
  for (const { here } of pairs) await mkdir(here, { recursive: true })
  let bytes = 0
  const own = layers.slice(baseLayers).reverse()
  for (const layer of own) {
    await unpackLayer(repository, layer, files, log)
    bytes += layer.size
  }
  const folders = pairs.map(({ image }) => image)
  let left = MOST_OF_BASE
  for (const layer of layers.slice(0, baseLayers).reverse()) {
    const [first] = missingPackages(packages, folders, files.paths())
    if (first === undefined) return { files, bytes }
    left -= layer.size
    if (left < 0)
      throw new LayerUnusable(`${first} is in a layer of the base image, which is large`)
    await unpackLayer(repository, layer, files, log)
    bytes += layer.size
  }
  const [first] = missingPackages(packages, folders, files.paths())
  if (first !== undefined) throw new LayerUnusable(`its layers have no ${first}`)
  return { files, bytes }
}

const unpackLayer = (
  { client, path }: ImageRepository,
  { digest, size, mediaType }: Descriptor,
  files: LayerFolders,
  log: Log
): Promise<void> =>
  client.readBlob(path, { digest, size }, body =>
    files.addBelow(
      verified(body, digest, read => {
        log.progress(`unpacking the packages: ${humanSize(read)} of ${humanSize(size)}`)
      }),
      mediaType,
      digest
    )
  )

/** Wheels for a newer C library than this machine's can't be imported here. */
function checkGlibc(files: LayerFolders, libc: string, { libc: here }: MachinePython): void {
  const needed = neededGlibc(files.texts(), libc)
  if (needed === undefined || !newerGlibc(needed.glibc, here)) return
  throw new LayerUnusable(
    `${needed.package} needs glibc ${needed.glibc}, and this machine has ${here}`
  )
}

/** Makes the unpacked packages those of a virtual environment (Python, "site"). */
async function completeVirtualEnvironment(
  folder: string,
  draft: string,
  { executable, version, minor }: MachinePython,
  pairs: readonly FolderPair[],
  files: LayerFolders
): Promise<void> {
  await mkdir(join(draft, 'bin'), { recursive: true })
  for (const name of ['python', 'python3', `python${minor}`]) {
    await symlink(executable, join(draft, 'bin', name))
  }
  const settings = [
    `home = ${dirname(executable)}`,
    'include-system-site-packages = false',
    `version = ${version}`
  ]
  await writeFile(join(draft, 'pyvenv.cfg'), `${settings.join('\n')}\n`)
  for (const [path, text] of files.texts()) await adaptPath(path, text, pairs)
  const [own, ...others] = pairs.map(({ here }) => here)
  if (own === undefined || others.length === 0) return
  const moved = others.map(here => join(folder, here.slice(draft.length)))
  await writeFile(join(own, 'flowstore.pth'), `${moved.join('\n')}\n`)
}

/** Has a file that adds to the path of imports name no folder of the image. */
async function adaptPath(path: string, text: string, pairs: readonly FolderPair[]): Promise<void> {
  const pair = pairs.find(({ image }) => image === posix.dirname(path))
  if (pair === undefined || !path.endsWith('.pth')) return
  const name = posix.basename(path)
  const here = join(pair.here, name)
  if (/^import __editable__/m.test(text)) {
    throw new LayerUnusable(`${name} is of a package that was installed as editable`)
  }
  const lines = text.split('\n')
  // flowstore's own names folders of the image's flows.
  const kept = name === 'flowstore.pth' ? [] : lines.filter(line => !line.startsWith('/'))
  if (kept.length === lines.length) return
  await rm(here)
  await writeFile(here, kept.join('\n'))
}
