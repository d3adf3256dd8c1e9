import type { BuildKwargs } from '../../docker/build-kwargs.js'
import {
  dockerfileText,
  envInstruction,
  shellInstruction,
  singleLine
} from '../../docker/dockerfile.js'
import type { Log } from '../../log.js'
import { prefectRequest } from '../../packages/requirements.js'
import type { ImageLayout } from '../../prefect/generation.js'
import { flowFolders, knownPythons } from '../../prefect/install.js'
import { expectedRules } from '../../prefect/releases.js'
import { resolvePrefect } from '../../prefect/resolve.js'
import type { TarEntry } from '../../util/tar.js'
import { minorOf } from '../../util/minor.js'
import { shellQuoted } from '../../util/text.js'
import type { BaseImage } from '../base/base-image.js'
import { pathWith } from '../base/base-python.js'
import { splitCommands } from './commands.js'
import { installStep } from './install-packages.js'
import {
  environmentKey,
  layoutRequest,
  type EnvironmentRecipe,
  type PreparedRecipe
} from '../recipe.js'

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
  const request = layoutRequest(recipe)
  const layout = rules.generation.layout(rules, request)
  const added = recipe.withoutFlows ? [] : flowFolders(prefect, request)
  const { early, late } = splitCommands(recipe.extraCommands ?? [], added)
  const asRoot = (lines: readonly string[]): readonly string[] =>
    lines.length === 0 || isRoot(base.user) ? lines : ['USER root', ...lines, `USER ${base.user}`]
  return {
    key: environmentKey(prepared, base.digest, base.platform),
    prefect,
    instructions: [
      variablesInstruction(recipe, layout, base),
      ...asRoot([
        ...inPlainShell(install.instructions, base.shell),
        ...files.instructions,
        ...early,
        ...layoutInstructions(layout, base.python)
      ]),
      ...(layout.workingDirectory === undefined
        ? []
        : [`WORKDIR ${singleLine(layout.workingDirectory)}`])
    ],
    folders: layout.folders,
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

function variablesInstruction(
  recipe: EnvironmentRecipe,
  layout: ImageLayout,
  base: BaseImage
): string {
  const path = recipe.envVars['PYTHONPATH'] ?? base.env['PYTHONPATH']
  const folder = base.firstOnPath
  return envInstruction({
    ...layout.variables,
    ...recipe.envVars,
    ...(folder === undefined
      ? {}
      : { PATH: pathWith(folder, recipe.envVars['PATH'] ?? base.env['PATH']) }),
    PYTHONPATH: [path, ...layout.pythonPath].filter(Boolean).join(':')
  })
}

/** Instructions whose RUN is independent of the SHELL of the base image, which applies again after them. */
const inPlainShell = (lines: readonly string[], shell: readonly string[]): readonly string[] =>
  lines.length === 0 || shell.length === 0
    ? lines
    : [shellInstruction(PLAIN_SHELL), ...lines, shellInstruction(shell)]

/** The SHELL of a Dockerfile without that instruction. */
const PLAIN_SHELL = ['/bin/sh', '-c']

/**
 * Creates the folders, since layers put files into existing folders, and has Python compile the modules that
 * every load imports. The command that a run needs has to work. The JSON form of RUN: extra instructions may have set
 * another SHELL.
 */
function layoutInstructions(
  { folders, imports, check }: ImageLayout,
  python: string
): readonly string[] {
  const names = folders.map(folder => shellQuoted(singleLine(folder))).join(' ')
  const warm = `{ PYTHONDONTWRITEBYTECODE= ${python} -c 'import ${imports.join(', ')}' || true; }`
  const run = (command: string) => `RUN ${JSON.stringify([...PLAIN_SHELL, command])}`
  return [
    run(`mkdir -p ${names} && ${warm}`),
    ...(check === undefined ? [] : [run(check.join(' '))])
  ]
}
