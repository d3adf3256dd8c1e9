import { execFileSync, spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import type { TestBed } from './test-bed.js'

/** The repository that the job sees in its variables. */
export const REPOSITORY = 'acme/workflow-test'

// The tool cache outlives a job, as on a self-hosted runner, so each environment is created once.
const TOOL_CACHE = join(
  process.env['FLOWSTORE_TEST_BED'] ??
    join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'flowstore-test-bed'),
  'tool-cache'
)

/** One line of `act --json`. */
interface Event {
  readonly stepID?: readonly string[]
  readonly command?: string
  readonly name?: string
  readonly arg?: string
  readonly content?: string
  readonly kvPairs?: Readonly<Record<string, string>>
  readonly raw_output?: boolean
  readonly msg?: string
  readonly stepResult?: string
  readonly jobResult?: string
}

/** An `::error`, `::warning` or `::notice` of a step. */
export interface Annotation {
  readonly message: string
  readonly at: Readonly<Record<string, string>>
}

/** The result of one step. */
export interface Step {
  readonly result: string
  readonly outputs: Readonly<Record<string, string>>
  /** In Markdown, without the characters that escape others. */
  readonly summary: string
  readonly errors: readonly Annotation[]
  readonly warnings: readonly Annotation[]
  readonly notices: readonly Annotation[]
  /** What it printed. */
  readonly log: string
}

/** The deployments in an output of a step: of which entrypoint each is, by `flow/name`. */
export function deploymentsIn(
  { outputs }: Step,
  name: 'deployments' | 'changed-deployments'
): Readonly<Record<string, string>> {
  const deployments = JSON.parse(outputs[name] ?? '') as readonly Record<string, string>[]
  return Object.fromEntries(
    deployments.map(({ flow, name: own, entrypoint = '' }) => [`${flow}/${own}`, entrypoint])
  )
}

/** When each deployment was written last, by its id, in what a step has printed of Prefect's API. */
export function updatesIn({ log }: Step): Readonly<Record<string, string>> {
  const records = JSON.parse(log) as readonly { readonly id: string; readonly updated: string }[]
  return Object.fromEntries(records.map(({ id, updated }) => [id, updated]))
}

/** A job that has ended. */
export interface Job {
  readonly result: string
  /** A step by its id. */
  step(id: string): Step
  /** The runner's whole output, for a test that fails. */
  readonly log: string
}

const git = (cwd: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@localhost', ...args], {
    cwd
  }).toString()

/** A repository with the files of this one that git does not ignore, as they are in the work tree. */
function copyOfRepository(): string {
  const folder = mkdtempSync(join(tmpdir(), 'flowstore-workflow-'))
  const listed = git(process.cwd(), 'ls-files', '-z', '--cached', '--others', '--exclude-standard')
  for (const file of listed.split('\0').filter(path => existsSync(path))) {
    cpSync(file, join(folder, file), { verbatimSymlinks: true, force: true })
  }
  git(folder, 'init', '--quiet', '--initial-branch', 'main')
  git(folder, 'remote', 'add', 'origin', `https://github.com/${REPOSITORY}.git`)
  git(folder, 'add', '--all')
  git(folder, 'commit', '--quiet', '--message', 'Start')
  return folder
}

/** This machine's variables, without those of a CI job that the tests may run in. */
const machineEnvironment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(GITHUB|RUNNER|ACTIONS|INPUT)_/.test(name))
  )

/** The machine that a job runs on. */
interface Machine {
  /** Its variables. */
  readonly env: NodeJS.ProcessEnv
  /** The folder of its tool cache. */
  readonly toolCache: string
}

function readEvents(output: string): Event[] {
  return output.split('\n').flatMap(line => {
    try {
      return [JSON.parse(line) as Event]
    } catch {
      return []
    }
  })
}

/**
 * Runs a workflow of `__tests__/workflow` by act, on this machine, in a copy of this repository.
 *
 * @param env variables of every step
 * @param minutes how long it may take
 * @param event what caused the run; default a push
 * @param machine default this one, with a tool cache that outlives the job
 */
export async function runWorkflow(
  bed: TestBed,
  file: string,
  env: Readonly<Record<string, string>>,
  minutes: number,
  event: { readonly name: string; readonly content: unknown } = { name: 'push', content: {} },
  machine: Machine = { env: process.env, toolCache: TOOL_CACHE }
): Promise<Job> {
  const repository = copyOfRepository()
  const cache = mkdtempSync(join(tmpdir(), 'flowstore-act-'))
  mkdirSync(machine.toolCache, { recursive: true })
  symlinkSync(machine.toolCache, join(cache, 'tool_cache'))
  try {
    const eventPath = join(cache, 'event.json')
    writeFileSync(eventPath, JSON.stringify(event.content))
    const args = [
      ...[
        event.name,
        '--eventpath',
        eventPath,
        '--json',
        '--workflows',
        `__tests__/workflow/${file}`
      ],
      ...['--platform', 'ubuntu-latest=-self-hosted'],
      ...['--action-cache-path', cache, '--no-cache-server'],
      ...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`])
    ]
    let log = ''
    await new Promise<void>((resolve, reject) => {
      const act = spawn(bed.act, args, {
        cwd: repository,
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: minutes * 60_000,
        env: {
          ...machineEnvironment(machine.env),
          PATH: `${dirname(bed.node24)}${delimiter}${machine.env['PATH'] ?? ''}`,
          DOCKER_HOST: bed.dockerHost
        }
      })
      for (const stream of [act.stdout, act.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => (log += text))
      }
      act.on('error', reject)
      act.on('close', () => {
        resolve()
      })
    })
    const events = readEvents(log)
    return {
      log,
      result: events.find(event => event.jobResult !== undefined)?.jobResult ?? `none:\n${log}`,
      step: id => {
        const own = events.filter(event => event.stepID?.join('/') === id)
        const of = (command: string) => own.filter(event => event.command === command)
        const annotations = (level: string) =>
          of(level).map(event => ({ message: event.arg ?? '', at: event.kvPairs ?? {} }))
        return {
          result: own.find(event => event.stepResult !== undefined)?.stepResult ?? 'not run',
          outputs: Object.fromEntries(
            of('set-output').map(event => [event.name ?? '', event.arg ?? ''])
          ),
          summary: of('summary')
            .map(event => event.content ?? '')
            .join('')
            .replaceAll('\\', ''),
          errors: annotations('error'),
          warnings: annotations('warning'),
          notices: annotations('notice'),
          log: own
            .filter(event => event.raw_output)
            .map(event => event.msg ?? '')
            .join('')
        }
      }
    }
  } finally {
    rmSync(repository, { recursive: true, force: true })
    rmSync(cache, { recursive: true, force: true })
  }
}
