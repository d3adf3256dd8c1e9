// Looks for what many runs leave behind: `node bench/soak.mjs [--runs N] [--cli N]`.
import { fork } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { root } from '../scripts/test-bed/places.mjs'
import { readyWithoutDaemon } from './cases/two-flows.mjs'
import { BUNDLE, endWhenInterrupted, NOWHERE, openBench } from './kit/bench.mjs'
import { flags } from './kit/contestants.mjs'
import { emptyDaemon, noDaemonHere } from './kit/daemon.mjs'
import { median, timed } from './kit/process.mjs'
import { DEPENDENCY, prefectReleases, twoFlows, write } from './kit/projects.mjs'

const RELEASE = '1.4.1'

/** The runs of a round: what happens to the repository before, whether a daemon answers, and how the run ends. */
const ROUND = [
  { before: 'change', hasDaemon: true, outcome: 'true' },
  { before: 'nothing', hasDaemon: true, outcome: 'false' },
  { before: 'change', hasDaemon: false, outcome: 'true' },
  { before: 'nothing', hasDaemon: false, outcome: 'false' },
  // Each second time without a daemon.
  { before: 'break', hasDaemon: true, outcome: 'MODULE_IMPORT' }
]

const usage = `usage: node bench/soak.mjs [--runs N] [--cli N]
--runs  runs of the library in one process (200)
--cli   runs of the CLI, one after the other (50)
Both are rounded up to whole rounds of ${ROUND.length}.`

const fail = text => {
  console.error(text)
  process.exit(2)
}

const readArguments = () => {
  try {
    const { values } = parseArgs({
      options: {
        runs: { type: 'string', default: '200' },
        cli: { type: 'string', default: '50' },
        help: { type: 'boolean' }
      }
    })
    if (values.help) {
      console.log(usage)
      process.exit(0)
    }
    return Object.fromEntries(
      ['runs', 'cli'].map(name => {
        const runs = Number(values[name])
        if (!Number.isInteger(runs) || runs < 4 * ROUND.length) {
          fail(
            `--${name}: at least ${4 * ROUND.length} runs, so that each quarter has a round\n${usage}`
          )
        }
        return [name, runs]
      })
    )
  } catch (error) {
    return fail(`${error.message}\n${usage}`)
  }
}

/** The library as its package has it, compiled from the sources; returns the address of its module. */
const compileLibrary = async ({ env, inFolder }) => {
  const folder = inFolder('package')
  for (const name of ['python', 'shell', 'node_modules', 'package.json']) {
    symlinkSync(join(root, name), join(folder, name))
  }
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const options = ['--outDir', join(folder, 'lib'), '--noCheck', '--declaration', 'false']
  const args = [compiler, '-p', join(root, 'tsconfig.lib.json'), ...options]
  await timed(process.execPath, args, { cwd: root, env })
  return pathToFileURL(join(folder, 'lib/index.js')).href
}

/** A repository with its environment image and interpreter, a daemon of its own, and a folder for temporary files. */
const prepare = async bench => {
  const { id, inFolder, bed, defer } = bench
  const release = (await prefectReleases(bench, [RELEASE]))[RELEASE]
  const project = twoFlows(inFolder('soak'))
  const registry = bed.registry.url
  const { env } = await readyWithoutDaemon(bench, release, project, registry, id)
  const daemon = await emptyDaemon()
  defer(daemon.end)
  return { bench, release, project, env: { ...env, TMPDIR: inFolder('tmp') }, daemon }
}

/** One process that builds with the library. `run` returns the outcome of a build, `held` what the process holds. */
const libraryRunner = async ({ bench, release, project, env }) => {
  const script = new URL('kit/library-process.mjs', import.meta.url)
  const child = fork(script, [await compileLibrary(bench)], { env, execArgv: ['--expose-gc'] })
  bench.defer(() => child.kill())
  /** Sends a message, if there is one, and returns the next answer. */
  const ask = message =>
    new Promise((resolve, reject) => {
      const ended = code => reject(new Error(`the process of the library ended: ${code}`))
      child.once('exit', ended)
      child.once('message', answer => {
        child.off('exit', ended)
        resolve(answer)
      })
      if (message !== undefined) child.send(message, error => error && reject(error))
    })
  await ask()
  const options = {
    ...{ flows: project.flows, registryUrl: bench.bed.registry.url, imageName: bench.id },
    ...{ baseImage: release.base, prefectVersion: RELEASE, pythonDependencies: DEPENDENCY }
  }
  return {
    pid: child.pid,
    run: (loadIn, host) =>
      ask({
        options: { ...options, loadIn },
        surroundings: { cwd: project.folder, env: { ...env, DOCKER_HOST: host } },
        directory: join(project.folder, '.flowstore')
      }),
    held: () => ask('held'),
    end: () => child.kill()
  }
}

/** A process of the CLI for each run. */
const cliRunner = ({ bench, release, project, env }) => {
  const args = [...project.flows, ...flags(release, bench.bed.registry.url, bench.id)]
  const written = name => JSON.parse(readFileSync(join(project.folder, '.flowstore', name), 'utf8'))
  return {
    run: (loadIn, host) =>
      timed(process.execPath, [BUNDLE, 'build', ...args, '--load-in', loadIn], {
        cwd: project.folder,
        env: { ...env, DOCKER_HOST: host }
      }).then(
        () => written('report.json').outputs.changed,
        () => written('failure.json').errors[0].code
      ),
    held: () => ({}),
    end: () => {}
  }
}

/** The processes that name a folder: in their arguments, their variables or their working directory. */
const processesOf = (folder, except) =>
  readdirSync('/proc').filter(pid => {
    if (!/^\d+$/.test(pid) || Number(pid) === except) return false
    try {
      return [
        readFileSync(`/proc/${pid}/cmdline`, 'latin1'),
        readFileSync(`/proc/${pid}/environ`, 'latin1'),
        readlinkSync(`/proc/${pid}/cwd`)
      ].some(text => text.includes(folder))
    } catch {
      // It has ended.
      return false
    }
  })

const entriesIn = folder => readdirSync(folder, { recursive: true }).length

/** What is there after a round, counted from outside. */
const countAll = async ({ bench, project, env, daemon }, pid) => {
  const idsOf = async (...args) =>
    new Set((await bench.docker(args, daemon)).split('\n').filter(Boolean)).size
  return {
    ...(pid === undefined ? {} : { descriptors: readdirSync(`/proc/${pid}/fd`).length }),
    containers: await idsOf('ps', '-aq'),
    images: await idsOf('images', '-aq', '--no-trunc'),
    volumes: await idsOf('volume', 'ls', '-q'),
    'temporary files': entriesIn(env.TMPDIR),
    'other files': entriesIn(project.folder) + entriesIn(env.XDG_CACHE_HOME),
    processes: processesOf(bench.folder, pid).length
  }
}

/** Milliseconds for what may take longer than a run: the daemon removes a container, idle connections are closed. */
const PAUSE = 6_000

/** Runs rounds; returns what was there after each. */
const soak = async (surroundings, runner, runs) => {
  const { project, daemon } = surroundings
  const prepareFor = {
    change: project.change,
    nothing: () => {},
    break: () => write(join(project.folder, 'flows/daily.py'), 'raise RuntimeError("broken")\n')
  }
  const samples = []
  const rounds = Math.ceil(runs / ROUND.length)
  for (let round = 0; round < rounds; round += 1) {
    for (const { before, hasDaemon, outcome } of ROUND) {
      const inImage = hasDaemon && !(before === 'break' && round % 2 === 1)
      prepareFor[before]()
      const ended = await runner.run(inImage ? 'image' : 'auto', inImage ? daemon.host : NOWHERE)
      if (ended !== outcome) throw new Error(`a run ended with ${ended}, not with ${outcome}`)
    }
    await sleep(PAUSE)
    samples.push({ ...(await runner.held()), ...(await countAll(surroundings, runner.pid)) })
    console.error(`round ${round + 1} of ${rounds}`)
  }
  return samples
}

const MEGABYTE = 1e6
/** Name of a measure to the growth that it may have, and its unit; default none, and a number of things. */
const BOUNDS = {
  heap: { most: 2, unit: MEGABYTE },
  buffers: { most: 2, unit: MEGABYTE },
  resident: { most: 30, unit: MEGABYTE }
}

const HEADING = [
  'median'.padEnd(18),
  ...['quarter 1', 'quarter 2', 'quarter 3', 'quarter 4', '4 minus 2', 'bound'].map(text =>
    text.padStart(11)
  )
].join('')

/** Prints the medians of each quarter and the verdict over each measure; returns whether all are met. */
const report = samples => {
  const quarterOf = (name, quarter) => {
    const [from, to] = [quarter, quarter + 1].map(at => Math.round((at * samples.length) / 4))
    return median(samples.slice(from, to).map(sample => sample[name]))
  }
  const met = Object.keys(samples[0]).map(name => {
    const { most = 0, unit = 1 } = BOUNDS[name] ?? {}
    const quarters = [0, 1, 2, 3].map(quarter => quarterOf(name, quarter) / unit)
    const growth = quarters[3] - quarters[1]
    const shown = value => (unit === 1 ? String(value) : `${value.toFixed(1)} MB`)
    console.log(
      [
        name.padEnd(18),
        ...[...quarters, growth, most].map(value => shown(value).padStart(11)),
        growth <= most ? '  met' : '  NOT MET'
      ].join('')
    )
    return growth <= most
  })
  return met.every(Boolean)
}

const { runs, cli } = readArguments()
const impossible = noDaemonHere()
if (impossible !== undefined) fail(`The soak has a Docker daemon of its own: ${impossible}.`)

let bench
const end = async () => bench?.end()
endWhenInterrupted(end)
try {
  const from = performance.now()
  bench = await openBench()
  const surroundings = await prepare(bench)
  console.log(
    `Prefect ${RELEASE}, Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB`
  )
  const met = []
  for (const [title, ready, count] of [
    ['runs of the library in one process', libraryRunner, runs],
    ['runs of the CLI', cliRunner, cli]
  ]) {
    const runner = await ready(surroundings)
    const samples = await soak(surroundings, runner, count)
    runner.end()
    console.log(`\n${samples.length * ROUND.length} ${title}\n${HEADING}`)
    met.push(report(samples))
  }
  console.log(`\ntook ${((performance.now() - from) / 1000).toFixed(0)} s`)
  process.exitCode = met.every(Boolean) ? 0 : 1
} catch (error) {
  console.error(error.message)
  process.exitCode = 2
} finally {
  await end()
}
