import { FlowstoreError } from '../errors.js'
import { onPath } from '../python/find.js'
import type { Requirements } from './requirements.js'
import { runTool, toolProgram, UV, type Machine } from './tools.js'
import {
  NOT_READ_BY_UV,
  notForUv,
  PIP_DECIDING,
  runsUv,
  UV_INDEXES,
  UV_OWN,
  UV_PYTHONS,
  type Installer
} from './uv.js'
import type { Uv } from './virtual-environment.js'

/** An error for uv where it can't be used with an interpreter. */
export const notOnPython = (where: string): FlowstoreError =>
  new FlowstoreError(
    'INVALID_OPTION',
    `the option 'installer' is 'uv', which does not run on ${where}`,
    {
      hint: `uv needs Python ${UV_PYTHONS[0]} or later: set installer to pip, or to auto, which takes pip there.`
    }
  )

/**
 * The uv that installs on this machine, or undefined where pip does. With `auto` that is one on PATH,
 * where neither the requirements nor any configuration make it differ from pip.
 *
 * @throws FlowstoreError INVALID_OPTION where `uv` is asked for and can't be used, DEPENDENCY_INSTALL
 * where it can't be had
 */
export async function machineUv(
  installer: Installer,
  base: { readonly path: string; readonly version: string },
  requirements: Requirements,
  cwd: string,
  machine: Machine
): Promise<Uv | undefined> {
  const { env } = machine
  if (installer === 'pip') return undefined
  const matching = (pattern: string) =>
    Object.keys(env).filter(
      name => env[name] !== undefined && new RegExp(`^${pattern}`).test(`${name}=`)
    )
  const configured = async () => {
    const args = ['-m', 'pip', 'config', 'list']
    const { exitCode, stdout } = await runTool(base.path, args, cwd, machine)
    // PIP_CONFIG_FILE as pip itself says it: no file at all.
    const lines = stdout
      .split(/\r?\n/)
      .filter(line => line && line !== ":env:.config-file='/dev/null'")
    return exitCode === 0 ? lines : undefined
  }
  if (installer === 'auto') {
    const [program] = onPath(env, 'uv')
    const foreign = matching('UV_').length > matching(UV_OWN).length
    if (program === undefined || foreign || !runsUv(base.version)) return undefined
    if (notForUv(requirements) !== undefined || (await configured())?.length !== 0) return undefined
    return { program, variables: {}, orPip: true }
  }
  if (!runsUv(base.version)) throw notOnPython(`Python ${base.version} (${base.path})`)
  // An interpreter without pip has no configuration of it that would be left out.
  const settings = (await configured()) ?? []
  const deciding = settings.some(line => new RegExp(PIP_DECIDING).test(line))
  if (deciding && matching(UV_INDEXES).length === 0) {
    throw new FlowstoreError('DEPENDENCY_INSTALL', `uv can't install the flows' dependencies`, {
      detail: NOT_READ_BY_UV
    })
  }
  const program = await toolProgram(
    UV,
    ['--version'],
    { what: 'for installer: uv', hint: 'Have uv on PATH, or set installer: pip.', cwd },
    machine
  )
  const certificates =
    settings.map(line => /\.cert='(.*)'$/.exec(line)?.[1]).find(Boolean) ??
    env['REQUESTS_CA_BUNDLE']
  return {
    program,
    variables: certificates === undefined ? {} : { SSL_CERT_FILE: certificates },
    orPip: false
  }
}
