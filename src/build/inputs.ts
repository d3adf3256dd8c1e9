import { basename, isAbsolute, join, resolve } from 'node:path'
import { repositoryName } from '../ci/index.js'
import { FlowstoreError, throwAll } from '../errors.js'
import type { Log } from '../log.js'
import { lacksRegistry, missingRegistry } from '../options/checks.js'
import type { Options } from '../options/options.js'
import { ownTags } from '../options/values/tags.js'
import { ownPackageFiles } from '../packages/own-package-files.js'
import { projectSources } from '../packages/project-sources.js'
import { localPaths, readRequirements } from '../packages/read-requirements.js'
import { prefectRequest, type Requirements } from '../packages/requirements.js'
import { pickledFlowLine, type PickledFlowLine } from '../prefect/pickled-flow-line.js'
import { toRepository } from '../registry/reference.js'
import type { ChosenSources } from '../sources/choose.js'
import { withFiles, withFolders } from '../sources/listing.js'
import { notebookText, type FlowModule } from '../sources/modules.js'
import { requireInside } from '../sources/outermost-folder.js'
import { repositorySources } from '../sources/repository-sources.js'
import { largestFiles, type Sources } from '../sources/sources.js'
import { likeStandardLibrary } from '../sources/standard-library.js'
import { readWhole } from '../util/file-parts.js'
import { inTheWay } from '../util/files.js'
import { pathBelow } from '../util/relative-path.js'
import { humanSize } from '../util/text.js'
import type { Services, Surroundings } from './services.js'
import { loadVariables } from './load-variables.js'
import { committedOnly, warnOfValues } from './untrusted-code.js'

/** The inputs of a build: options, sources, flow modules, requirements. */
export interface BuildInputs {
  readonly options: Options
  /** What a load sees, and what the key of an image covers. */
  readonly sources: Sources
  /** Files of the repository that are not sources. */
  readonly leftOut: ChosenSources['leftOut']
  readonly modules: readonly FlowModule[]
  /** Folders to import modules from, relative to the working directory: the option `python-path`. */
  readonly importRoots: readonly string[]
  readonly requirements: Requirements
  /** Shows that the flows are of Prefect 0.5 to 1.4; looked for if the requirements allow several releases. */
  readonly pickledFlow?: PickledFlowLine | undefined
  /** Variables that modules see while they are loaded; nothing may keep their values. */
  readonly loadVariables: Readonly<Record<string, string>>
}

/** Above this size, in bytes, a notice names the largest sources: each load copies or reads them. */
const LARGE_SOURCES = 100 * 1024 * 1024

/**
 * Reads the inputs of a build from the repository.
 *
 * @throws FlowstoreError MODULE_NOT_FOUND, FILE_NOT_FOUND, UNTRUSTED_CODE, MISSING_OPTION for a push without a
 * registry, INVALID_OPTION for a tag of another image, and what {@link readRequirements} throws
 */
export async function readInputs(options: Options, services: Services): Promise<BuildInputs> {
  const { cwd, log } = services
  const variables = loadVariables(options, services)
  await requirePathsInside(options, cwd)
  await requireFolder(options, cwd)
  const requireCommitted = await committedOnly(options, outputFolder(options, cwd), services)
  await warnOfValues(options, services)
  const found = await repositorySources(cwd, options)
  const { sources, leftOut, importRoots, discovered } = found
  const { modules, notebooks, notices } = discovered
  logSources(sources, modules, log)
  logLeftOut(found, log)
  for (const notice of notices) log.notice(notice)
  await noticeNotebooks(sources, notebooks, log)
  warnOfStandardNames(sources, importRoots, log)
  requireCommitted(found.listed.files.map(file => file.path))
  // Otherwise modules may name the image.
  if (options.registryUrl !== undefined && options.imageName !== undefined) {
    tagTemplates(options, services)
  }
  if (lacksRegistry(options) && !(await mentions(sources, 'registry_url'))) throw missingRegistry()
  const requirements = await optionRequirements(options, services)
  const all = await withLocalPaths(sources, requirements, [options.outputDirectory])
  requireCommitted([
    ...requirements.texts.keys(),
    ...(requirements.exported?.read ?? []),
    ...all.files.map(file => file.path)
  ])
  return {
    options,
    sources: all,
    leftOut,
    modules,
    importRoots,
    requirements,
    pickledFlow: await shownPickledFlow(options, requirements, modules, cwd),
    loadVariables: variables
  }
}

/** The sources with what requirements name by path, even if an ignore file excludes it. */
async function withLocalPaths(
  sources: Sources,
  requirements: Requirements,
  exclude: readonly string[]
): Promise<Sources> {
  const { archives, outside } = await localPaths(sources.root, requirements)
  const all = await withFolders(sources, outside, exclude)
  return archives.length === 0 ? all : withFiles(all, archives)
}

/**
 * Refuses relative paths that lead out of the git repository. An absolute path may lie anywhere: an earlier step can
 * write a file outside the work tree.
 */
async function requirePathsInside(options: Options, cwd: string): Promise<void> {
  const { requirementsFile, dockerfile, dockerignore, files, prefectFile } = options
  const paths = [
    ['requirements-file', requirementsFile],
    ['dockerfile', dockerfile],
    ['dockerignore', dockerignore],
    ...files.map(({ source }) => ['files', source] as const),
    ...prefectFile.map(path => ['prefect-file', path] as const)
  ] as const
  for (const [option, path] of paths) {
    if (path === undefined || isAbsolute(path)) continue
    await requireInside(cwd, resolve(cwd, path), `'${path}' in the option ${option}`)
  }
}

/** The output directory, relative to the working directory; undefined if it is not a folder below it. */
export function outputFolder({ outputDirectory }: Options, cwd: string): string | undefined {
  const below = pathBelow(cwd, resolve(cwd, outputDirectory))
  return below === '' ? undefined : below
}

/**
 * Refuses a folder for local storage that can't be one, before flows are loaded.
 *
 * @throws FlowstoreError INVALID_OPTION
 */
async function requireFolder({ directory, storage }: Options, cwd: string): Promise<void> {
  if (storage !== 'local' || directory === undefined || directory.startsWith('~')) return
  const other = await inTheWay(resolve(cwd, directory))
  if (other === undefined) return
  throw new FlowstoreError(
    'INVALID_OPTION',
    `'${directory}' in the option directory can't be a folder: ${other} is none`
  )
}

/** Whether a word is in a Python file of the sources: modules may set an option with it. */
async function mentions({ root, files }: Sources, word: string): Promise<boolean> {
  for (const { path, link } of files) {
    if (link !== undefined || !path.endsWith('.py')) continue
    if (await hasWord(join(root, path), word)) return true
  }
  return false
}

const hasWord = async (file: string, word: string): Promise<boolean> =>
  (await readWhole(file)).includes(word)

async function shownPickledFlow(
  { prefectVersion }: Options,
  requirements: Requirements,
  modules: readonly FlowModule[],
  root: string
): Promise<PickledFlowLine | undefined> {
  const { option, pin, range } = prefectRequest(prefectVersion, requirements)
  return option === undefined && pin === undefined && range !== undefined
    ? pickledFlowLine(moduleTexts(modules, root))
    : undefined
}

/** The texts of modules, by their paths. */
export async function* moduleTexts(
  modules: readonly FlowModule[],
  root: string
): AsyncGenerator<readonly [string, string]> {
  for (const { file } of modules) {
    const path = join(root, file)
    yield [file, (await readWhole(path)).toString()]
  }
}

/** Says that flows in notebooks are not found; a notebook that does not name Prefect has none. */
async function noticeNotebooks(
  { root, files }: Sources,
  notebooks: readonly string[],
  log: Log
): Promise<void> {
  if (notebooks.length === 0) return
  const links = new Set(files.filter(({ link }) => link !== undefined).map(({ path }) => path))
  for (const file of notebooks) {
    if (links.has(file) || !(await hasWord(join(root, file), 'prefect'))) continue
    log.notice({ level: 'notice', message: notebookText(file), file })
  }
}

/** Warns of modules that hide one of Python's, or are hidden by it. */
function warnOfStandardNames({ files }: Sources, roots: readonly string[], log: Log): void {
  const paths = files.map(({ path }) => path)
  for (const file of likeStandardLibrary(paths, roots)) {
    log.notice({
      level: 'warning',
      message: `${file} has the name of a module of Python's standard library: an import may get the other one here or in a run. Give it another name, or move it into a package`,
      file
    })
  }
}

/**
 * What an installation of requirements sees of the repository: the sources without the flow modules that are in no
 * package ({@link projectSources}), and the files that its packages name, such as a readme, which only an
 * installation needs.
 *
 * @throws FlowstoreError FILE_UNREADABLE, FILE_CHANGED
 */
export async function installedSources({
  sources,
  modules,
  leftOut,
  requirements
}: BuildInputs): Promise<Sources> {
  const flows = modules.map(({ file }) => file)
  const built = await projectSources(sources, flows, requirements)
  if (requirements.local.length === 0 || leftOut.length === 0) return built
  const files = await ownPackageFiles(
    sources,
    leftOut.map(({ file }) => file.path)
  )
  return files.length === 0 ? built : withFiles(built, files)
}

/** The inputs of a build with other options: their requirements are read again. */
export const withOptions = async (
  inputs: BuildInputs,
  options: Options,
  services: Services
): Promise<BuildInputs> => ({
  ...inputs,
  options,
  requirements: await optionRequirements(options, services)
})

const optionRequirements = (
  { pythonDependencies, requirementsFile, extras, groups, package: member }: Options,
  { cwd, env, cache, log }: Services
): Promise<Requirements> =>
  readRequirements(
    cwd,
    pythonDependencies,
    requirementsFile,
    { env, cache, log },
    { extras, groups, package: member }
  )

function logSources(sources: Sources, modules: readonly FlowModule[], log: Log): void {
  const { files, size } = sources
  log.info(
    `${modules.length} ${modules.length === 1 ? 'module' : 'modules'} to search for flows; ${files.length} source ${files.length === 1 ? 'file' : 'files'}, ${humanSize(size)}`
  )
  if (size <= LARGE_SOURCES) return
  const largest = largestFiles(sources, 3).map(file => `${file.path} (${humanSize(file.size)})`)
  log.notice({
    level: 'notice',
    message: `the sources are large (${humanSize(size)}): ${largest.join(', ')}; exclude files with .dockerignore`
  })
}

/**
 * Counts what is not a source, and names the lines of the option `sources` that do nothing. Files of version control
 * are not counted: no flow reads them.
 */
function logLeftOut({ leftOut, unused }: ChosenSources, log: Log): void {
  const kinds = new Map<string, string[]>()
  for (const { why, file } of leftOut) {
    if (why !== 'version control') kinds.set(why, [...(kinds.get(why) ?? []), file.path])
  }
  const byOption = kinds.get('the option sources')?.length ?? 0
  kinds.delete('the option sources')
  if (kinds.size > 0) {
    const parts = [...kinds].map(
      ([why, [first = '', ...more]]) =>
        `${more.length === 0 ? first : `${more.length + 1} files`} (${why})`
    )
    log.info(
      `Left out of the sources, since flows rarely read them: ${parts.join(', ')}. If a flow does, name the file in the option sources`
    )
  }
  if (byOption > 0) log.info(`Left out by lines with ! in the option sources: ${byOption}`)
  for (const line of unused) {
    log.notice({
      level: 'warning',
      message: `the line '${line}' of the option sources matches no file`
    })
  }
}

/** The folder of local storage for sources: the option `directory`, else one in the output directory. */
export const localFolder = ({ directory, outputDirectory }: Options, cwd: string): string =>
  resolve(cwd, directory ?? join(outputDirectory, 'sources'))

/** The image's name below its registry: the option, else the repository's name. */
export const imageNameOf = ({ imageName }: Options, { cwd, env }: Surroundings): string =>
  imageName ?? toRepository(repositoryName(env) ?? basename(cwd))

/** The name of the folder in an image that has the sources: the last part of the image's name. */
export const projectName = (options: Options, surroundings: Surroundings): string =>
  basename(imageNameOf(options, surroundings))

/** The image's name with its registry, if it has one. */
export function fullImageName(options: Options, surroundings: Surroundings): string {
  const name = imageNameOf(options, surroundings)
  return options.registryUrl === undefined ? name : `${options.registryUrl}/${name}`
}

/**
 * The templates of the option `tags`, without the name of this image.
 *
 * @throws FlowstoreError INVALID_OPTION for a tag of another image
 */
export function tagTemplates(options: Options, surroundings: Surroundings): readonly string[] {
  const name = fullImageName(options, surroundings)
  const { templates, problems } = ownTags(options.tags, name)
  throwAll(
    problems.map(
      problem =>
        new FlowstoreError('INVALID_OPTION', `the option 'tags' ${problem}`, {
          hint: 'One run pushes one image: leave out the tags of other images, or set registry-url and image-name to theirs.'
        })
    )
  )
  return templates
}
