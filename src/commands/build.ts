import { FlowstoreError } from '../errors.js'
import { Recorder } from '../log.js'
import { ENTRIES, OPTION_KEYS, optionKey } from '../options/values/names.js'
import { checkOptions, type RawOptions } from '../options/options.js'
import { workingDirectory } from '../options/working-directory.js'
import { terminalNotice, terminalReport } from '../publish/terminal.js'
import { userCache } from '../paths.js'
import { printableJson } from '../util/plain-text.js'
import { optionFlag, parseArguments } from './flags.js'
import type { CommandOutput } from './output.js'
import { buildAndPublish } from './publish-build.js'

/** The arguments of `flowstore build`. */
export interface BuildArguments {
  readonly options: RawOptions
  /** Whether the report is printed as JSON. */
  readonly json: boolean
}

const FLAGS = [...OPTION_KEYS.map(optionFlag), { name: 'json', kind: 'boolean' } as const]

/** The text of an option: the values of a list as lines, the last value of a boolean. */
function optionText(name: string, values: readonly string[]): string {
  const key = optionKey(name)
  const kind = key === undefined ? 'text' : ENTRIES[key].kind
  if (kind === 'lines') return values.join('\n')
  if (kind !== 'boolean' && values.length > 1) {
    throw new FlowstoreError('INVALID_OPTION', `the option '${name}' is given twice`)
  }
  return values.at(-1) ?? ''
}

/**
 * Reads the arguments of `flowstore build`.
 *
 * @throws FlowstoreError UNKNOWN_OPTION, INVALID_OPTION
 */
export function parseBuild(args: readonly string[]): BuildArguments {
  const { values, operands } = parseArguments(args, FLAGS)
  const { json, ...options } = Object.fromEntries(values)
  const flows = [...operands, ...(values.get('flows') ?? [])]
  const texts = Object.entries({ ...options, flows }).map(([name, list]) => [
    name,
    optionText(name, list)
  ])
  return {
    options: Object.fromEntries(texts) as RawOptions,
    json: json?.at(-1) === 'true'
  }
}

/** Shows a build in a terminal, on standard error. */
const terminalLog = ({ writeError }: CommandOutput): Recorder =>
  new Recorder({
    info: line => writeError(`  ${line}\n`),
    debug: () => undefined,
    notice: notice => writeError(`${terminalNotice(notice)}\n`),
    begin: phase => writeError(`${phase}\n`),
    end: (_phase, seconds) => writeError(`  ${seconds.toFixed(1)} s\n`)
  })

/** `flowstore build`: builds a storage, publishes its files and prints the report. */
export async function buildCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  output: CommandOutput
): Promise<void> {
  const { options, json } = parseBuild(args)
  const cwd = await workingDirectory(options, process.cwd())
  const surroundings = { cwd, env, cache: userCache(env) }
  const checked = checkOptions(options, cwd)
  const { build, report } = await buildAndPublish(checked, surroundings, terminalLog(output))
  output.print(
    json ? printableJson(report) : terminalReport(build.report, report.outputs['storage-path'])
  )
}
