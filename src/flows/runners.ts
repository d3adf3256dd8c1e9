import { dirname, isAbsolute, resolve } from 'node:path'
import type { Daemon } from '../docker/daemon.js'
import { FlowstoreError } from '../errors.js'
import { containerPython } from '../python/container.js'
import { interpreterPython } from '../python/interpreter.js'
import type { ReadableFlow } from '../python/protocol/readable-flow.js'
import type { FindCredentials } from '../registry/auth/credentials.js'
import { parseReference } from '../registry/reference.js'
import { noSources } from '../sources/sources.js'
import { pathError } from '../util/files.js'
import type { EnvRunner, FlowRunner } from './run.js'
import type { StoredFlow } from './stored-flow.js'

/** Receives the output of a run, and ends it. */
export interface RunControl {
  /** Called with the output of the flow, as it comes. */
  readonly onOutput?: (chunk: Buffer) => void
  /** Called with what is done before the flow runs, such as `pulling python:3.9: 45 of 120 MB`. */
  readonly onProgress?: (text: string) => void
  /** Ends the run. */
  readonly signal?: AbortSignal | undefined
}

const ignoreOutput = (): void => undefined

/**
 * Runs flows of docker storage in containers of their image, pulled from its registry if the daemon does not
 * have it. The container is always removed.
 *
 * @returns a runner that throws FlowstoreError NOT_SUPPORTED for a flow outside an image
 */
export const imageRunner =
  (
    connect: () => Promise<Daemon>,
    findCredentials: FindCredentials,
    control: RunControl = {}
  ): FlowRunner =>
  (flow): EnvRunner => {
    if (flow.kind !== 'image') {
      throw new FlowstoreError('NOT_SUPPORTED', `flow "${flow.name}" is not in an image`)
    }
    const run: EnvRunner['run'] = async ({ env = {}, parameters = {} } = {}) => {
      const daemon = await connect()
      await daemon.ensure({
        reference: parseReference(flow.image),
        findCredentials,
        what: 'the image',
        onProgress: control.onProgress,
        hint: (_words, registry) =>
          `Log in to ${registry} (docker login), or build the image first.`
      })
      return containerPython(daemon, flow.image).run(inImage(flow), {
        env,
        parameters,
        onOutput: control.onOutput ?? ignoreOutput,
        signal: control.signal
      })
    }
    return { run }
  }

/** A flow of an image, for a Python in a container of it. */
const inImage = ({
  name,
  path,
  content,
  entrypoint
}: Extract<StoredFlow, { kind: 'image' }>): ReadableFlow =>
  entrypoint === undefined
    ? { kind: 'file', name, path, content }
    : { kind: 'entrypoint', name, entrypoint, folder: path }

/** @throws FlowstoreError FILE_NOT_FOUND, FILE_UNREADABLE */
function checkFile(path: string): void {
  const hint = 'Local storage refers to files on the machine that it was built on.'
  const error = pathError(path, `the flow's file ${path}`, hint)
  if (error !== undefined) throw error
}

/** The folder that a flow is run in. */
function folderOf(flow: ReadableFlow): string {
  if (flow.kind === 'file') return dirname(flow.path)
  return (flow.kind === 'entrypoint' ? flow.folder : null) ?? process.cwd()
}

/** A flow whose path, if it has one, is absolute. */
const withAbsolutePath = (flow: ReadableFlow): ReadableFlow =>
  flow.kind === 'file' ? { ...flow, path: resolve(flow.path) } : flow

/**
 * Runs flows of local and bytes storage in an interpreter of this machine.
 *
 * @param python finds the interpreter when a flow is run
 * @param env the machine's variables; a run gets only what an interpreter needs to start
 * @returns a runner that throws FlowstoreError NOT_SUPPORTED for a flow in an image, FILE_NOT_FOUND for one
 * whose file is not on this machine, FILE_UNREADABLE for one whose file can't be read
 */
export const interpreterRunner =
  (
    python: (flow: ReadableFlow, release: string) => Promise<string>,
    env: Readonly<Record<string, string | undefined>>,
    control: RunControl = {}
  ): FlowRunner =>
  (stored, release): EnvRunner => {
    if (stored.kind === 'image') {
      throw new FlowstoreError(
        'NOT_SUPPORTED',
        `flow "${stored.name}" is in the image ${stored.image}`
      )
    }
    if (stored.kind === 'file') checkFile(stored.path)
    if (stored.kind === 'entrypoint' && stored.folder !== null) checkFile(stored.folder)
    const flow = withAbsolutePath(stored)
    const run: EnvRunner['run'] = async ({ env: variables = {}, parameters = {} } = {}) => {
      const path = await python(stored, release)
      const interpreter = interpreterPython({
        python: isAbsolute(path) ? path : resolve(path),
        sources: noSources(folderOf(flow)),
        env,
        envVars: {}
      })
      return interpreter.run(flow, {
        env: variables,
        parameters,
        onOutput: control.onOutput ?? ignoreOutput,
        signal: control.signal
      })
    }
    return { run }
  }
