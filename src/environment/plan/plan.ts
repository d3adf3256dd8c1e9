import { posix } from 'node:path'
import type { BuildKwargs } from '../../docker/build-kwargs.js'
import {
  dockerfileText,
  envInstruction,
  shellInstruction,
  singleLine
} from '../../docker/dockerfile.js'
import { MODULES_FOLDER } from '../../image/flow-layer.js'
import type { Log } from '../../log.js'
import { prefectRequest } from '../../packages/requirements.js'
import type { PrefectRules } from '../../prefect/generation.js'
import { knownPythons, prefectHomes } from '../../prefect/install.js'
import { expectedRules } from '../../prefect/releases.js'
import { resolvePrefect } from '../../prefect/resolve.js'
import type { TarEntry } from '../../util/tar.js'
import { minorOf } from '../../util/minor.js'
import type { BaseImage } from '../base/base-image.js'
import { pathWith } from '../base/base-python.js'
import { splitCommands } from './commands.js'
import { installStep } from './install-packages.js'
import { environmentKey, type EnvironmentRecipe, type PreparedRecipe } from '../recipe.js'

/** An environment image, ready to be built: the instructions of a Dockerfile and their context. */
export interface EnvironmentPlan {
  /** See {@link environmentKey}. */
  readonly key: string
  /** Release or git ref of Prefect in the image. */
  readonly prefect: string
  readonly instructions: readonly string[]
  /** Its folders for flows and modules. */
  readonly folders: readonly string[]
  /** Instructions that run after the flows are added; not part of the environment image. */
  readonly lateInstructions: readonly string[]
  readonly context: readonly TarEntry[]
  readonly base: BaseImage
  readonly buildKwargs: BuildKwargs
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
  warnAboutPython(prefect, base, log)
  const install = await installStep(prepared, prefect, base, log)
  const { early, late } = splitCommands(recipe.extraCommands ?? [], flowFolders(recipe, prefect))
  const folders = imageFolders(recipe, rules)
  const asRoot = (lines: readonly string[]): readonly string[] =>
    lines.length === 0 || isRoot(base.user) ? lines : ['USER root', ...lines, `USER ${base.user}`]
  return {
    key: environmentKey(prepared, base.digest, base.platform),
    prefect,
    instructions: [
      variablesInstruction(recipe, rules, base),
      ...asRoot([
        ...inPlainShell(install.instructions, base.shell),
        ...files.instructions,
        ...early,
        foldersInstruction(folders, base.python, rules.generation.packages)
      ])
    ],
    folders,
    lateInstructions: asRoot(late),
    context: [...install.context, ...files.context],
    base,
    buildKwargs: prepared.buildKwargs
  }
}

/** The Dockerfile of a planned image, as one text. */
export const planDockerfile = ({ base, instructions }: EnvironmentPlan): string =>
  dockerfileText([base.dockerfile?.trimEnd() ?? `FROM ${base.from}`, ...instructions])

const isRoot = (user: string): boolean => /^(root|0)?(:.*)?$/.test(user)

const prefectOf = ({ prefectVersion, requirements }: EnvironmentRecipe, base: BaseImage): string =>
  resolvePrefect(prefectRequest(prefectVersion, requirements), {
    kind: 'base-image',
    reference: base.reference,
    prefect: base.versions.prefect,
    python: base.versions.python
  }).version

function warnAboutPython(prefect: string, base: BaseImage, log: Log): void {
  const { python, prefect: present } = base.versions
  const pythons = knownPythons(prefect)
  if (present === prefect || pythons === undefined || pythons.includes(minorOf(python))) return
  log.notice({
    level: 'warning',
    message: `Prefect ${prefect} is known to run on Python ${pythons.join(', ')}; the base image ${base.reference} has ${python}`
  })
}

const homeOf = ({ prefectDirectory }: EnvironmentRecipe, rules: PrefectRules): string =>
  prefectDirectory ?? rules.home

/** Every folder for flows and their modules. */
function flowFolders(
  { prefectDirectory, path, withoutFlows }: EnvironmentRecipe,
  prefect: string
): string[] {
  if (withoutFlows) return []
  const folder = path === undefined ? '/' : posix.dirname(path)
  return [
    MODULES_FOLDER,
    ...(prefectDirectory === undefined ? prefectHomes(prefect) : [prefectDirectory]),
    ...(path === undefined ? [] : [folder === '/' ? path : folder])
  ]
}

/** The folders to create in the image for modules, Prefect and flows. */
function imageFolders(recipe: EnvironmentRecipe, rules: PrefectRules): string[] {
  const home = homeOf(recipe, rules)
  const inHome = recipe.prefectDirectory === undefined ? rules.dockerFolder : `${home}/flows`
  const flows = recipe.path === undefined ? inHome : posix.dirname(recipe.path)
  return [MODULES_FOLDER, home, flows]
}

function variablesInstruction(
  recipe: EnvironmentRecipe,
  rules: PrefectRules,
  base: BaseImage
): string {
  const path = recipe.envVars['PYTHONPATH'] ?? base.env['PYTHONPATH']
  const folder = base.firstOnPath
  return envInstruction({
    PREFECT__USER_CONFIG_PATH: `${homeOf(recipe, rules)}/config.toml`,
    ...recipe.envVars,
    ...(folder === undefined
      ? {}
      : { PATH: pathWith(folder, recipe.envVars['PATH'] ?? base.env['PATH']) }),
    PYTHONPATH: [path, MODULES_FOLDER].filter(Boolean).join(':')
  })
}

const shellQuoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** Instructions whose RUN is independent of the SHELL of the base image, which applies again after them. */
const inPlainShell = (lines: readonly string[], shell: readonly string[]): readonly string[] =>
  lines.length === 0 || shell.length === 0
    ? lines
    : [shellInstruction(PLAIN_SHELL), ...lines, shellInstruction(shell)]

/** The SHELL of a Dockerfile without that instruction. */
const PLAIN_SHELL = ['/bin/sh', '-c']

/**
 * Creates the folders, since layers put files into existing folders, and has Python compile the modules that
 * every load imports. The JSON form of RUN: extra instructions may have set another SHELL.
 */
const foldersInstruction = (
  folders: readonly string[],
  python: string,
  packages: readonly string[]
): string =>
  `RUN ${JSON.stringify([
    ...PLAIN_SHELL,
    `mkdir -p ${folders.map(folder => shellQuoted(singleLine(folder))).join(' ')} && { PYTHONDONTWRITEBYTECODE= ${python} -c 'import ${packages.join(', ')}' || true; }`
  ])}`
