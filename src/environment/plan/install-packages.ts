import { posix } from 'node:path'
import { FlowstoreError } from '../../errors.js'
import type { Log } from '../../log.js'
import { checkPins } from '../../packages/check-pins.js'
import { installInstruction } from '../../packages/install-step.js'
import { notOnPython } from '../../packages/machine/machine-uv.js'
import { pipRuns, type PipRun } from '../../packages/pip.js'
import { isProject, projectFolder, splitProjects } from '../../packages/local-projects.js'
import { isArchive, isEditable, isLocal, parseRequirement } from '../../packages/requirement.js'
import {
  allLines,
  needsGit,
  overruledText,
  prefectLines,
  requirementLines,
  withoutEditable,
  type Requirements
} from '../../packages/requirements.js'
import { notForUv, runsUv, type Installer } from '../../packages/uv.js'
import { checkVariables } from '../../packages/variables.js'
import { pipUpgrade, prefectRequirements } from '../../prefect/install.js'
import { isRelease } from '../../prefect/releases.js'
import { sourceEntries } from '../../sources/archive.js'
import { levelsUp, type Sources } from '../../sources/sources.js'
import type { TarEntry } from '../../util/tar.js'
import type { BaseImage } from '../base/base-image.js'
import type { PreparedRecipe } from '../recipe.js'

/** Instructions that install packages, and the build context that they mount. */
interface InstallInstructions {
  readonly instructions: readonly string[]
  readonly context: readonly TarEntry[]
  /** The runs of pip or uv in it. */
  readonly runs: readonly PipRun[]
  /** All requirement files of the runs. */
  readonly files: RequirementFiles
  /** Folders of projects of the repository that are installed, relative to the working directory. */
  readonly projects: readonly string[]
  /** Why only the image itself can run them, as a clause. */
  readonly onlyInImage?: string | undefined
}

/** Requirement files as they lie below one folder: some may name others with `..`. */
export interface RequirementFiles {
  /** The folder that stands for the working directory. */
  readonly folder: string
  /** Their texts, by their paths. */
  readonly texts: ReadonlyMap<string, string>
}

/** The two steps of an installation: what changes rarely, and the projects of the repository on top of it. */
export interface InstallSteps {
  readonly dependencies: InstallInstructions
  readonly projects: InstallInstructions
  /** Why packages can be installed only in the image, as a clause; undefined if wheels are enough. */
  readonly onlyInImage: string | undefined
}

/** Folder of the requirement files in the build context. */
const CONTEXT = 'requirements'

/** Folder of the projects of the repository in the build context. */
const PROJECTS_CONTEXT = 'projects'

const INSTALL_GIT = `RUN command -v git || ${[
  'if command -v apk; then apk add --no-cache git',
  'elif command -v apt-get; then apt-get update && apt-get install -y --no-install-recommends git ca-certificates && rm -rf /var/lib/apt/lists/*',
  "else echo 'ERROR: the base image has no git, and no apk or apt-get to install it with' >&2; exit 1",
  'fi'
].join('; ')}`

/**
 * The steps that install Prefect and the flows' dependencies in an image; empty if the base image has everything.
 *
 * @param prefect the release or git ref to install
 * @throws FlowstoreError BASE_IMAGE_PYTHON for an image without pip, INVALID_OPTION
 */
export async function installSteps(
  prepared: PreparedRecipe,
  prefect: string,
  base: BaseImage,
  log: Log
): Promise<InstallSteps> {
  const { recipe } = prepared
  const all = withoutEditable(recipe.requirements)
  const present = base.versions.prefect === prefect
  if (present && isEmpty(all))
    return { dependencies: NOTHING, projects: NOTHING, onlyInImage: undefined }
  const { pip } = base.versions
  if (pip === null) throw noPip(base)
  checkDeclared(all, recipe.sources)
  checkVariables(all, { kind: 'image', variables: { ...base.env, ...recipe.envVars } })
  noticeEditable(recipe.requirements, log)
  const split = await splitProjects(recipe.sources.root, all)
  const requirements = split?.dependencies ?? all
  const dependencies =
    present && isEmpty(requirements)
      ? NOTHING
      : dependenciesStep(prepared, requirements, prefect, base, log)
  return {
    dependencies,
    projects: split ? projectsStep(prepared, split.projects, base) : NOTHING,
    onlyInImage: onlyInImage(requirements, prefect) ?? dependencies.onlyInImage
  }
}

const NO_FILES: RequirementFiles = { folder: '', texts: new Map() }

const NOTHING: InstallInstructions = {
  instructions: [],
  context: [],
  runs: [],
  files: NO_FILES,
  projects: []
}

/** Why requirements can be installed only in the image: what is built with its dependencies needs its tools. */
function onlyInImage(requirements: Requirements, prefect: string): string | undefined {
  const [local] = requirements.local
  if (local !== undefined) {
    return `the requirement '${local}' is built from the repository together with what it depends on`
  }
  if (!isRelease(prefect)) return `Prefect ${prefect} is built from git`
  return needsGit(requirements) ? 'a requirement is built from git' : undefined
}

const isEmpty = (requirements: Requirements): boolean =>
  requirements.lines.length === 0 &&
  requirementLines(requirements).every(line => line.trim() === '')

/** Installs Prefect and the requirements in one resolution. */
function dependenciesStep(
  { recipe, installScript }: PreparedRecipe,
  requirements: Requirements,
  prefect: string,
  base: BaseImage,
  log: Log
): InstallInstructions {
  const present = base.versions.prefect === prefect
  // If the image has this Prefect, it is not installed again, but its pins still apply.
  const { lines, overruled } = prefectLines(requirements, prefectRequirements(prefect))
  checkPins(requirements, lines)
  const text = overruledText(overruled, prefect, requirements)
  if (text !== undefined) log.info(text)
  const additional = { prefect, lines, present }
  const runs = pipRuns(requirements, additional, file => file)
  const sources = sourcesFor(requirements, recipe.sources)
  const folder = workingFolder([...requirements.texts.keys(), ...pathsOf(sources)])
  const installer = installerOf(recipe.installer, requirements, base, log)
  return {
    instructions: [
      ...(!isRelease(prefect) || needsGit(requirements) ? [INSTALL_GIT] : []),
      installInstruction({
        python: base.python,
        upgrade: upgradeOf(base),
        indexes: recipe.indexes,
        runs,
        context: CONTEXT,
        folder,
        installer
      })
    ],
    runs,
    files: { folder, texts: textsIn(folder, requirements, runs) },
    projects: [],
    onlyInImage: installer === 'pip' ? 'pip has to install the packages' : undefined,
    context: [
      ...requirementEntries(requirements, sources, runs, folder),
      installScript.entry(posix.join(CONTEXT, folder))
    ]
  }
}

const upgradeOf = ({ versions: { python, pip } }: BaseImage): string | undefined =>
  pip === null ? undefined : pipUpgrade(python, pip)

/** The sources that requirements are installed from: all for a project, else archives and pages that list them. */
function sourcesFor(requirements: Requirements, sources: Sources): Sources {
  if (allLines(requirements).some(isProject)) return sources
  const hasLocal = requirements.local.length > 0
  return {
    ...sources,
    files: sources.files.filter(
      ({ path }) => hasLocal && (isArchive(path) || /\.html?$/.test(path))
    )
  }
}

const pathsOf = ({ files }: Sources): string[] => files.map(({ path }) => path)

/**
 * Installs projects of the repository alone, in a step of its own: if their source changes, the registry or the daemon
 * has the step with their dependencies.
 */
function projectsStep(
  { recipe, installScript }: PreparedRecipe,
  projects: readonly string[],
  base: BaseImage
): InstallInstructions {
  const file = 'flowstore-projects.txt'
  const content = `${projects.join('\n')}\n`
  const folder = workingFolder(pathsOf(recipe.sources))
  const working = posix.join(PROJECTS_CONTEXT, folder)
  return {
    instructions: [
      installInstruction({
        python: base.python,
        upgrade: upgradeOf(base),
        indexes: recipe.indexes,
        runs: [{ file, args: ['--no-deps'], texts: new Map([[file, content]]) }],
        context: PROJECTS_CONTEXT,
        folder,
        installer: recipe.installer === 'uv' ? 'uv' : 'pip'
      })
    ],
    runs: [],
    files: NO_FILES,
    projects: projects.flatMap(line => folderOf(line)),
    context: [
      ...sourceEntries(recipe.sources, PROJECTS_CONTEXT, folder),
      { path: posix.join(working, file), content },
      installScript.entry(working)
    ]
  }
}

const folderOf = (text: string): string[] => {
  const line = parseRequirement(text)
  const folder = isProject(line) ? projectFolder(line) : undefined
  return folder === undefined ? [] : [folder]
}

const noPip = ({ reference, versions }: BaseImage): FlowstoreError =>
  new FlowstoreError(
    'BASE_IMAGE_PYTHON',
    `the base image ${reference} has Python ${versions.python} but no pip`,
    { hint: 'Prefect and dependencies are installed with pip: use an image that has it.' }
  )

/** Says that nothing is editable in an image. Lock files mark every project so, which nobody asked for. */
function noticeEditable(requirements: Requirements, log: Log): void {
  const locked = requirements.exported?.locked === true ? requirements.exported.lines : []
  const editable = allLines(requirements).find(
    line => isEditable(line) && isLocal(line) && !locked.includes(line.line)
  )
  if (editable === undefined) return
  log.notice({
    level: 'notice',
    message: `'${editable.line}' becomes a normal install in the image, which has no work tree`
  })
}

/** The installer. With `auto`, the configuration of the image can still rule out uv. */
function installerOf(
  installer: Installer = 'auto',
  requirements: Requirements,
  { reference, versions: { python } }: BaseImage,
  log: Log
): Installer {
  if (installer === 'uv' && !runsUv(python)) {
    throw notOnPython(`Python ${python} of the base image ${reference}`)
  }
  if (installer !== 'auto') return installer
  const line = notForUv(requirements)
  if (line !== undefined) {
    log.info(`pip installs the packages: uv may read '${line.split(/\s/)[0] ?? ''}' differently`)
  }
  return line === undefined && runsUv(python) ? 'auto' : 'pip'
}

/** Stands for a folder between the top of the sources and the working directory. */
const LEVEL = 'flowstore-level'

/** The folder of a build context that stands for the working directory, if the context has these paths. */
const workingFolder = (paths: readonly string[]): string =>
  Array<string>(levelsUp(paths)).fill(LEVEL).join('/')

/** The requirement files that the build mounts, and the sources if a requirement is a path in them. */
function requirementEntries(
  requirements: Requirements,
  sources: Sources,
  runs: readonly PipRun[],
  folder: string
): TarEntry[] {
  const { local } = requirements
  const entries = new Map<string, TarEntry>()
  for (const entry of local.length > 0 ? sourceEntries(sources, CONTEXT, folder) : []) {
    entries.set(entry.path, entry)
  }
  const working = posix.join(CONTEXT, folder)
  for (const [path, content] of textsIn(working, requirements, runs)) {
    entries.set(path, { path, content })
  }
  return [...entries.values()]
}

/** The texts of the requirement files and of those that the runs add, by their paths for this working directory. */
const textsIn = (
  folder: string,
  { texts }: Requirements,
  runs: readonly PipRun[]
): ReadonlyMap<string, string> =>
  new Map(
    [...texts, ...runs.flatMap(run => [...run.texts])].map(([file, text]) => [
      posix.join(folder, file),
      text
    ])
  )

/**
 * A storage in a module may have added a requirement: that does not add sources.
 *
 * @throws FlowstoreError INVALID_OPTION for a requirement outside the working directory that is not in the sources
 */
function checkDeclared(requirements: Requirements, { files }: Sources): void {
  const isDeclared = (path: string) =>
    files.some(file => file.path === path || file.path.startsWith(`${path}/`))
  const outside = allLines(requirements).find(
    line => line.kind === 'path' && leadsOutside(line.path) && !isDeclared(normalized(line.path))
  )
  if (outside !== undefined) {
    throw new FlowstoreError(
      'INVALID_OPTION',
      `the requirement '${outside.line}' lies outside the working directory`,
      {
        hint: 'Name it in python-dependencies or in the requirements file, not in a module; it must have files that neither .gitignore nor .dockerignore excludes.'
      }
    )
  }
}

const normalized = (path: string): string => posix.normalize(path).replace(/\/$/, '')

/** Whether a path leads out of the folder that it is relative to. */
const leadsOutside = (path: string): boolean => /^\.\.(?:\/|$)/.test(normalized(path))
