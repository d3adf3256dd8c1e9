import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../../log.js'
import { platformOf } from '../../util/platform.js'
import { runProcess } from '../../util/process.js'
import type { EnvironmentPlan } from '../plan/plan.js'
import { sitePackages, type BaseFacts } from './base-facts.js'

/**
 * Runs the command that a run of a flow needs, with the packages of a tree and an interpreter of this machine. It is
 * not run for another platform, nor if the base image has it.
 */
export async function checkCommand(
  { parts: { check }, base }: EnvironmentPlan,
  { python: { prefix, version } }: BaseFacts,
  tree: { readonly root: string; readonly python: string },
  log: Log
): Promise<void> {
  if (check === undefined || base.platform !== platformOf(process.platform, process.arch)) return
  const [name = '', ...args] = check
  const program = join(tree.root, prefix, 'bin', name)
  if (!existsSync(program)) return
  const site = join(tree.root, sitePackages({ prefix, version }))
  const env = { PYTHONPATH: site, PYTHONDONTWRITEBYTECODE: '1', HOME: tree.root }
  const { exitCode, stdout, stderr } = await runProcess(tree.python, [program, ...args], { env })
  if (exitCode === 0) return
  const last = (stderr.trim() || stdout.trim()).split('\n').at(-1) ?? ''
  log.notice({
    level: 'warning',
    message: `'${check.join(' ')}' does not start with the packages of the image on this machine: ${last}`
  })
}
