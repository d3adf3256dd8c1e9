import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { flowstore, freshName, mustRun, outputOf, temporaryFolder } from '../helpers/flowstore.js'
import { PrefectServer, type Deployed, type FinalState } from '../helpers/prefect-server.js'
import type { EntrypointRelease, TestBed, WorkerRelease } from '../helpers/test-bed.js'
import { entriesFor, hasWorker, type Entry } from './entries.js'
import { failingModules, KINDS } from './kinds.js'
import type { Told } from './told.js'

const ZOO = resolve('__tests__/conformance/zoo')
const SCRIPT = resolve('__tests__/conformance/prefect_entrypoints.py')

type Json = Readonly<Record<string, unknown>>

/** What a release says of an entrypoint. */
export type Answer =
  { readonly flow: Json & { readonly name: string } } | { readonly error: string }

/** A flow in `deployments.json`. */
type FoundFlow = Json & { readonly name: string; readonly entrypoint: string }

/** What is read of `deployments.json`. */
interface Document {
  readonly image: string | null
  readonly imageRef: string | null
  readonly path: string
  readonly flows: readonly FoundFlow[]
  readonly deployments: readonly {
    readonly name: string
    readonly flow: string
    readonly entrypoint: string
    readonly body: Json
  }[]
}

/** A run of a flow in a container of the image. */
export interface Run {
  readonly flow: string
  readonly by: 'tag' | 'digest'
  readonly state: FinalState
}

/** Everything that was observed of one release. */
export interface Observed {
  readonly versions: { readonly python: string; readonly prefect: string }
  /** By entrypoint, each in a process of its own. */
  readonly entrypoints: Readonly<Record<string, Answer>>
  readonly document: Document
  readonly records: {
    /** As the release registers a complete file. */
    readonly prefects: readonly Deployed[]
    /** As the release registers the file that this project has written. */
    readonly written: readonly Deployed[]
    /** As this project registers. */
    readonly ours: readonly Deployed[]
  }
  /** What was told of flows that are left out, and of modules that do not load. */
  readonly told: { readonly leftOut: readonly Told[]; readonly failures: readonly Told[] }
  /** Empty for a release without a worker here. */
  readonly runs: readonly Run[]
}

/** The zoo with another `prefect.yaml`; JSON is YAML too. */
function zooWith(file: unknown): string {
  const folder = join(temporaryFolder(), 'zoo')
  cpSync(ZOO, folder, { recursive: true })
  writeFileSync(join(folder, 'prefect.yaml'), JSON.stringify(file, undefined, 2))
  return folder
}

async function askPrefect(python: string, env: NodeJS.ProcessEnv) {
  const asked = join(temporaryFolder(), 'entrypoints.json')
  writeFileSync(asked, JSON.stringify(KINDS.map(({ entrypoint }) => entrypoint)))
  const text = await mustRun(python, [SCRIPT, ZOO, asked], process.cwd(), {
    ...env,
    // A flow that a module calls must find no server, and start none.
    PREFECT_API_URL: undefined,
    PREFECT_SERVER_EPHEMERAL_ENABLED: 'false',
    PYTHONDONTWRITEBYTECODE: '1'
  })
  return JSON.parse(text) as Pick<Observed, 'versions' | 'entrypoints'>
}

async function build(
  release: EntrypointRelease,
  bed: TestBed,
  entries: readonly Entry[]
): Promise<[string, Document]> {
  const folder = zooWith({ name: 'zoo', deployments: entries })
  const modules = ['flows', ...failingModules(release).map(module => `!${module}`)]
  const storage = hasWorker(release)
    ? [
        ...['--storage', 'docker', '--base-image', bed.prefectImages[release]],
        ...['--registry-url', bed.registry.url, '--image-name', freshName('conformance')]
      ]
    : ['--storage', 'local', '--directory', join(temporaryFolder(), 'built')]
  const python = hasWorker(release) ? [] : ['--python', bed.venvs[release]]
  const args = ['build', ...modules, ...storage, ...python]
  await outputOf(flowstore(args, folder))
  const text = readFileSync(join(folder, '.flowstore/deployments.json'), 'utf8')
  return [folder, JSON.parse(text) as Document]
}

/** An error or a notice as `report.json` and `failure.json` have it. */
interface Message {
  readonly code?: string
  readonly message: string
  readonly hint?: string
  readonly file?: string
  readonly line?: number
}

const messagesIn = (folder: string, file: string): Readonly<Record<string, readonly Message[]>> =>
  JSON.parse(readFileSync(join(folder, '.flowstore', file), 'utf8')) as Record<string, Message[]>

/** The notices of a build about flows that are left out. */
const leftOutOf = (folder: string): readonly Told[] =>
  (messagesIn(folder, 'report.json')['notices'] ?? [])
    .filter(({ message }) => message.includes(' is left out: '))
    .map(({ file = '', line = 0, message }) => ({ file, line, says: message }))

/** The errors of a build of the modules that do not load. */
async function failuresOf(release: EntrypointRelease, bed: TestBed): Promise<readonly Told[]> {
  const folder = zooWith({})
  const built = join(temporaryFolder(), 'built')
  const ended = await flowstore(
    [
      ...['build', 'broken', ...failingModules(release), '--python', bed.venvs[release]],
      ...['--storage', 'local', '--directory', built]
    ],
    folder
  )
  if (ended.code === 0) throw new Error('the broken modules load')
  return (messagesIn(folder, 'failure.json')['errors'] ?? []).map(
    ({ code = '', message, hint = '', file = '', line = 0 }) => ({
      ...{ file, line },
      says: `${code}: ${message} ${hint}`
    })
  )
}

/** A file from which the release itself registers the same: nothing is left out that has a default. */
function completeFile({ deployments, image, path }: Document, entries: readonly Entry[]) {
  const versionOf = (entry: Entry) =>
    deployments.find(
      ({ name, entrypoint }) => name === entry.name && entrypoint === entry.entrypoint
    )?.body['version']
  return {
    name: 'zoo',
    pull: [{ 'prefect.deployments.steps.set_working_directory': { directory: path } }],
    deployments: entries.map(entry => ({
      version: versionOf(entry),
      ...entry,
      work_pool: {
        ...entry.work_pool,
        job_variables: {
          ...entry.work_pool.job_variables,
          ...(image === null ? {} : { image })
        }
      }
    }))
  }
}

/**
 * Registers by Prefect's own command, which reads the `prefect.yaml` of its working directory; 2.13 has no option
 * for another file. With the typer that it installs today, its command fails without a name.
 */
async function deployAll(
  release: EntrypointRelease,
  server: PrefectServer,
  folder: string
): Promise<readonly Deployed[]> {
  const names = release === '2.13.8' ? ['--name', '*'] : []
  await outputOf(server.prefect(['--no-prompt', 'deploy', '--all', ...names], folder))
  return recordsOf(release, server)
}

/** An automation as the API gives it. */
interface Automation extends Json {
  readonly actions: readonly { readonly deployment_id?: string }[]
}

/** Every deployment, with its automations. Prefect 2 makes none. */
async function recordsOf(
  release: EntrypointRelease,
  server: PrefectServer
): Promise<readonly Deployed[]> {
  const deployments = await server.deployments()
  if (release.startsWith('2.')) return deployments
  const automations = await server.request<Automation[]>('POST', '/automations/filter', {})
  return deployments.map(deployment => ({
    ...deployment,
    automations: automations.filter(({ actions }) =>
      actions.some(({ deployment_id: id }) => id === deployment.id)
    )
  }))
}

/** Flows that need a value which only a caller has. */
const PARAMETERS: Readonly<Record<string, Json>> = {
  'Nightly orders': { day: '2026-01-31' }
}

/** What the worker's own command starts, which imports Prefect for that. Runs by digest have the worker's own command. */
const ENGINE = { command: 'python -m prefect.engine' }

/** One flow of each kind of module. */
const SAMPLE = ['plain', 'coroutine', 'two-dots', 'reads-beside', 'made first']
export const RUNS_EACH_BY_DIGEST = process.env['FLOWSTORE_BY_DIGEST'] === 'all'

/** Whether a flow is also run by digest: with FLOWSTORE_BY_DIGEST=all each is, else a sample. */
export const runsByDigest = (flow: string): boolean => RUNS_EACH_BY_DIGEST || SAMPLE.includes(flow)

async function runAll(
  server: PrefectServer,
  release: WorkerRelease,
  bed: TestBed,
  { imageRef }: Document
): Promise<Run[]> {
  const all = await server.deployments()
  const deployed = all.filter(({ name }) => name === 'zoo' || name === 'other')
  const asked: [string, Run['by'], string, () => Promise<string>][] = []
  for (const { id, flow_name } of deployed) {
    const parameters = PARAMETERS[flow_name] ?? {}
    const byTag = () => server.schedule(id, parameters, ENGINE)
    asked.push([flow_name, 'tag', await byTag(), byTag])
    if (runsByDigest(flow_name)) {
      const variables = { image: imageRef }
      const byDigest = () => server.schedule(id, parameters, variables)
      asked.push([flow_name, 'digest', await byDigest(), byDigest])
    }
  }
  const env = { DOCKER_HOST: bed.dockerHost }
  // The worker of Prefect 2 can't pull by a digest; it takes an image that the daemon has.
  await mustRun('docker', ['pull', '--quiet', imageRef ?? ''], undefined, {
    ...process.env,
    ...env
  })
  const worker = server.startWorker(bed.workers[release], 'docker', 'docker', env)
  try {
    const runs: Run[] = []
    for (const [flow, by, id, again] of asked) {
      const state = await server.finalState(id, 300)
      // A busy daemon may not start the container in time, which says nothing about the image.
      const isStarted = !/could not be submitted/.test(state.message ?? '')
      runs.push({
        ...{ flow, by },
        state: isStarted ? state : await server.finalState(await again(), 300)
      })
    }
    return runs
  } catch (error) {
    throw new Error(`the worker printed:\n${worker.text()}`, { cause: error })
  } finally {
    await worker.stop()
  }
}

/** Runs the zoo through a real release with a server of its own, and through this project. */
export async function observe(release: EntrypointRelease, bed: TestBed): Promise<Observed> {
  const server = await PrefectServer.start(bed.venvs[release])
  try {
    await server.makePool('docker', 'docker')
    const answers = await askPrefect(bed.venvs[release], server.env)
    const entries = entriesFor(release, answers.versions.python)
    const [[folder, document], failures] = await Promise.all([
      build(release, bed, entries),
      failuresOf(release, bed)
    ])

    const complete = zooWith(completeFile(document, entries))
    const prefects = await deployAll(release, server, complete)
    await server.forget()
    cpSync(join(folder, '.flowstore/prefect.yaml'), join(complete, 'prefect.yaml'))
    const written = await deployAll(release, server, complete)
    await server.forget()
    const args = ['deploy', '.flowstore/deployments.json']
    await outputOf(flowstore(args, folder, { ...process.env, PREFECT_API_URL: server.api }))
    const records = { prefects, written, ours: await recordsOf(release, server) }
    const runs = hasWorker(release) ? await runAll(server, release, bed, document) : []
    const told = { leftOut: leftOutOf(folder), failures }
    return { ...answers, document, records, told, runs }
  } finally {
    await server.stop()
  }
}
