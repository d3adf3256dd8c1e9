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
import { SEED, sweep, sweepLimit, type Tried } from '../helpers/sweep.js'
import { describeWith, type TestBed } from '../helpers/test-bed.js'

/** Milliseconds that a run may take: its limits, and the start of everything on a busy machine. */
const LONGEST = 90_000
const CANARY = `canary-of-the-run-${process.pid}`

/** What GitHub, Azure and TeamCity read as a command. */
const COMMAND = /^\s*::[a-z-]+.*::|##\w*\[/im

const PLACES = ['container', 'runner'] as const

/** A load of a module, in a place. */
interface Load {
  readonly place: (typeof PLACES)[number]
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

/** Loads a module, with a daemon behind a proxy, and says what is not as it must be. */
async function tried(
  proxy: DaemonProxy,
  { place, module, marker }: Load,
  bed: TestBed
): Promise<Tried> {
  const source = module.source.replaceAll('MARKER', marker)
  const files = { 'flows/good.py': oneFlow('good'), 'flows/hostile.py': source }
  const root = repository(files)
  const args = [
    'build',
    'flows/',
    '--storage',
    'bytes',
    ...optionsOf(place, bed),
    ...HOSTILE_LIMITS
  ]
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
  return {
    end: code === 0 ? 'built' : 'explained',
    seconds,
    wrong: wrong.length === 0 ? [] : [...wrong, output.slice(-3_000)]
  }
}

const optionsOf = (place: Load['place'], { prefectBase, venvs }: TestBed): readonly string[] =>
  place === 'container'
    ? ['--load-in', 'image', '--base-image', prefectBase]
    : ['--python', venvs['1.4.1']]

/** Each module in each place; those of the suite are each module in one of them, which the seed chooses. */
const LOADS: readonly Load[] = HOSTILE_MODULES.flatMap((module, index) =>
  PLACES.map((place, number) => {
    const marker = `9${process.pid}${number}${String(index).padStart(2, '0')}`
    return { place, module, marker }
  })
)
const SAMPLE = LOADS.filter((_, index) => (index + Math.floor(index / 2) + SEED) % 2 === 0)

describeWith(['docker', 'registry', 'prefect:1.4.1', 'venv:1.4.1'], 'hostile modules', bed => {
  const proxies: DaemonProxy[] = []

  beforeAll(async () => {
    for (let lane = 0; lane < 3; lane++) proxies.push(await daemonProxy(bed.dockerHost))
    // The environment image of all.
    const args = ['build', 'good.py', '--storage', 'bytes', ...optionsOf('container', bed)]
    const root = repository({ 'good.py': oneFlow('good') })
    const run = startRun(args, root, { DOCKER_HOST: bed.dockerHost }, 300_000)
    const { code, output } = await run.ended
    if (code !== 0) throw new Error(output)
  }, 300_000)

  afterAll(() => Promise.all(proxies.map(proxy => proxy.close())))

  test(
    'end within their limits, are named, and leave nothing, in a container and on the runner',
    async () => {
      const wrong = await sweep({
        name: 'hostile',
        all: LOADS,
        sample: SAMPLE,
        line: ({ place, module }) => `${place}: ${module.name}`,
        lanes: proxies.map(proxy => (load: Load) => tried(proxy, load, bed))
      })
      expect(wrong).toEqual([])
    },
    sweepLimit(1_200_000)
  )
})
