import { connectDocker } from '../docker/connect.js'
import type { FlowRunner } from '../flows/run.js'
import { imageRunner, interpreterRunner, type RunControl } from '../flows/runners.js'
import { silentLog } from '../log.js'
import { dockerCredentials } from '../registry/auth/credentials.js'
import type { LibrarySurroundings } from './library.js'
import { pythonForFlow, type InterpreterRequest } from './run-python.js'

/** How {@link flowRunner} runs flows; each has a default. */
export interface FlowRunnerOptions
  extends RunControl, Partial<InterpreterRequest>, LibrarySurroundings {
  /** URL of the Docker daemon; default DOCKER_HOST, then the platform's socket. */
  readonly baseUrl?: string | undefined
}

/**
 * Runs flows from any storage: those of an image in a container of it, pulled if the daemon does not have it; others in
 * an interpreter of this machine with the storage's Prefect, which is found or made.
 *
 * @returns a runner that throws what `imageRunner` and `interpreterRunner` throw
 */
export function flowRunner(options: FlowRunnerOptions = {}): FlowRunner {
  const { cwd = process.cwd(), env = process.env, log = silentLog(), baseUrl } = options
  const inImage = imageRunner(() => connectDocker(baseUrl, env), dockerCredentials(env), options)
  const onMachine = interpreterRunner(
    (flow, release) => pythonForFlow(flow, release, options, { cwd, env, log }),
    env,
    options
  )
  return (flow, release) => (flow.kind === 'image' ? inImage : onMachine)(flow, release)
}
