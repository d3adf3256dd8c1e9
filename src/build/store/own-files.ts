import { posix, resolve } from 'node:path'
import { subject } from '../../flows/messages.js'
import { MODULES_FOLDER } from '../../prefect/pickled-flows.js'
import type { Notice } from '../../log.js'
import { ruleFor, sourceRules } from '../../sources/source-rules.js'
import type { SourceFile } from '../../sources/sources.js'
import { textIfThere } from '../../util/files.js'
import { isHidden, type DeclaredFiles } from './declared-files.js'
import { isAbove, isInRepository, type OwnPath, type PathInputs, type Place } from './own-paths.js'

/** The files that a path from `__file__` names and that travel, or what a person should know. */
interface Named {
  readonly files: readonly SourceFile[]
  readonly notice?: Notice | undefined
}

/** Finds what modules name by a path from `__file__`. */
export class OwnFiles {
  private brought: Promise<(path: string) => boolean> | undefined

  /** @param paths all paths that modules build from `__file__` */
  constructor(
    private readonly inputs: PathInputs,
    private readonly declared: DeclaredFiles,
    private readonly paths: readonly OwnPath[]
  ) {}

  /**
   * What a path names.
   *
   * @param place of its module
   * @param within the folder of the image that can have files
   * @param own the folder whose files travel anyway; default that of the module
   */
  async of(
    read: OwnPath,
    place: Place,
    within: string,
    own: string = posix.dirname(read.file)
  ): Promise<Named> {
    const { name, file, kind } = read
    const above = isAbove(name, file)
    if (above && (kind === 'file' || name === own || name.startsWith(`${own}/`))) return NOTHING
    const found = above ? await this.namedBelow(read) : this.declared.at(name)
    const [first] = found
    if (first !== undefined && place(first.path).startsWith(`${within}/`)) return { files: found }
    this.brought ??= broughtPaths(this.inputs)
    if ((await this.brought)(place(name))) return NOTHING
    if (first !== undefined) return { files: [], notice: elsewhereNotice(read, place, within) }
    if (above) return { files: [], notice: belowNotice(read, place) }
    const behind = await whyBehind(read, place, within, this.inputs, this.declared)
    return { files: [], notice: behind && behindNotice(read, behind) }
  }

  /** What other texts of a module name below a folder, for a path whose end only a run tells. */
  private async namedBelow({ name, file }: OwnPath): Promise<readonly SourceFile[]> {
    const others = this.paths.filter(path => path.file === file && !isAbove(path.name, file))
    const known = new Set(others.flatMap(path => this.declared.at(path.name)))
    const files = await this.declared.elsewhere(file)
    const isBelow = ({ path }: SourceFile) => name === '.' || path.startsWith(`${name}/`)
    return files.filter(each => !known.has(each) && isBelow(each))
  }
}

const NOTHING: Named = { files: [] }

/** The paths of the image to which the user's own options may copy files. */
async function broughtPaths({ options, sources }: PathInputs): Promise<(path: string) => boolean> {
  const { dockerfile, extraDockerfileCommands, files } = options
  const text = dockerfile === undefined ? '' : await textIfThere(resolve(sources.root, dockerfile))
  const all = [text ?? '', ...extraDockerfileCommands].join('\n')
  // Instructions may copy anything there.
  if (all.includes(MODULES_FOLDER)) return () => true
  const destinations = files.map(({ destination }) => destination)
  const isIn = (path: string, folder: string) =>
    path === folder || path.startsWith(folder === '/' ? folder : `${folder}/`)
  return path => destinations.some(each => isIn(path, each) || isIn(each, path))
}

/** Why a file or folder stays behind, and what brings it. */
interface Behind {
  readonly why: string
  readonly remedy: string
}

/**
 * Why what a module reads is not among the files that travel.
 *
 * @param place of the module
 * @returns undefined if the repository does not have it, or if it is a folder without data
 * @throws FlowstoreError FILE_UNREADABLE
 */
async function whyBehind(
  { name }: OwnPath,
  place: Place,
  within: string,
  { sources, leftOut, options }: PathInputs,
  declared: DeclaredFiles
): Promise<Behind | undefined> {
  if (!(await isInRepository(sources.root, name))) return undefined
  const inFiles = `'files: ${name}:${place(name)}'`
  // A source travels only if the image can have it where the module looks.
  const inSources = place(name).startsWith(`${within}/`) ? `'sources: ${name}'` : inFiles
  if (declared.hasSecret(name)) {
    return {
      why: 'it is named like a key or a login',
      remedy: `To have it in the image, where all who can pull the image can read it, add ${inFiles}`
    }
  }
  if (isHidden(name)) return { why: 'it is hidden', remedy: `Add ${inFiles}` }
  // A folder of Python, or one with hidden files alone.
  if (declared.hasFolder(name)) return undefined
  if (name.startsWith('../')) {
    return { why: 'it is outside the working directory', remedy: `Add ${inFiles}` }
  }
  const left = leftOut.find(({ file }) => file.path === name || file.path.startsWith(`${name}/`))
  if (left?.why === 'the option sources') {
    const line = ruleFor(sourceRules(options.sources), left.file.path)?.line ?? '!'
    return {
      why: `the line '${line}' of the option sources leaves it out`,
      remedy: `Add ${inSources} after that line`
    }
  }
  return {
    why: left ? `it is left out as ${left.why}` : '.gitignore or .dockerignore excludes it',
    remedy: `Add ${inSources}`
  }
}

/** The warning about what a module reads and does not find in the image. */
const behindNotice = ({ name, flows, file, line }: OwnPath, { why, remedy }: Behind): Notice => ({
  level: 'warning',
  message: `${subject(flows)} may read '${name}', which does not travel: ${why}. ${remedy}`,
  file,
  line
})

/** The warning about what a module looks for where a layer of flows has no files. */
const elsewhereNotice = (read: OwnPath, place: Place, within: string): Notice =>
  behindNotice(read, {
    why: `${read.file} looks for it at ${place(read.name)}, outside ${within}`,
    remedy: `Add 'files: ${read.name}:${place(read.name)}'`
  })

/** The warning about what a module reads below a folder, by a name that only a run tells. */
const belowNotice = ({ name, flows, file, line }: OwnPath, place: Place): Notice => {
  const example = posix.join(name, 'NAME')
  return {
    level: 'warning',
    message:
      `${subject(flows)} may read files of the folder '${name}' by names that only a run tells: they do not travel. ` +
      `Add each as 'files: ${example}:${place(example)}', or write the names in the code`,
    file,
    line
  }
}
