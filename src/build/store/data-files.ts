import { join, posix } from 'node:path'
import type { LoadedFlows } from '../../flows/load.js'
import { REPOSITORY_FILES } from '../../image/flow-layer.js'
import { MODULES_FOLDER } from '../../prefect/pickled-flows.js'
import type { Notice } from '../../log.js'
import type { ModuleFile } from '../../python/loader.js'
import type { SourceFile } from '../../sources/sources.js'
import { statIfThere } from '../../util/files.js'
import { humanSize } from '../../util/text.js'
import { DeclaredFiles } from './declared-files.js'
import { OwnFiles } from './own-files.js'
import {
  helperPlace,
  inPicklePlace,
  isAbove,
  isInRepository,
  ownPaths,
  scriptPlace,
  type OwnPath,
  type PathInputs
} from './own-paths.js'

/** Above this size, in bytes, a notice names the largest data files. */
const LARGE = 10 * 1024 * 1024

/** Maximum bytes of data files. The largest are left out until the others fit. */
const MOST = 100 * 1024 * 1024

/** Files that travel with modules, and what a person should know about them. */
export interface DataFiles {
  readonly files: readonly ModuleFile[]
  readonly notices: readonly Notice[]
}

/**
 * The data files of an image's modules: declared sources that are no Python. Hidden ones and those with the name
 * of a key or a login stay behind.
 *
 * - A package takes all that is below its folder.
 * - A module that is in no package, or goes into pickles, has to know where it lies: if its text has `__file__`,
 *   it takes what is beside it and in subfolders without Python, and what its text names by a path relative to
 *   its folder or to one above.
 *
 * - What a module names by a path from `__file__` travels to where the module will look for it.
 *
 * Files of imported modules lie beside these. Files of modules in pickles, and of values that modules compute
 * when they are loaded, lie at their paths of the repository in {@link REPOSITORY_FILES}.
 *
 * @param script the module that is stored as a script, if there is one: {@link scriptData} has its files
 * @returns paths below the folder of modules
 */
export async function dataFiles(
  inputs: PathInputs,
  { helpers, inPickles, risks }: Pick<LoadedFlows, 'helpers' | 'inPickles' | 'risks'>,
  script?: string
): Promise<DataFiles> {
  const { sources } = inputs
  const declared = new DeclaredFiles(sources)
  const carried = new CarriedFiles()
  const notices: Notice[] = []
  const packages = new Set<string>()
  for (const helper of helpers) {
    const { folder, path, isPackage } = packageOf(helper, declared)
    if (isPackage) {
      // Most helpers are in few packages.
      const name = `${folder}:${path}`
      if (!packages.has(name)) carried.add(folder, path, declared.below(folder))
      packages.add(name)
    } else if (path !== '.' || (await declared.knowsItsPlace(helper.file))) {
      carried.add(folder, path, declared.beside(folder))
    }
  }
  const pickled = inPickles.filter(file => file !== script)
  for (const file of new Set([...pickled, ...helpers.map(helper => helper.file)])) {
    carried.add('', REPOSITORY_FILES, await declared.readBy(file))
  }
  const paths = ownPaths(risks)
  const own = new OwnFiles(inputs, declared, paths)
  for (const read of paths) {
    const imported = helpers.filter(helper => helper.file === read.file)
    for (const helper of imported) {
      const place = helperPlace(helper)
      const { files, notice } = await own.of(
        read,
        place,
        MODULES_FOLDER,
        packageOf(helper, declared).folder
      )
      for (const file of files)
        carried.put(posix.relative(MODULES_FOLDER, place(file.path)), file, read)
      if (notice !== undefined) notices.push(notice)
    }
    if (imported.length === 0 && !pickled.includes(read.file)) continue
    const { files, notice } = await own.of(read, inPicklePlace, MODULES_FOLDER)
    // Values that modules compute from a helper's paths go into pickles too.
    for (const file of files) carried.put(posix.join(REPOSITORY_FILES, file.path), file, read)
    if (notice !== undefined && imported.length === 0) notices.push(notice)
  }
  carried.leaveRoomFor(helpers)
  return bounded(carried, sources.root, notices)
}

/**
 * What the module of a script storage reads, as {@link dataFiles} for a module in a pickle.
 *
 * @param location the module's path in the image
 * @returns paths below the module's folder; a warning names what the module looks for elsewhere
 */
export async function scriptData(
  inputs: PathInputs,
  { risks }: Pick<LoadedFlows, 'risks'>,
  module: string,
  location: string
): Promise<DataFiles> {
  const declared = new DeclaredFiles(inputs.sources)
  const carried = new CarriedFiles()
  const folder = posix.dirname(location)
  for (const file of await declared.readBy(module)) {
    const path = posix.relative(posix.dirname(module), file.path)
    if (!path.startsWith('../') && file.path !== module) carried.put(path, file)
  }
  const paths = ownPaths(risks)
  const own = new OwnFiles(inputs, declared, paths)
  const place = scriptPlace(module, location)
  const notices: Notice[] = []
  for (const read of paths.filter(({ file }) => file === module)) {
    const { files, notice } = await own.of(read, place, folder)
    for (const file of files) carried.put(posix.relative(folder, place(file.path)), file, read)
    if (notice !== undefined) notices.push(notice)
  }
  return bounded(carried, inputs.sources.root, notices)
}

/** Modules that the notice of {@link leftBehind} names. */
const MOST_NAMED = 10

/**
 * The notice about files that modules read, and that a storage without an image does not hold; undefined if there are
 * none.
 *
 * @param storage its word
 */
export async function leftBehind(
  inputs: PathInputs,
  { inPickles, risks }: Pick<LoadedFlows, 'inPickles' | 'risks'>,
  storage: string
): Promise<Notice | undefined> {
  const { sources } = inputs
  const declared = new DeclaredFiles(sources)
  const own = ownPaths(risks)
  const reading: { module: string; files: readonly NamedFile[] }[] = []
  for (const module of inPickles) {
    const files = (await declared.readBy(module)).filter(({ path }) => path !== module)
    const packaged = await declared.readAsPackage(module)
    const reads = own.filter(({ file, name }) => file === module && !isAbove(name, module))
    const sizes = await Promise.all(reads.map(read => sizesOf(sources.root, read.name, declared)))
    const all = new Map([...files, ...packaged, ...sizes.flat()].map(file => [file.path, file]))
    if (all.size > 0) reading.push({ module, files: [...all.values()] })
  }
  const [first] = reading
  if (first === undefined) return undefined
  const one = reading.length === 1
  const readers = one
    ? `${first.module} may read ${named(first.files)} when a flow runs`
    : `${reading.length} modules may read some when a flow runs: ${modulesText(reading)}`
  const message =
    `${storage} storage holds no data files, but ${readers}. ` +
    `That works only where the repository lies at ${sources.root}. Use docker storage, or read the files when the ${one ? 'module is' : 'modules are'} loaded`
  return {
    // A local storage is often read on the machine that it was made on.
    level: storage === 'local' ? 'notice' : 'warning',
    message,
    file: one ? first.module : undefined
  }
}

/** The first modules with one of their files each, and the count of the others. */
function modulesText(
  reading: readonly { readonly module: string; readonly files: readonly NamedFile[] }[]
): string {
  const shown = reading
    .slice(0, MOST_NAMED)
    .map(
      ({ module, files }) => `${module} (${files[0]?.path ?? ''}${files.length > 1 ? ', ...' : ''})`
    )
  const more = reading.length - shown.length
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** The files that a path names: of the sources, else a file of the repository that is no source. */
async function sizesOf(
  root: string,
  path: string,
  declared: DeclaredFiles
): Promise<readonly NamedFile[]> {
  const files = declared.at(path)
  if (files.length > 0 || !(await isInRepository(root, path))) return files
  const found = await statIfThere(join(root, path))
  return found?.isFile() ? [{ path, size: found.size }] : []
}

/** The files that an image gets, by their destinations. */
class CarriedFiles {
  readonly files = new Map<string, SourceFile>()
  readonly notices: Notice[] = []
  private readonly reads = new Map<string, OwnPath>()

  /** Adds files of a folder, below another. */
  add(from: string, to: string, files: readonly SourceFile[]): void {
    for (const file of files) this.put(posix.join(to, posix.relative(from, file.path)), file)
  }

  /** @param read the path in a module that names the file */
  put(destination: string, file: SourceFile, read?: OwnPath): void {
    const other = this.files.get(destination)
    if (read !== undefined) this.reads.set(destination, read)
    if (other === undefined) this.files.set(destination, file)
    else if (other.path !== file.path) this.notices.push(conflict(destination, other, file, read))
  }

  /** Leaves out what has the place of a module. */
  leaveRoomFor(helpers: LoadedFlows['helpers']): void {
    for (const { file, path } of helpers) {
      const other = this.files.get(path)
      if (other !== undefined && other.path !== file) {
        this.notices.push(conflict(path, { path: file }, other, this.reads.get(path)))
      }
      this.files.delete(path)
    }
  }
}

interface Package {
  /** Its folder in the repository. */
  readonly folder: string
  /** Its folder below an entry of `sys.path`. */
  readonly path: string
  readonly isPackage: boolean
}

/** The outermost package of a helper module; of a module without one its folder. */
function packageOf(
  { file, path }: LoadedFlows['helpers'][number],
  declared: DeclaredFiles
): Package {
  const importRoot = file.endsWith(path) ? file.slice(0, -path.length) : undefined
  for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) {
    const folder = `${importRoot ?? ''}${path.slice(0, end)}`
    if (importRoot !== undefined && declared.has(`${folder}/__init__.py`)) {
      return { folder, path: path.slice(0, end), isPackage: true }
    }
  }
  return { folder: posix.dirname(file), path: posix.dirname(path), isPackage: false }
}

type NamedFile = Pick<SourceFile, 'path' | 'size'>

const conflict = (
  destination: string,
  { path: one }: Pick<SourceFile, 'path'>,
  { path: other }: SourceFile,
  { file, line }: Partial<OwnPath> = {}
): Notice => ({
  level: 'warning',
  message: `${one} and ${other} have the same place in the image, ${destination}: only ${one} is there. Rename one of the two`,
  ...(file === undefined ? {} : { file, line })
})

const named = (files: readonly NamedFile[]): string => {
  const names = files.slice(0, 3).map(file => `${file.path} (${humanSize(file.size)})`)
  return files.length > names.length
    ? `${names.join(', ')}, ... (${files.length})`
    : names.join(', ')
}

/** The files that fit into an image, with notices about large ones. */
function bounded(
  { files: carried, notices: conflicts }: CarriedFiles,
  root: string,
  notices: readonly Notice[]
): DataFiles {
  const bySize = [...carried.entries()].sort(([, one], [, other]) => other.size - one.size)
  let total = bySize.reduce((sum, [, { size }]) => sum + size, 0)
  const isLarge = total > LARGE
  const left: SourceFile[] = []
  while (total > MOST) {
    const [destination, file] = bySize.shift() as [string, SourceFile]
    carried.delete(destination)
    left.push(file)
    total -= file.size
  }
  const files = [...carried]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([path, { path: source, size, executable }]) => ({
      source: join(root, source),
      path,
      size,
      ...(executable ? { mode: 0o755 } : {})
    }))
  const all = [...conflicts, ...notices]
  if (left.length > 0) {
    all.push({
      level: 'warning',
      message: `data files of more than ${humanSize(MOST)} do not travel with the flows; not in the image: ${named(left)}. If flows read them, add each to the option files as SOURCE:/absolute/destination; else exclude them with .dockerignore`
    })
  } else if (isLarge) {
    const largest = bySize.map(([, file]) => file)
    all.push({
      level: 'notice',
      message: `data files of ${humanSize(total)} travel with the flows: ${named(largest)}; exclude files with .dockerignore`
    })
  }
  return { files, notices: all }
}
