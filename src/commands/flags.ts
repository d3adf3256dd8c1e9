import { Command, CommanderError, Option } from 'commander'
import { FlowstoreError } from '../errors.js'
import { ENTRIES, optionName, unknownOption } from '../options/values/names.js'
import type { OptionKey } from '../options/schema.js'

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

/** The flag of an option. */
export const optionFlag = (key: OptionKey): Flag => ({
  name: optionName(key),
  kind: ENTRIES[key].kind
})

/** Rewrites boolean flags for commander: `--push false`, `--no-push` and `--push` get their value after `=`. */
function withBooleanValues(args: readonly string[], flags: readonly Flag[]): string[] {
  const names = new Set(flags.filter(flag => flag.kind === 'boolean').map(flag => flag.name))
  const written: string[] = []
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? ''
    if (arg === '--') return [...written, ...args.slice(index)]
    const next = args[index + 1] ?? ''
    if (arg.startsWith('--no-') && names.has(arg.slice(5))) written.push(`--${arg.slice(5)}=false`)
    else if (!arg.startsWith('--') || !names.has(arg.slice(2))) written.push(arg)
    else if (next === 'true' || next === 'false') {
      written.push(`${arg}=${next}`)
      index += 1
    } else written.push(`${arg}=true`)
  }
  return written
}

/** `image-name` for `--image-name=flows`. */
const nameOf = (arg: string): string => arg.replace(/^-+/, '').replace(/=.*$/s, '')

/**
 * Parses the arguments of a command.
 *
 * @throws FlowstoreError UNKNOWN_OPTION, or INVALID_OPTION for a flag without a value
 */
export function parseArguments(args: readonly string[], flags: readonly Flag[]): Arguments {
  const values = new Map<string, readonly string[]>()
  const command = new Command().exitOverride().configureOutput({ outputError: () => undefined })
  for (const { name } of flags) {
    command.addOption(
      new Option(`--${name} <value>`).argParser((value: string) => {
        values.set(name, [...(values.get(name) ?? []), value])
      })
    )
  }
  const written = withBooleanValues(args, flags)
  try {
    const { operands, unknown } = command.parseOptions(written)
    const [first] = unknown
    if (first === undefined) return { values, operands }
    throw unknownOption(
      nameOf(first),
      flags.map(flag => flag.name)
    )
  } catch (error) {
    const isMissing =
      error instanceof CommanderError && error.code === 'commander.optionMissingArgument'
    if (!isMissing) throw error
    // A flag takes any next argument as its value, so only the last flag can lack one.
    const name = nameOf(written.at(-1) ?? '')
    throw new FlowstoreError('INVALID_OPTION', `the option '${name}' needs a value`)
  }
}
