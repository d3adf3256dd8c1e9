import { FlowstoreError } from '../errors.js'
import { ENTRIES, OPTION_KEYS, optionKey } from '../options/values/names.js'
import { checkOptions, type RawOptions } from '../options/options.js'
import { workingDirectory } from '../options/working-directory.js'
import { LiveLine } from '../publish/live-line.js'
import { terminalLog } from '../publish/terminal-log.js'
import { terminalReport } from '../publish/terminal.js'
import { userCache } from '../paths.js'
import { printableJson } from '../util/plain-text.js'
import {
  optionFlag,
  OUTPUT_FLAGS,
  outputArguments,
  parseArguments,
  type OutputArguments
} from './flags.js'
import type { CommandOutput } from './output.js'
import { buildAndPublish } from './publish-build.js'

/** The arguments of `flowstore build`. */
export interface BuildArguments extends OutputArguments {
  readonly options: RawOptions
}

const FLAGS = [...OPTION_KEYS.map(optionFlag), ...OUTPUT_FLAGS]

/** The text of an option: the values of a list as lines, the last value of a boolean. */
function optionText(name: string, values: readonly string[]): string {
  const key = optionKey(name)
  const kind = key === undefined ? 'text' : ENTRIES[key].kind
  if (kind === 'lines') return values.join('\n')
  if (kind !== 'boolean' && values.length > 1) {
    throw new FlowstoreError('INVALID_OPTION', `the option '--${name}' is given twice`)
  }
  return values.at(-1) ?? ''
}

/**
 * Reads the arguments of `flowstore build`.
 *
 * @throws FlowstoreError UNKNOWN_OPTION, INVALID_OPTION
 */
export function parseBuild(args: readonly string[]): BuildArguments {
  const parsed = parseArguments(args, FLAGS)
  const { values, operands } = parsed
  const flows = [...operands, ...(values.get('flows') ?? [])]
  const options = Object.entries({ ...Object.fromEntries(values), flows })
    .filter(([name]) => !OUTPUT_FLAGS.some(flag => flag.name === name))
    .map(([name, list]) => [name, optionText(name, list)])
  return { options: Object.fromEntries(options) as RawOptions, ...outputArguments(parsed) }
}

/** `flowstore build`: builds a storage, publishes its files and prints the report. */
export async function buildCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { print, screen, colours }: CommandOutput
): Promise<void> {
  const { options, json, verbosity } = parseBuild(args)
  const cwd = await workingDirectory(options, process.cwd())
  const surroundings = { cwd, env, cache: userCache(env) }
  const checked = checkOptions(options, cwd)
  const log = terminalLog(new LiveLine(screen), verbosity, colours)
  const published = await buildAndPublish(checked, surroundings, log)
  const { build, report } = published
  print(json ? printableJson(report) : terminalReport(build.report, report.outputs))
}
