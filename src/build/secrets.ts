import { FlowstoreError, throwAll } from '../errors.js'
import type { Options } from '../options/options.js'
import { packageIndexes, withIndexes } from '../packages/indexes.js'
import type { Services, Surroundings } from './services.js'

/** The secrets that the options declare: id to value. */
type Secrets = ReadonlyMap<string, string>

/**
 * The values of the option `secrets`; those without one are taken from the environment of the run.
 *
 * @throws FlowstoreError (or FlowstoreErrors) INVALID_OPTION for each that is absent there
 */
function readSecrets(
  { secrets }: Pick<Options, 'secrets'>,
  { env }: Pick<Surroundings, 'env'>
): Secrets {
  const values = Object.entries(secrets).map(([id, value]) => [id, value ?? env[id]] as const)
  throwAll(
    values.flatMap(([id, value]) =>
      value === undefined
        ? [
            new FlowstoreError(
              'INVALID_OPTION',
              `the option 'secrets' lists ${id}, which is not set in the environment`,
              { hint: 'Set it, in a workflow in the `env` of the step, or write ID=VALUE.' }
            )
          ]
        : []
    )
  )
  return new Map(values.map(([id, value]) => [id, value ?? '']))
}

/** The services with the secrets and the package indexes of the options, which pip and uv on this machine then use. */
export async function withSecrets(options: Options, services: Services): Promise<Services> {
  const secrets = readSecrets(options, services)
  const indexes = await packageIndexes(options, services.env, secrets)
  return { ...services, secrets, indexes, env: withIndexes(services.env, indexes) }
}
