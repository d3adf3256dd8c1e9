import { existsSync } from 'node:fs'
import { Command, CommanderError, Option } from 'commander'
import { FlowstoreError } from '../errors.js'
import { ENTRIES, optionName } from '../options/values/names.js'
import { nearest } from '../util/text.js'
import type { OptionKey } from '../options/schema.js'
import type { Verbosity } from '../publish/terminal-log.js'

/** A flag of a command; one of kind `boolean` needs no value. */
export interface Flag {
  readonly name: string
  readonly kind: 'text' | 'boolean' | 'lines' | 'choice'
}

/** A parsed command line. */
export interface Arguments {
  /** The values of each flag that is set, in order, by the flag's name. */
  readonly values: ReadonlyMap<string, readonly string[]>
  /** The arguments that are not flags. */
  readonly operands: readonly string[]
}

/** The flags that every command with work to do has. */
export const OUTPUT_FLAGS = [
  { name: 'json', kind: 'boolean' },
  { name: 'verbose', kind: 'boolean' },
  { name: 'quiet', kind: 'boolean' }
] as const satisfies readonly Flag[]

/** What {@link OUTPUT_FLAGS} say. */
export interface OutputArguments {
  /** Whether the result is printed as JSON. */
  readonly json: boolean
  readonly verbosity: Verbosity
}

/** @throws FlowstoreError INVALID_OPTION for `--verbose` with `--quiet` */
export function outputArguments({ values }: Arguments): OutputArguments {
  const [json, isVerbose, isQuiet] = OUTPUT_FLAGS.map(
    ({ name }) => values.get(name)?.at(-1) === 'true'
  )
  if (isVerbose && isQuiet) {
    throw new FlowstoreError('INVALID_OPTION', 'only one of --verbose and --quiet can be set')
  }
  return { json: json === true, verbosity: isVerbose ? 'verbose' : isQuiet ? 'quiet' : 'normal' }
}

/** The flag of an option. */
export const optionFlag = (key: OptionKey): Flag => ({
  name: optionName(key),
  kind: ENTRIES[key].kind
})

/** Whether an argument may be a flow module or another operand; `isThere` looks for a path. */
const isOperand = (arg: string, isThere: (path: string) => boolean): boolean =>
  !/^[A-Za-z0-9]+$/.test(arg) ||
  ['', 'src/'].some(folder => isThere(folder + arg) || isThere(`${folder}${arg}.py`))

/**
 * Rewrites boolean flags for commander: `--push false`, `--no-push` and `--push` get their value after `=`.
 *
 * @throws FlowstoreError INVALID_OPTION for a value that is neither true nor false
 */
function withBooleanValues(
  args: readonly string[],
  flags: readonly Flag[],
  isThere: (path: string) => boolean
): string[] {
  const booleans = new Set(flags.filter(flag => flag.kind === 'boolean').map(flag => flag.name))
  const written: string[] = []
  const add = (name: string, value: string) => {
    const word = value.toLowerCase()
    if (word !== 'true' && word !== 'false') {
      throw new FlowstoreError(
        'INVALID_OPTION',
        `the option '--${name}' is '${value}', not true or false`,
        {
          hint: `Write --${name} or --no-${name}. There is no file, folder or module '${value}' either.`
        }
      )
    }
    written.push(`--${name}=${word}`)
  }
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? ''
    if (arg === '--') return [...written, ...args.slice(index)]
    const name = nameOf(arg)
    const next = args[index + 1]
    if (arg.startsWith('--no-') && booleans.has(arg.slice(5))) add(arg.slice(5), 'false')
    else if (!arg.startsWith('--') || !booleans.has(name)) {
      written.push(arg)
      // The next argument is its value, whatever it looks like.
      const takesValue = flags.some(flag => `--${flag.name}` === arg)
      if (takesValue && next !== undefined) {
        written.push(next)
        index += 1
      }
    } else if (arg.includes('=')) add(name, arg.slice(arg.indexOf('=') + 1))
    else if (next !== undefined && !next.startsWith('-') && !isOperand(next, isThere)) {
      add(name, next)
      index += 1
    } else add(name, 'true')
  }
  return written
}

/** `image-name` for `--image-name=flows`. */
const nameOf = (arg: string): string => arg.replace(/^-+/, '').replace(/=.*$/s, '')

/** The error for a flag that does not exist, with the nearest flag as its hint. */
function unknownFlag(written: string, flags: readonly Flag[]): FlowstoreError {
  const near = nearest(
    nameOf(written),
    flags.map(flag => flag.name)
  )
  return new FlowstoreError('UNKNOWN_OPTION', `there is no option '${written}'`, {
    hint: near ? `Did you mean '--${near}'?` : 'See flowstore --help.'
  })
}

/**
 * Parses the arguments of a command.
 *
 * @param isThere whether a path exists: a word after a boolean flag is its value if it is no path
 * @throws FlowstoreError UNKNOWN_OPTION, or INVALID_OPTION for a flag without a value or with a wrong one
 */
export function parseArguments(
  args: readonly string[],
  flags: readonly Flag[],
  isThere: (path: string) => boolean = existsSync
): Arguments {
  const values = new Map<string, readonly string[]>()
  const command = new Command().exitOverride().configureOutput({ outputError: () => undefined })
  for (const { name } of flags) {
    command.addOption(
      new Option(`--${name} <value>`).argParser((value: string) => {
        values.set(name, [...(values.get(name) ?? []), value])
      })
    )
  }
  const written = withBooleanValues(args, flags, isThere)
  try {
    const { operands, unknown } = command.parseOptions(written)
    const [first] = unknown
    if (first === undefined) return { values, operands }
    throw unknownFlag(first.replace(/=.*$/s, ''), flags)
  } catch (error) {
    const isMissing =
      error instanceof CommanderError && error.code === 'commander.optionMissingArgument'
    if (!isMissing) throw error
    // A flag takes any next argument as its value, so only the last flag can lack one.
    const name = nameOf(written.at(-1) ?? '')
    throw new FlowstoreError('INVALID_OPTION', `the option '--${name}' needs a value`)
  }
}
