import { FlowstoreError } from '../../errors.js'
import { onPath } from '../../python/find-python.js'
import { tellSameIndexes } from '../indexes.js'
import { pipHint, pipReason } from '../installer-output.js'
import type { Requirements } from '../requirements.js'
import { runTool } from './run-tool.js'
import { toolProgram, UV, type Machine } from './tools.js'
import {
  NOT_READ_BY_UV,
  notForUv,
  PIP_DECIDING_SETTINGS,
  runsUv,
  UV_INDEX_VARIABLES,
  UV_NEUTRAL_VARIABLES,
  UV_PYTHONS,
  type Installer
} from '../uv.js'
import type { Uv } from './virtual-environment.js'

/** The interpreter to install for. */
interface TargetPython {
  readonly path: string
  readonly version: string
}

/** The error for uv with an interpreter that it does not support. */
export const notOnPython = (python: string): FlowstoreError =>
  new FlowstoreError(
    'INVALID_OPTION',
    `the option 'installer' is 'uv', which does not run on ${python}`,
    {
      hint: `uv needs Python ${UV_PYTHONS[0]} or later: set installer: pip, or installer: auto, which uses pip there.`
    }
  )

/**
 * The uv that installs on this machine; undefined if pip installs. With `auto` it is the uv on PATH, if
 * neither the requirements nor a configuration can make its result differ from pip's.
 *
 * @throws FlowstoreError INVALID_OPTION if `uv` is asked for and can't be used, DEPENDENCY_INSTALL if it
 * can't be installed, or pip's configuration can't be read
 */
export async function machineUv(
  installer: Installer,
  base: TargetPython,
  requirements: Requirements,
  cwd: string,
  machine: Machine
): Promise<Uv | undefined> {
  switch (installer) {
    case 'pip':
      return undefined
    case 'auto':
      return uvLikePip(base, requirements, cwd, machine)
    case 'uv':
      return requiredUv(base, cwd, machine)
  }
}

/** Names of the set variables whose `NAME=` matches a pattern. */
const variablesLike = (pattern: string, { env }: Machine): string[] =>
  Object.keys(env).filter(
    name => env[name] !== undefined && new RegExp(`^${pattern}`).test(`${name}=`)
  )

/**
 * The lines of `pip config list`; undefined for an interpreter without pip.
 *
 * @throws FlowstoreError DEPENDENCY_INSTALL with pip's output if it can't read its configuration
 */
async function pipSettings(
  { path }: TargetPython,
  cwd: string,
  machine: Machine
): Promise<readonly string[] | undefined> {
  const args = ['-m', 'pip', 'config', 'list']
  const { exitCode, stdout, stderr } = await runTool(path, args, cwd, machine)
  if (exitCode === 0) {
    // pip prints this line if PIP_CONFIG_FILE is the null device, which means no file.
    const noFile = ":env:.config-file='/dev/null'"
    return stdout.split(/\r?\n/).filter(line => line !== '' && line !== noFile)
  }
  if (/No module named '?pip\b/.test(stderr)) return undefined
  throw new FlowstoreError('DEPENDENCY_INSTALL', `pip of ${path} can't read its configuration`, {
    detail: pipReason(stdout + stderr),
    hint: 'Correct the file that the lines above name: pip reads it before it installs anything.'
  })
}

async function uvLikePip(
  base: TargetPython,
  requirements: Requirements,
  cwd: string,
  machine: Machine
): Promise<Uv | undefined> {
  const [program] = onPath(machine.env, 'uv')
  const areSame = tellSameIndexes(machine.env)
  const isConfigured = variablesLike('UV_', machine)
    .filter(name => !(areSame && /^UV_(DEFAULT_)?INDEX$/.test(name)))
    .some(name => !new RegExp(`^${UV_NEUTRAL_VARIABLES}`).test(`${name}=`))
  if (program === undefined || isConfigured || !runsUv(base.version)) return undefined
  if (notForUv(requirements) !== undefined) return undefined
  const settings = (await pipSettings(base, cwd, machine))?.filter(
    line => !(areSame && /^:env:\.(extra-)?index-url=/.test(line))
  )
  return settings?.length === 0 ? { program, variables: {}, orPip: true } : undefined
}

async function requiredUv(base: TargetPython, cwd: string, machine: Machine): Promise<Uv> {
  if (!runsUv(base.version)) throw notOnPython(`Python ${base.version} (${base.path})`)
  // Without pip there is no configuration that uv would ignore.
  const settings = (await pipSettings(base, cwd, machine)) ?? []
  const isDecided = settings.some(line => new RegExp(PIP_DECIDING_SETTINGS).test(line))
  if (isDecided && variablesLike(UV_INDEX_VARIABLES, machine).length === 0) {
    throw new FlowstoreError('DEPENDENCY_INSTALL', "uv can't install the flows' dependencies", {
      detail: NOT_READ_BY_UV,
      hint: pipHint(NOT_READ_BY_UV)
    })
  }
  const program = await toolProgram(
    UV,
    ['--version'],
    { what: 'for installer: uv', hint: 'Put uv on PATH, or set installer: pip.', cwd },
    machine
  )
  const certificates =
    settings.map(line => /\.cert='(.*)'$/.exec(line)?.[1]).find(Boolean) ??
    machine.env['REQUESTS_CA_BUNDLE']
  return {
    program,
    variables: certificates === undefined ? {} : { SSL_CERT_FILE: certificates },
    orPip: false
  }
}
