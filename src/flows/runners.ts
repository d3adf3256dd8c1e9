import { dirname, isAbsolute, resolve } from 'node:path'
import { existsSync } from 'node:fs'
import { noSources } from '../sources/sources.js'
import { FlowstoreError } from '../errors.js'
import { containerPython } from '../python/container.js'
import { interpreterPython } from '../python/interpreter.js'
import type { FindCredentials } from '../registry/auth/credentials.js'
import { parseReference } from '../registry/reference.js'
import type { EnvRunner, FlowRunner, StoredFlow } from './run.js'
import type { Daemon } from '../docker/connect.js'

/** What a runner does beside running. */
export interface Live {
  /** Called with what the flow prints, as it comes. */
  readonly onOutput?: (chunk: Buffer) => void
  /** Ends the run. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Runs flows of docker storage in containers of their image, pulled from its registry where the daemon
 * does not have it. The container is removed whatever happens.
 */
export const imageRunner =
  (daemon: Daemon, findCredentials: FindCredentials, live: Live = {}): FlowRunner =>
  (flow: StoredFlow): EnvRunner => {
    if (!('image' in flow)) {
      throw new FlowstoreError('NOT_SUPPORTED', `flow "${flow.name}" is in no image`)
    }
    return async ({ env = {}, parameters = {} } = {}) => {
      await daemon.ensure({
        reference: parseReference(flow.image),
        findCredentials,
        what: 'the image',
        hint: (_words, registry) =>
          `Log in to ${registry} (docker login), or build the image first.`
      })
      return containerPython(daemon, flow.image).run(
        { name: flow.name, path: flow.path },
        { env, parameters, onOutput: live.onOutput ?? (() => undefined), signal: live.signal }
      )
    }
  }

/**
 * Runs flows of local and bytes storage in an interpreter of this machine.
 *
 * @param python the interpreter's path
 * @param env the machine's variables; a run gets only what an interpreter needs to start
 */
export const interpreterRunner =
  (
    python: string,
    env: Readonly<Record<string, string | undefined>>,
    live: Live = {}
  ): FlowRunner =>
  (flow: StoredFlow): EnvRunner => {
    if ('image' in flow) {
      throw new FlowstoreError('NOT_SUPPORTED', `flow "${flow.name}" is in the image ${flow.image}`)
    }
    if ('path' in flow && !existsSync(flow.path)) {
      throw new FlowstoreError('FILE_NOT_FOUND', `the flow's file ${flow.path} does not exist`, {
        hint: 'Local storage names files of the machine that it was built on.'
      })
    }
    const place = interpreterPython({
      python: isAbsolute(python) ? python : resolve(python),
      sources: noSources(dirname('path' in flow ? resolve(flow.path) : process.cwd())),
      env,
      envVars: {}
    })
    return ({ env: variables = {}, parameters = {} } = {}) =>
      place.run('path' in flow ? { name: flow.name, path: resolve(flow.path) } : flow, {
        env: variables,
        parameters,
        onOutput: live.onOutput ?? (() => undefined),
        signal: live.signal
      })
  }
