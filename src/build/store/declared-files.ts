import { join, posix } from 'node:path'
import type { SourceFile, Sources } from '../../sources/sources.js'
import { readWhole } from '../../util/file-parts.js'

/** Whether a module's text asks for the files of a package. */
const READS_PACKAGES = /importlib[._]resources|\bget_data\(|pkg_resources|PackageLoader\(/

/** Whether a module's text asks where the module lies. */
const KNOWS_ITS_PLACE = /__file__|getfile|getsourcefile/

/** A string of a Python file, without escapes. */
const LITERAL = /(["'])([^"'\\\n]+)\1/g

/** The declared sources, by folder. Links are followed, but only to files of the sources. */
export class DeclaredFiles {
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

  hasFolder(path: string): boolean {
    return this.folders.has(path)
  }

  /** Whether a path has the name of a key or a login, or is a folder whose files with such names are declared. */
  hasSecret(path: string): boolean {
    if (SECRETS.test(path)) return true
    if (!this.folders.has(path)) return false
    return [...this.files.keys()].some(each => each.startsWith(`${path}/`) && SECRETS.test(each))
  }

  /** The files that a path names: itself, or the data of a folder. */
  at(path: string): readonly SourceFile[] {
    const file = this.files.get(path)
    if (file !== undefined) return mayTravel(path) ? [file] : []
    return this.beside(path)
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

  /** What {@link readBy} finds elsewhere than beside the module. */
  async elsewhere(module: string): Promise<readonly SourceFile[]> {
    const beside = new Set(this.beside(posix.dirname(module)))
    const files = await this.readBy(module)
    return files.filter(file => file.path !== module && !beside.has(file))
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
      if (this.files.has(path)) return path.startsWith('../') ? [] : this.at(path)
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
      return (await readWhole(join(this.sources.root, module))).toString()
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

/** Whether a part of a path is hidden. */
export const isHidden = (path: string): boolean => /(^|\/)\.(?!\.?(\/|$))/.test(path)

/** Whether a file may travel without being asked for: nothing hidden, no secret. */
const mayTravel = (path: string): boolean => !isHidden(path) && !SECRETS.test(path)

/** Whether a path below a folder is data. */
const isData = (path: string): boolean => mayTravel(path) && !/\.pyi?$/.test(path)
