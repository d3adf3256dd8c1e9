import { deployDeployments } from '../deployments/deploy/deploy.js'
import { readDeployments } from '../deployments/deploy/deployments-file.js'
import { FlowstoreError } from '../errors.js'
import { PrefectApi } from '../prefect-api/api.js'
import { apiAddress } from '../prefect-api/address.js'
import { deployedText } from '../publish/deployed.js'
import { LiveLine } from '../publish/live-line.js'
import { terminalLog } from '../publish/terminal-log.js'
import { printableJson } from '../util/plain-text.js'
import { onEndSignals } from '../util/scope.js'
import { OUTPUT_FLAGS, outputArguments, parseArguments, type OutputArguments } from './flags.js'
import type { CommandOutput } from './output.js'

/** The arguments of `flowstore deploy`. */
export interface DeployArguments extends OutputArguments {
  /** Path of `deployments.json`. */
  readonly file: string
  readonly dryRun: boolean
  readonly prune: boolean
  readonly project: string | undefined
}

const FLAGS = [
  { name: 'dry-run', kind: 'boolean' },
  { name: 'prune', kind: 'boolean' },
  { name: 'project', kind: 'text' },
  ...OUTPUT_FLAGS
] as const

/**
 * Reads the arguments of `flowstore deploy`.
 *
 * @throws FlowstoreError UNKNOWN_OPTION, INVALID_OPTION, MISSING_OPTION
 */
export function parseDeploy(args: readonly string[]): DeployArguments {
  const parsed = parseArguments(args, FLAGS)
  const { values, operands } = parsed
  const [file, ...more] = operands
  if (file === undefined || more.length > 0) {
    throw new FlowstoreError('MISSING_OPTION', 'flowstore deploy takes one deployments.json', {
      hint: 'Example: flowstore deploy .flowstore/deployments.json'
    })
  }
  const isSet = (name: string) => values.get(name)?.at(-1) === 'true'
  return {
    file,
    dryRun: isSet('dry-run'),
    prune: isSet('prune'),
    project: values.get('project')?.at(-1),
    ...outputArguments(parsed)
  }
}

/** `flowstore deploy`: deploys the deployments of a file, and prints what became of each. */
export async function deployCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { print, screen, colours }: CommandOutput
): Promise<void> {
  const { file, dryRun, prune, project, json, verbosity } = parseDeploy(args)
  const document = await readDeployments(process.cwd(), file)
  const api = new PrefectApi(apiAddress(env))
  const abort = new AbortController()
  onEndSignals(() => {
    abort.abort()
  })
  const live = new LiveLine(screen)
  const log = terminalLog(live, verbosity, colours)
  const { signal } = abort
  const result = await deployDeployments(document, {
    api,
    env,
    log,
    dryRun,
    prune,
    project,
    signal
  }).finally(() => {
    live.end()
  })
  print(
    json ? printableJson({ ...result, notices: log.notices, exitCode: 0 }) : deployedText(result)
  )
}
