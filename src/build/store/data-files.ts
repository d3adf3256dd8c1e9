import { readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import type { LoadedFlows } from '../../flows/load.js'
import { REPOSITORY_FILES } from '../../image/flow-layer.js'
import type { Notice } from '../../log.js'
import type { ModuleFile } from '../../python/loader.js'
import type { SourceFile, Sources } from '../../sources/sources.js'
import { readingFile } from '../../util/files.js'
import { humanSize } from '../../util/text.js'

/** Above this size, in bytes, a notice names the largest data files. */
const LARGE = 10 * 1024 * 1024

/** Maximum bytes of data files. The largest are left out until the others fit. */
const MOST = 100 * 1024 * 1024

/** Files that travel with modules, and what a person should know about them. */
export interface DataFiles {
  readonly files: readonly ModuleFile[]
  readonly notices: readonly Notice[]
}

/** Destination to the source that lies there. */
type Carried = Map<string, SourceFile>

/**
 * The data files of an image's modules: declared sources that are no Python. Hidden ones and those with the name
 * of a key or a login stay behind.
 *
 * - A package takes all that is below its folder.
 * - A module that is in no package, or goes into pickles, has to know where it lies: if its text has `__file__`,
 *   it takes what is beside it and in subfolders without Python, and what its text names by a path relative to
 *   its folder or to one above.
 *
 * Files of imported modules lie beside these. Files of modules in pickles, and of values that modules compute
 * when they are loaded, lie at their paths of the repository in {@link REPOSITORY_FILES}.
 *
 * @param sources the declared sources
 * @returns paths below the folder of modules
 */
export async function dataFiles(
  sources: Sources,
  { helpers, inPickles }: Pick<LoadedFlows, 'helpers' | 'inPickles'>
): Promise<DataFiles> {
  const declared = new DeclaredFiles(sources)
  const carried: Carried = new Map()
  const notices: Notice[] = []
  const carry = (from: string, to: string, files: readonly SourceFile[]) => {
    for (const file of files) {
      const destination = posix.join(to, posix.relative(from, file.path))
      const other = carried.get(destination)
      if (other === undefined) carried.set(destination, file)
      else if (other.path !== file.path) notices.push(conflict(destination, other, file))
    }
  }
  const packages = new Set<string>()
  for (const helper of helpers) {
    const { folder, path, isPackage } = packageOf(helper, declared)
    if (isPackage) {
      // Most helpers are in few packages.
      const name = `${folder}:${path}`
      if (!packages.has(name)) carry(folder, path, declared.below(folder))
      packages.add(name)
    } else if (path !== '.' || (await declared.knowsItsPlace(helper.file))) {
      carry(folder, path, declared.beside(folder))
    }
  }
  for (const file of new Set([...inPickles, ...helpers.map(helper => helper.file)])) {
    carry('', REPOSITORY_FILES, await declared.readBy(file))
  }
  for (const { path } of helpers) carried.delete(path)
  return bounded(carried, sources.root, notices)
}

/**
 * What the module of a script storage reads, as {@link dataFiles} for a module in a pickle.
 *
 * @returns paths below the module's folder; what lies elsewhere stays behind
 */
export async function scriptData(sources: Sources, module: string): Promise<DataFiles> {
  const carried: Carried = new Map()
  for (const file of await new DeclaredFiles(sources).readBy(module)) {
    const path = posix.relative(posix.dirname(module), file.path)
    if (!path.startsWith('../') && file.path !== module) carried.set(path, file)
  }
  return bounded(carried, sources.root, [])
}

/**
 * The files that modules read, and that a storage without an image does not hold.
 *
 * @param storage its word
 * @param inPickles the modules that flows bring
 */
export async function leftBehind(
  sources: Sources,
  inPickles: readonly string[],
  storage: string
): Promise<Notice[]> {
  const declared = new DeclaredFiles(sources)
  const notices = inPickles.map(async (module): Promise<Notice[]> => {
    const files = (await declared.readBy(module)).filter(({ path }) => path !== module)
    const packaged = await declared.readAsPackage(module)
    const all = [...new Set([...files, ...packaged])]
    if (all.length === 0) return []
    const message =
      `${storage} storage has no files, and ${module} may read ${named(all)} when a flow runs: ` +
      `that works only where the repository lies at ${sources.root}. Use docker storage, or read files when the module is loaded`
    // A local storage is often read on the machine that it was made on.
    return [{ level: storage === 'local' ? 'notice' : 'warning', message, file: module }]
  })
  return (await Promise.all(notices)).flat()
}

/** Whether a module's text asks for the files of a package. */
const READS_PACKAGES = /importlib[._]resources|\bget_data\(|pkg_resources|PackageLoader\(/

/** Whether a module's text asks where the module lies. */
const KNOWS_ITS_PLACE = /__file__|getfile|getsourcefile/

/** A string of a Python file, without escapes. */
const LITERAL = /(["'])([^"'\\\n]+)\1/g

/** The declared sources, by folder. Links are followed, but only to files of the sources. */
class DeclaredFiles {
  private readonly files: ReadonlyMap<string, SourceFile>
  private readonly folders: ReadonlySet<string>
  private readonly pythonFolders: ReadonlySet<string>
  private readonly texts = new Map<string, Promise<string>>()
  private readonly dataBelow = new Map<string, readonly SourceFile[]>()
  private readonly dataBeside = new Map<string, readonly SourceFile[]>()

  constructor(private readonly sources: Sources) {
    const plain = new Map(
      sources.files.filter(file => file.link === undefined).map(file => [file.path, file])
    )
    const linked = sources.files.flatMap((file): [string, SourceFile][] => {
      if (file.link === undefined) return []
      const target = plain.get(posix.join(posix.dirname(file.path), file.link))
      return target === undefined ? [] : [[file.path, { ...target, path: file.path }]]
    })
    this.files = new Map([...plain, ...linked])
    this.folders = new Set([...this.files.keys()].flatMap(foldersAbove))
    const python = [...this.files.keys()].filter(path => path.endsWith('.py'))
    this.pythonFolders = new Set(python.map(path => posix.dirname(path)))
  }

  has(path: string): boolean {
    return this.files.has(path)
  }

  /** The data files below a folder. */
  below(folder: string): readonly SourceFile[] {
    return remembered(this.dataBelow, folder, () => {
      if (!this.folders.has(folder)) return []
      const prefix = folder === '.' ? '' : `${folder}/`
      return [...this.files.values()].filter(
        ({ path }) => path.startsWith(prefix) && isData(path.slice(prefix.length))
      )
    })
  }

  /** The data files in a folder, and below subfolders without Python. */
  beside(folder: string): readonly SourceFile[] {
    const hasNoPython = ({ path }: SourceFile) => {
      for (let at = posix.dirname(path); at !== folder; at = posix.dirname(at)) {
        if (this.pythonFolders.has(at)) return false
      }
      return true
    }
    return remembered(this.dataBeside, folder, () => this.below(folder).filter(hasNoPython))
  }

  async knowsItsPlace(module: string): Promise<boolean> {
    return KNOWS_ITS_PLACE.test(await this.text(module))
  }

  /**
   * A module that knows its place, and the files that it may read from there; none for any other module. Only what
   * is below the root has a place in {@link REPOSITORY_FILES}.
   */
  async readBy(module: string): Promise<SourceFile[]> {
    if (module.startsWith('../')) return []
    const text = await this.text(module)
    if (!KNOWS_ITS_PLACE.test(text)) return []
    const literals = [...text.matchAll(LITERAL)].map(match => match[2] ?? '')
    const found = [module, ...new Set(literals)].flatMap(literal => this.named(module, literal))
    return [...new Set([...this.beside(posix.dirname(module)), ...found])]
  }

  /** The files of a module's package, if the module asks for the files of packages. */
  async readAsPackage(module: string): Promise<readonly SourceFile[]> {
    const folder = posix.dirname(module)
    if (!this.has(`${folder}/__init__.py`)) return []
    return READS_PACKAGES.test(await this.text(module)) ? this.below(folder) : []
  }

  /** What a path names, seen from the folder of a module, else from the nearest folder above it. */
  private named(module: string, literal: string): readonly SourceFile[] {
    if (posix.isAbsolute(literal)) return []
    for (let folder = module; folder !== '.';) {
      folder = posix.dirname(folder)
      const path = posix.join(folder, literal)
      const file = this.files.get(path)
      if (file !== undefined) return mayTravel(path) ? [file] : []
      // Not a folder that has the module itself, such as `.`.
      if (path !== '.' && !module.startsWith(`${path}/`)) {
        const files = this.beside(path.replace(/\/$/, ''))
        if (files.length > 0) return files
      }
    }
    return []
  }

  private text(module: string): Promise<string> {
    return remembered(this.texts, module, async () => {
      // Untrusted code named the module.
      if (!this.files.has(module) || !module.endsWith('.py')) return ''
      const file = join(this.sources.root, module)
      return readingFile(file, readFile(file, 'utf8'))
    })
  }
}

/** The value of a key, found only once. */
function remembered<T>(known: Map<string, T>, key: string, find: () => T): T {
  const found = known.get(key) ?? find()
  known.set(key, found)
  return found
}

/** The folders that a path lies in, the root as `.`. */
function foldersAbove(path: string): string[] {
  const folder = posix.dirname(path)
  return folder === '.' ? [folder] : [folder, ...foldersAbove(folder)]
}

/** Names of files with secrets, which an earlier step of a job may leave in the work tree. */
const SECRETS =
  /(^|\/)(gha-creds-[^/]*\.json|[^/]*credentials[^/]*\.json|kubeconfig|id_(rsa|dsa|ecdsa|ed25519)|[^/]*\.(pem|key|p12|pfx|jks|keystore))$/i

/** Whether a file may travel without being asked for: nothing hidden, no secret. */
const mayTravel = (path: string): boolean => !/(^|\/)\./.test(path) && !SECRETS.test(path)

/** Whether a path below a folder is data. */
const isData = (path: string): boolean => mayTravel(path) && !/\.pyi?$/.test(path)

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

const conflict = (destination: string, one: SourceFile, other: SourceFile): Notice => ({
  level: 'warning',
  message: `${one.path} and ${other.path} have the same place in the image, ${destination}: only ${one.path} is there. Rename one of the two`
})

const named = (files: readonly SourceFile[]): string => {
  const names = files.slice(0, 3).map(file => `${file.path} (${humanSize(file.size)})`)
  return files.length > names.length
    ? `${names.join(', ')}, ... (${files.length})`
    : names.join(', ')
}

/** The files that fit into an image, with notices about large ones. */
function bounded(carried: Carried, root: string, notices: readonly Notice[]): DataFiles {
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
  const all = [...notices]
  if (left.length > 0) {
    all.push({
      level: 'warning',
      message: `data files of more than ${humanSize(MOST)} do not travel with the flows; not in the image: ${named(left)}. If flows read them, name them in files; else exclude them with .dockerignore`
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
