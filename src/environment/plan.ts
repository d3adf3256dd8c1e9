import { posix } from 'node:path'
import type { Sources } from '../sources/sources.js'
import { FlowstoreError } from '../errors.js'
import { sourceEntries } from '../sources/archive.js'
import { pipRuns, type PipRun } from '../packages/pip.js'
import { notOnPython } from '../packages/machine-uv.js'
import { isEditable, isLocal } from '../packages/requirement.js'
import {
  allLines,
  needsGit,
  prefectPin,
  requirementLines,
  withoutEditable,
  type Requirements
} from '../packages/requirements.js'
import { notForUv, runsUv, type Installer } from '../packages/uv.js'
import type { BuildKwargs } from '../docker/build-kwargs.js'
import {
  isRelease,
  NEWEST_PREFECT,
  PREFECT_HOMES,
  pipUpgrade,
  prefectRequirements,
  rulesFor
} from '../prefect/rules.js'
import type { Log } from '../log.js'
import type { TarEntry } from '../util/tar.js'
import { minorOf } from '../util/version.js'
import type { BaseImage } from './base.js'
import { MODULES_FOLDER } from '../image/flow-layer.js'
import { splitCommands } from './commands.js'
import { envInstruction } from '../docker/dockerfile.js'
import { installInstruction, type InstallScript } from '../packages/install-step.js'
import { environmentKey, type EnvironmentInputs, type EnvironmentSpec } from './environment.js'

/** An environment image, ready to be built: base, Prefect, dependencies, files. */
export interface EnvironmentPlan {
  /** See {@link environmentKey}. */
  readonly key: string
  /** Release or git ref that the image will have. */
  readonly prefect: string
  readonly instructions: readonly string[]
  /** Folders that it has for flows and modules. */
  readonly folders: readonly string[]
  /** Instructions for after the flows; no part of the environment image. */
  readonly lateInstructions: readonly string[]
  readonly context: readonly TarEntry[]
  readonly base: BaseImage
  readonly buildKwargs: BuildKwargs
}

const CONTEXT = 'requirements'

const isRoot = (user: string): boolean => /^(root|0)?(:.*)?$/.test(user)

function prefectOf({ prefectVersion, requirements }: EnvironmentSpec, base: BaseImage): string {
  const prefect = prefectVersion ?? prefectPin(allLines(requirements)) ?? base.versions.prefect
  if (prefect === null) {
    throw new FlowstoreError(
      'PREFECT_NOT_FOUND',
      `the base image ${base.reference} has no Prefect, and no version is asked for`,
      {
        hint: 'Set prefect-version, or pin prefect in python-dependencies or the requirements file.'
      }
    )
  }
  return prefect
}

/** The folders of an image that flows and what is theirs lie in. */
function flowFolders(
  { prefectDirectory, path, withoutFlows }: EnvironmentSpec,
  prefect: string
): string[] {
  if (withoutFlows) return []
  // Which release a git ref is, is known when it is installed.
  const homes = isRelease(prefect) ? [rulesFor(prefect).home] : PREFECT_HOMES
  const folder = path === undefined ? '/' : posix.dirname(path)
  return [
    MODULES_FOLDER,
    ...(prefectDirectory === undefined ? homes : [prefectDirectory]),
    ...(path === undefined ? [] : [folder === '/' ? path : folder])
  ]
}

/** Requirement files that the build mounts. */
function requirementEntries(
  requirements: Requirements,
  sources: Sources,
  runs: readonly PipRun[],
  script: InstallScript
): TarEntry[] {
  const { texts, local } = requirements
  const leaves = (path: string) => /^\.\.(?:\/|$)/.test(posix.normalize(path))
  const outside = [...texts.keys()].find(path => leaves(path) || posix.isAbsolute(path))
  if (outside !== undefined) {
    throw new FlowstoreError(
      'INVALID_OPTION',
      `the requirements file '${outside}' lies outside the working directory`,
      { hint: 'An image is made of what the repository has: move it there.' }
    )
  }
  const away = allLines(requirements).find(
    line => line.kind === 'path' && line.path.startsWith('.') && leaves(line.path)
  )
  if (away !== undefined) {
    throw new FlowstoreError(
      'INVALID_OPTION',
      `the requirement '${away.line}' lies outside the working directory`,
      { hint: 'An image is made of what the repository has: run flowstore in a folder above both.' }
    )
  }
  const entries = new Map<string, TarEntry>()
  const put = (entry: TarEntry) => entries.set(entry.path, entry)
  if (local.length > 0) sourceEntries(sources, CONTEXT).forEach(put)
  for (const [path, content] of [...texts, ...runs.flatMap(run => [...run.texts])]) {
    put({ path: `${CONTEXT}/${path}`, content })
  }
  put(script.entry(CONTEXT))
  return [...entries.values()]
}

/** What is known to install before the image's configuration is seen. */
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
    log.info(`pip installs the packages: uv may take '${line.split(/\s/)[0] ?? ''}' otherwise`)
  }
  return line === undefined && runsUv(python) ? 'auto' : 'pip'
}

const INSTALL_GIT = `RUN command -v git || ${[
  'if command -v apk; then apk add --no-cache git',
  'elif command -v apt-get; then apt-get update && apt-get install -y --no-install-recommends git ca-certificates && rm -rf /var/lib/apt/lists/*',
  "else echo 'ERROR: the base image has no git, and no apk or apt-get to install it with' >&2; exit 1",
  'fi'
].join('; ')}`

/**
 * Plans an environment image: the Dockerfile's instructions and their context, identified by a key.
 * Prefect and all dependencies are installed in one go, so that one resolution holds for all; where
 * the base image has Prefect already it stays as it is.
 *
 * @throws FlowstoreError PREFECT_NOT_FOUND, UNSUPPORTED_PREFECT, BASE_IMAGE_PYTHON for an image
 * without pip, INVALID_OPTION for requirements that can't go into an image and
 * for uv where it does not run
 */
export function planEnvironment(
  inputs: EnvironmentInputs,
  base: BaseImage,
  log: Log
): EnvironmentPlan {
  const { spec, files, installScript } = inputs
  const requirements = withoutEditable(spec.requirements)
  const { python, pip } = base.versions
  const prefect = prefectOf(spec, base)
  const rules = rulesFor(isRelease(prefect) ? prefect : NEWEST_PREFECT)
  const has = base.versions.prefect === prefect
  const wanted = prefectRequirements(prefect)
  const anything =
    !has ||
    requirements.lines.length > 0 ||
    requirementLines(requirements).some(line => line.trim())

  const minor = minorOf(python)
  if (!has && isRelease(prefect) && !rules.pythons.includes(minor)) {
    log.notice({
      level: 'warning',
      message: `Prefect ${prefect} is known to run on Python ${rules.pythons.join(', ')}; the base image ${base.reference} has ${python}`
    })
  }

  const instructions: string[] = []
  const context: TarEntry[] = []
  const path = base.env['PYTHONPATH']
  const variables = {
    PREFECT__USER_CONFIG_PATH: `${spec.prefectDirectory ?? rules.home}/config.toml`,
    ...spec.envVars
  }
  const modules = [spec.envVars['PYTHONPATH'] ?? path, MODULES_FOLDER].filter(Boolean).join(':')
  instructions.push(envInstruction({ ...variables, PYTHONPATH: modules }))
  if (!isRoot(base.user)) instructions.push('USER root')
  if (anything) {
    if (pip === null) {
      throw new FlowstoreError(
        'BASE_IMAGE_PYTHON',
        `the base image ${base.reference} has Python ${python} but no pip`,
        { hint: 'Prefect and dependencies are installed with pip: take an image that has it.' }
      )
    }
    const editable = allLines(spec.requirements).find(line => isEditable(line) && isLocal(line))
    if (editable !== undefined) {
      log.notice({
        level: 'notice',
        message: `'${editable.line}' goes into the image as a normal install: there is no work tree there`
      })
    }
    // What the image has of Prefect stays; pins hold for it all the same.
    const runs = pipRuns(requirements, { prefect, lines: wanted, present: has }, file => file)
    context.push(...requirementEntries(requirements, spec.sources, runs, installScript))
    if (!isRelease(prefect) || needsGit(requirements)) instructions.push(INSTALL_GIT)
    instructions.push(
      installInstruction({
        ...{ python: base.python, upgrade: pipUpgrade(python, pip), runs, context: CONTEXT },
        installer: installerOf(spec.installer, requirements, base, log)
      })
    )
  }
  const { early, late } = splitCommands(spec.extraCommands ?? [], flowFolders(spec, prefect))
  instructions.push(...files.instructions, ...early)
  context.push(...files.context)
  const home = spec.prefectDirectory ?? rules.home
  const inHome = spec.prefectDirectory === undefined ? rules.dockerFolder : `${home}/flows`
  const flows = spec.path === undefined ? inHome : posix.dirname(spec.path)
  const folders = [MODULES_FOLDER, home, flows]
  instructions.push(
    // Layers put files into folders that are there, and Python finds its own modules compiled.
    `RUN mkdir -p ${folders.map(shellQuoted).join(' ')} && { PYTHONDONTWRITEBYTECODE= ${base.python} -c 'import prefect, cloudpickle' || true; }`
  )
  const asRoot = (lines: readonly string[]): readonly string[] =>
    lines.length === 0 || isRoot(base.user) ? lines : ['USER root', ...lines, `USER ${base.user}`]
  if (!isRoot(base.user)) instructions.push(`USER ${base.user}`)
  return {
    key: environmentKey(inputs, base.digest, base.platform),
    buildKwargs: inputs.buildKwargs,
    lateInstructions: asRoot(late),
    ...{ prefect, instructions, context, base, folders }
  }
}

const shellQuoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
