import { FlowstoreError, throwAll } from '../errors.js'
import type { Options } from '../options/options.js'
import { slowHash } from '../util/hash.js'
import type { Surroundings } from './services.js'

/** A longer name may be a line of a secret that has line breaks. */
const LONGEST_NAME = 40

/**
 * The variables of the option `load-env-vars`; those without a value are taken from the environment of the run.
 *
 * @throws FlowstoreError (or FlowstoreErrors) INVALID_OPTION for each that is absent there
 */
export function loadVariables(
  { loadEnvVars }: Pick<Options, 'loadEnvVars'>,
  { env }: Pick<Surroundings, 'env'>
): Readonly<Record<string, string>> {
  const variables = Object.entries(loadEnvVars).map(
    ([name, value]) => [name, value ?? env[name]] as const
  )
  throwAll(variables.flatMap(([name, value]) => (value === undefined ? [absent(name)] : [])))
  return Object.fromEntries(variables.map(([name, value]) => [name, value ?? '']))
}

function absent(name: string): FlowstoreError {
  const shown = name.length > LONGEST_NAME ? `a name of ${name.length} characters` : name
  return new FlowstoreError(
    'INVALID_OPTION',
    `the option 'load-env-vars' lists ${shown}, which is not set in the environment`,
    { hint: 'Set it, in a workflow in the `env` of the step, or write KEY=VALUE.' }
  )
}

/**
 * What stands for the variables in the key of an image: other values may load other flows. The key is public, so
 * this hash takes long enough that a short value is hard to guess from it.
 *
 * @returns null without variables
 */
export async function variablesHash(
  variables: Readonly<Record<string, string>>
): Promise<string | null> {
  const sorted = Object.entries(variables).sort(([a], [b]) => (a < b ? -1 : 1))
  return sorted.length === 0 ? null : slowHash(JSON.stringify(sorted), 'flowstore load-env-vars')
}
