import { FlowstoreError } from '../../errors.js'
import { parseRequirements, type RequirementLine } from '../requirement.js'
import { runTool } from '../machine/run-tool.js'
import { toolProgram, type Machine, type Tool } from '../machine/tools.js'
import { isPypi, type ProjectFile } from './format.js'

/** The export of a lock file by a tool. */
export interface Export {
  readonly tool: Tool
  /** Arguments with which the tool succeeds only if it can export. */
  readonly probe: readonly string[]
  readonly args: readonly string[]
  /** Its working directory. */
  readonly folder: string
  /** What to do if it refuses the lock file. */
  readonly hint: string
  /** The error for a refusal that the user's options caused, by the tool's output. */
  readonly refusal: (output: string) => FlowstoreError | undefined
}

/**
 * The requirement lines that a tool exports from a lock file, without an option for PyPI as the index.
 *
 * @throws FlowstoreError DEPENDENCY_INSTALL with the tool's output; that of `refusal`; what {@link toolProgram} throws
 */
export async function exportedLines(
  { tool, probe, args, folder, hint, refusal }: Export,
  { file, cwd }: ProjectFile,
  machine: Machine
): Promise<RequirementLine[]> {
  const purpose = {
    what: `to export ${file}`,
    hint: `Put ${tool.name} on PATH, or use a requirements file.`,
    file,
    cwd
  }
  const program = await toolProgram(tool, probe, purpose, machine)
  const { exitCode, stdout, stderr } = await runTool(program, args, folder, machine)
  machine.log.debug(stderr)
  if (exitCode !== 0) {
    const refused = refusal(stderr + stdout)
    if (refused !== undefined) throw refused
    const detail = (stderr.trim() || stdout.trim()).split(/\r?\n/).slice(-15).join('\n')
    throw new FlowstoreError('DEPENDENCY_INSTALL', `${file} can't be exported`, {
      file,
      detail,
      hint
    })
  }
  return parseRequirements(stdout).filter(
    line => !(line.kind === 'option' && line.name === '--index-url' && isPypi(line.value))
  )
}
