import { environmentKwargs, type BuildKwargs } from '../../docker/build-kwargs.js'
import {
  dockerfileText,
  envInstruction,
  shellInstruction,
  singleLine
} from '../../docker/dockerfile.js'
import type { Log } from '../../log.js'
import { prefectRequest, type Requirements } from '../../packages/requirements.js'
import type { PipRun } from '../../packages/pip.js'
import type { ImageLayout } from '../../prefect/generation.js'
import { flowFolders, knownPythons } from '../../prefect/install.js'
import { expectedRules } from '../../prefect/releases.js'
import { resolvePrefect } from '../../prefect/resolve.js'
import type { TarEntry } from '../../util/tar.js'
import { sha256Json } from '../../util/hash.js'
import { minorOf } from '../../util/minor.js'
import { shellQuoted } from '../../util/text.js'
import { VERSION } from '../../version.js'
import type { BaseImage } from '../base/base-image.js'
import { pathWith } from '../base/base-python.js'
import { checkPython } from '../suitable-python.js'
import { splitCommands } from './commands.js'
import { contentsOf, type CopiedFiles } from './copied-files.js'
import { installSteps, type RequirementFiles } from './install-packages.js'
import {
  environmentKey,
  layoutRequest,
  type EnvironmentRecipe,
  type PreparedRecipe
} from '../recipe.js'

/** Instructions of a Dockerfile without FROM, and their context. */
export interface BuildPart {
  readonly instructions: readonly string[]
  readonly context: readonly TarEntry[]
}

/** The dependencies of an environment image as an image of their own, and what is built on it. */
export interface DependenciesPlan extends BuildPart {
  /** Identifies it by its base image, instructions and context. */
  readonly key: string
  readonly rest: BuildPart
}

/** An environment image, ready to be built: the instructions of a Dockerfile and their context. */
export interface EnvironmentPlan extends BuildPart {
  /** See {@link environmentKey}. */
  readonly key: string
  /** Release or git ref of Prefect in the image. */
  readonly prefect: string
  /** Undefined if all is one step, or if the base image has all dependencies. */
  readonly dependencies: DependenciesPlan | undefined
  /** What the instructions do, as values: for an image that no daemon builds. */
  readonly parts: EnvironmentParts
  /** Its folders for flows and modules. */
  readonly folders: readonly string[]
  /** Instructions that run after the flows are added; not part of the environment image. */
  readonly lateInstructions: readonly string[]
  readonly base: BaseImage
  readonly buildKwargs: BuildKwargs
}

/** What the instructions of an {@link EnvironmentPlan} do. */
interface EnvironmentParts extends Pick<
  ImageLayout,
  'workingDirectory' | 'searchedLast' | 'check'
> {
  /** All that the image sets beside those of its base. */
  readonly variables: Readonly<Record<string, string>>
  /** The runs that install packages. */
  readonly runs: readonly PipRun[]
  /** The requirement files of the runs. */
  readonly files: RequirementFiles
  /** Folders of projects of the repository, which are installed after that without their dependencies. */
  readonly projects: readonly string[]
  /** The user's files. */
  readonly copied: Pick<CopiedFiles, 'copies' | 'context'>
  /** Why only a daemon can build it, as a clause; undefined if packages and files in a layer are enough. */
  readonly needsDaemon: string | undefined
}

/**
 * Plans an environment image. Prefect and all dependencies are installed together, in one resolution. If the
 * base image has the right Prefect, it stays unchanged.
 *
 * @throws FlowstoreError PREFECT_NOT_FOUND, UNSUPPORTED_PREFECT, BASE_IMAGE_PYTHON for an image without pip,
 * INVALID_OPTION for requirements that can't go into an image and for uv on a Python that it does not support
 */
export async function planEnvironment(
  prepared: PreparedRecipe,
  base: BaseImage,
  log: Log
): Promise<EnvironmentPlan> {
  const { recipe, files } = prepared
  const prefect = prefectOf(recipe, base)
  const rules = expectedRules(prefect)
  checkBasePython(prefect, recipe.requirements, base)
  warnAboutPython(prefect, base, log)
  const steps = await installSteps(prepared, prefect, base, log)
  const { dependencies, projects } = steps
  const request = layoutRequest(recipe)
  const layout = rules.generation.layout(rules, request)
  const added = recipe.withoutFlows ? [] : flowFolders(prefect, request)
  const { early, late } = splitCommands(recipe.extraCommands ?? [], added)
  const asRoot = (lines: readonly string[]): readonly string[] =>
    lines.length === 0 || isRoot(base.user) ? lines : ['USER root', ...lines, `USER ${base.user}`]
  const variables = imageVariables(recipe, layout, base)
  const set = Object.keys(variables).length === 0 ? [] : [envInstruction(variables)]
  const install = (steps: readonly string[]) => inPlainShell(steps, base.shell)
  const after = [...files.instructions, ...early, ...layoutInstructions(layout, base.python)]
  const last =
    layout.workingDirectory === undefined ? [] : [`WORKDIR ${singleLine(layout.workingDirectory)}`]
  const isSplit = dependencies.instructions.length > 0 && projects.instructions.length > 0
  const first = {
    instructions: [...set, ...asRoot(install(dependencies.instructions))],
    context: dependencies.context
  }
  const rest = {
    instructions: [...asRoot([...install(projects.instructions), ...after]), ...last],
    context: [...projects.context, ...files.context]
  }
  return {
    key: environmentKey(prepared, base.digest, base.platform),
    prefect,
    instructions: [
      ...set,
      ...asRoot([...install([...dependencies.instructions, ...projects.instructions]), ...after]),
      ...last
    ],
    context: [...first.context, ...rest.context],
    dependencies: isSplit
      ? { ...first, key: await partKey(first, prepared, base), rest }
      : undefined,
    parts: {
      ...layout,
      variables,
      runs: dependencies.runs,
      files: dependencies.files,
      projects: projects.projects,
      copied: files,
      needsDaemon:
        early.length > 0 ? 'extra-dockerfile-commands run in the image' : steps.onlyInImage
    },
    folders: layout.folders,
    lateInstructions: asRoot(late),
    base,
    buildKwargs: prepared.buildKwargs
  }
}

/** Identifies an image by all that it is built from. */
async function partKey(
  { instructions, context }: BuildPart,
  { buildKwargs }: PreparedRecipe,
  { digest, platform }: BaseImage
): Promise<string> {
  const content = await contentsOf(context)
  const parts = [VERSION, digest, platform, environmentKwargs(buildKwargs), instructions, content]
  return sha256Json(parts).slice(0, 20)
}

/** The Dockerfile of a planned image, as one text. */
export const planDockerfile = ({ base, instructions }: EnvironmentPlan): string =>
  dockerfileText([base.dockerfile?.trimEnd() ?? `FROM ${base.from}`, ...instructions])

const isRoot = (user: string): boolean => /^(root|0)?(:.*)?$/.test(user)

const prefectOf = (
  { prefectVersion, requirements, pickledFlow }: EnvironmentRecipe,
  base: BaseImage
): string =>
  resolvePrefect(prefectRequest(prefectVersion, requirements, pickledFlow), {
    kind: 'base-image',
    reference: base.reference,
    prefect: base.versions.prefect,
    python: base.versions.python
  }).version

/** Before anything is installed; a Prefect that the image has runs on its Python. */
function checkBasePython(
  prefect: string,
  requirements: Requirements,
  { reference, versions: { python, prefect: present } }: BaseImage
): void {
  checkPython(python, `the base image ${reference} has Python ${python}`, 'BASE_IMAGE_PYTHON', {
    prefect: present === prefect ? undefined : prefect,
    requirements
  })
}

function warnAboutPython(prefect: string, base: BaseImage, log: Log): void {
  const { python, prefect: present } = base.versions
  const pythons = knownPythons(prefect)
  if (present === prefect || pythons === undefined || pythons.includes(minorOf(python))) return
  log.notice({
    level: 'warning',
    message: `Prefect ${prefect} is known to run on Python ${pythons.join(', ')}; the base image ${base.reference} has ${python}`
  })
}

function imageVariables(
  recipe: EnvironmentRecipe,
  layout: ImageLayout,
  base: BaseImage
): Readonly<Record<string, string>> {
  const path = recipe.envVars['PYTHONPATH'] ?? base.env['PYTHONPATH']
  const folder = base.firstOnPath
  return {
    ...layout.variables,
    ...recipe.envVars,
    ...(folder === undefined
      ? {}
      : { PATH: pathWith(folder, recipe.envVars['PATH'] ?? base.env['PATH']) }),
    ...(layout.pythonPath.length === 0
      ? {}
      : { PYTHONPATH: [path, ...layout.pythonPath].filter(Boolean).join(':') })
  }
}

/** Instructions whose RUN is independent of the SHELL of the base image, which applies again after them. */
const inPlainShell = (lines: readonly string[], shell: readonly string[]): readonly string[] =>
  lines.length === 0 || shell.length === 0
    ? lines
    : [shellInstruction(PLAIN_SHELL), ...lines, shellInstruction(shell)]

/** The SHELL of a Dockerfile without that instruction. */
const PLAIN_SHELL = ['/bin/sh', '-c']

/**
 * Compiles the modules of Python and of installed packages that have no bytecode: uv writes none, Docker's own images
 * of Python have none, and a container would compile them again in each run. It looks at names only, so it takes little
 * time if all is compiled. Some packages have files that are no Python of this version.
 */
const COMPILE = `
import importlib.util, multiprocessing, os, py_compile, site, sysconfig

def compile(path):
    try:
        py_compile.compile(path, doraise=True)
    except Exception:
        pass

library = sysconfig.get_paths()["stdlib"]
unused = {os.path.join(library, name) for name in ("test", "idlelib", "lib2to3", "turtledemo", "ensurepip")}
paths = []
for top in {library, *getattr(site, "getsitepackages", list)()}:
    for folder, folders, names in os.walk(top):
        folders[:] = [name for name in folders if os.path.join(folder, name) not in unused]
        for name in names:
            path = os.path.join(folder, name)
            if name.endswith(".py") and not os.path.exists(importlib.util.cache_from_source(path)):
                paths.append(path)
paths = sorted(set(paths))
if paths:
    multiprocessing.get_context("fork").Pool().map(compile, paths, 20)
`.trim()

/**
 * A command in a shell of its own, with a folder for Prefect's files: Prefect makes the folder in PREFECT_HOME, as root
 * here, and another user of the base image could not run a flow.
 */
const withOwnHome = (command: string): string =>
  `(PREFECT_HOME=$(mktemp -d) && export PREFECT_HOME && ${command} && rm -r "$PREFECT_HOME")`

/** Starts the command that has to work in the image. */
export const checkCommand = (check: readonly string[]): string => withOwnHome(check.join(' '))

/** Has Python add the folders of its arguments to the end of `sys.path` whenever it starts. */
const SEARCH_SCRIPT = [
  'import os, site, sys',
  'folder = site.getsitepackages()[0]',
  'os.makedirs(folder, exist_ok=True)',
  'open(os.path.join(folder, "flowstore.pth"), "w").write("import sys; sys.path += %r\\n" % sys.argv[1:])'
].join('; ')

/**
 * Creates the folders, since layers put files into existing folders, and has Python compile the modules that
 * every load imports. The command that a run needs has to work. The JSON form of RUN: extra instructions may have set
 * another SHELL.
 */
function layoutInstructions(
  { folders, searchedLast, imports, check }: ImageLayout,
  python: string
): readonly string[] {
  const names = folders.map(folder => shellQuoted(singleLine(folder))).join(' ')
  const warm = `{ PYTHONDONTWRITEBYTECODE= ${python} -c 'import ${imports.join(', ')}' || true; }`
  const compile = `{ ${python} -c ${shellQuoted(COMPILE)} || true; }`
  const run = (command: string) => `RUN ${JSON.stringify([...PLAIN_SHELL, command])}`
  const searched = searchedLast.map(folder => shellQuoted(singleLine(folder)))
  const search =
    searched.length === 0
      ? ''
      : `${python} -c ${shellQuoted(SEARCH_SCRIPT)} ${searched.join(' ')} && `
  return [
    run(`mkdir -p ${names} && ${search}${compile} && ${withOwnHome(warm)}`),
    ...(check === undefined ? [] : [run(checkCommand(check))])
  ]
}
