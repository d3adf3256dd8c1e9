import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { daemonProxy, type DaemonProxy } from '../helpers/daemon-proxy.js'
import { containersOf, startRun, until } from '../helpers/daemon-runs.js'
import { oneFlow, repository } from '../helpers/flowstore.js'
import {
  HOSTILE_LIMITS,
  HOSTILE_MODULES,
  type HostileEnd,
  type HostileModule
} from '../helpers/hostile-modules.js'
import { runsWith } from '../helpers/processes.js'
import { describeWith, type TestBed } from '../helpers/test-bed.js'

/** Milliseconds that a run may take: its limits, and the start of everything on a busy machine. */
const LONGEST = 90_000
const CANARY = `canary-of-the-run-${process.pid}`

/** What GitHub, Azure and TeamCity read as a command. */
const COMMAND = /^\s*::[a-z-]+.*::|##\w*\[/im

/** A place of loads, which tries one module at a time. */
interface Lane {
  readonly place: 'container' | 'runner'
  readonly proxy: DaemonProxy
  readonly options: readonly string[]
}

/** A load of a module, in a place. */
interface Load {
  readonly module: HostileModule
  /** Of its processes. */
  readonly marker: string
}

/** What is wrong with how a load ends. */
function wrongEnd(expected: HostileEnd, code: number | null, output: string): string[] {
  const codes = [...output.matchAll(/^error ([A-Z_]+):/gm)].map(match => match[1])
  if (expected === 'built') {
    const hasAll = output.includes('flows/good.py') && output.includes('flows/hostile.py')
    return code === 0 && hasAll ? [] : [`it is not built: exit code ${code}`]
  }
  const [wanted, words] = expected
  return [
    ...(codes.includes(wanted) ? [] : [`no ${wanted}: exit code ${code}`]),
    ...(words.test(output) ? [] : [`no ${String(words)}`])
  ]
}

/** Processes that have a folder in their variables or on their command lines: those of a run. */
function runsIn(folder: string): boolean {
  const has = (path: string): boolean => {
    try {
      return readFileSync(path).includes(folder)
    } catch {
      // It has ended, or is that of another user.
      return false
    }
  }
  return readdirSync('/proc').some(
    id => /^\d+$/.test(id) && ['environ', 'cmdline'].some(name => has(join('/proc', id, name)))
  )
}

/** Loads a module, and says what is not as it must be. */
async function tried(lane: Lane, { module, marker }: Load, bed: TestBed): Promise<string[]> {
  const { place, proxy, options } = lane
  const source = module.source.replaceAll('MARKER', marker)
  const files = { 'flows/good.py': oneFlow('good'), 'flows/hostile.py': source }
  const root = repository(files)
  const args = ['build', 'flows/', '--storage', 'bytes', ...options, ...HOSTILE_LIMITS]
  const env = { DOCKER_HOST: proxy.host, HOSTILE_TOKEN: CANARY, GITHUB_ACTIONS: '' }
  const run = startRun([...args, '--verbose'], root, env, LONGEST)
  const { code, output, hung, seconds } = await run.ended
  const wrong = wrongEnd(place === 'container' ? module.inContainer : module.onRunner, code, output)
  if (hung) wrong.push('it went on')
  if (code === 1 || output.includes('INTERNAL')) wrong.push('an internal error')
  if (COMMAND.test(output)) wrong.push(`a command: ${COMMAND.exec(output)?.[0] ?? ''}`)
  if (output.includes(CANARY)) wrong.push('the canary is in the output')
  const rest = readdirSync(run.temporary)
  if (rest.length > 0) wrong.push(`temporary files: ${rest.join()}`)
  if (runsIn(run.temporary) || runsWith(`sleep ${marker}`)) wrong.push('a process')
  const left = async () =>
    (await containersOf(bed.dockerHost)).some(({ Id: id }) => proxy.created.has(id))
  if (!(await until(async () => !(await left()), 3_000))) wrong.push('a container')
  for (const [file, content] of Object.entries(files)) {
    const path = join(root, file)
    if (!existsSync(path) || readFileSync(path, 'utf8') !== content) wrong.push(`changed: ${file}`)
  }
  const outside = [root, dirname(root), '/etc', '/opt', '/usr']
  if (outside.some(folder => existsSync(join(folder, `hostile-${marker}`)))) wrong.push('a file')
  if (process.env['FAULTS_PRINT']) {
    process.stderr.write(`${place}: ${module.name}: exit code ${code} after ${seconds} s\n`)
  }
  return wrong.map(each => `${place}: ${module.name}: ${each}\n${output.slice(-3_000)}`)
}

describeWith(['docker', 'registry', 'prefect:1.4.1', 'venv:1.4.1'], 'hostile modules', bed => {
  const lanes: Lane[] = []

  beforeAll(async () => {
    const options = {
      container: ['--load-in', 'image', '--base-image', bed.prefectBase],
      runner: ['--python', bed.venvs['1.4.1']]
    }
    for (const place of ['container', 'container', 'runner'] as const) {
      const proxy = await daemonProxy(bed.dockerHost)
      lanes.push({ place, proxy, options: options[place] })
    }
    // The environment image of all.
    const args = ['build', 'good.py', '--storage', 'bytes', ...options.container]
    const root = repository({ 'good.py': oneFlow('good') })
    const run = startRun(args, root, { DOCKER_HOST: bed.dockerHost }, 300_000)
    const { code, output } = await run.ended
    if (code !== 0) throw new Error(output)
  }, 300_000)

  afterAll(async () => {
    for (const { proxy } of lanes) await proxy.close()
  })

  test('end within their limits, are named, and leave nothing, in a container and on the runner', async () => {
    const queues = Object.fromEntries(
      (['container', 'runner'] as const).map((place, number) => [
        place,
        HOSTILE_MODULES.map((module, index) => {
          return { module, marker: `9${process.pid}${number}${String(index).padStart(2, '0')}` }
        })
      ])
    )
    const wrong: string[] = []
    const work = async (lane: Lane) => {
      for (let load = queues[lane.place]?.shift(); load; load = queues[lane.place]?.shift()) {
        wrong.push(...(await tried(lane, load, bed)))
      }
    }
    await Promise.all(lanes.map(work))
    expect(wrong).toEqual([])
  }, 1_200_000)
})
