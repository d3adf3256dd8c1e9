// The checks and the tests of `python/`: ruff, mypy and pytest, each with its own count.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { run as runQuietly } from '../test-bed/command.mjs'
import { pipEnvironment } from '../test-bed/pip.mjs'
import { cache, hash, root } from '../test-bed/places.mjs'
import { findPythons } from '../test-bed/pythons.mjs'
import { onEachProcessor } from './processors.mjs'

const folder = join(root, 'python')
// The versions that mypy runs on.
const LINT_PYTHONS = ['3.13', '3.12', '3.11', '3.10']

/** Skips a check that can't run, with the reason. On CI it fails instead. */
const skip = (what, reason) => {
  console.log(`${process.env.CI ? 'FAILED' : 'SKIPPED'} ${what}: ${reason}`)
  return process.env.CI
    ? { passed: 0, failed: 1, skipped: 0 }
    : { passed: 0, failed: 0, skipped: 1 }
}

const sum = counts =>
  counts.reduce(
    (one, other) => ({
      passed: one.passed + other.passed,
      failed: one.failed + other.failed,
      skipped: one.skipped + other.skipped
    }),
    { passed: 0, failed: 0, skipped: 0 }
  )

const requirementsIn = file =>
  readFileSync(join(folder, file), 'utf8')
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))

/**
 * A folder for PYTHONPATH with packages, so that the interpreter's environment stays unchanged.
 * If two runs install at the same time, the first one to finish is kept.
 */
const installed = async (python, requirements) => {
  const path = join(cache, 'packages', hash(python, ...requirements).slice(0, 16))
  if (existsSync(path)) return path
  const unfinished = `${path}.${process.pid}`
  mkdirSync(join(cache, 'packages'), { recursive: true })
  try {
    const args = ['-m', 'pip', 'install', '--target', unfinished, ...requirements]
    await runQuietly(python, args, { env: await pipEnvironment() })
    if (!existsSync(path)) renameSync(unfinished, path)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
  return path
}

/** Runs ruff and mypy; `run` gives the exit code of a command. */
export const lintPython = async run => {
  let python, packages
  try {
    const pythons = await findPythons()
    python = LINT_PYTHONS.map(version => pythons[version]).find(path => path !== undefined)
    if (python === undefined) throw new Error(`no Python ${LINT_PYTHONS.join(', ')}`)
    packages = await installed(python, requirementsIn('requirements-lint.txt'))
  } catch (error) {
    return skip('ruff and mypy', error.message)
  }
  const commands = [
    ['ruff', 'check', '--no-cache'],
    ['ruff', 'format', '--check', '--no-cache'],
    ['mypy', '--cache-dir', join(cache, 'mypy')]
  ]
  const counts = []
  for (const command of commands) {
    const options = { cwd: folder, env: { PYTHONPATH: packages } }
    const code = await run(python, ['-m', ...command], options)
    counts.push({ passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 })
  }
  return sum(counts)
}

/** The counts of a report in JUnit's format. A run with another exit code than 0 has at least one failure. */
const countsOf = (report, code) => {
  const ended = code === 0 ? 0 : 1
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 }
  const [suite] = /<testsuite [^>]*>/.exec(readFileSync(report, 'utf8')) ?? ['']
  const count = name => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1] ?? 0)
  const failed = count('failures') + count('errors')
  const skipped = count('skipped')
  return {
    passed: count('tests') - failed - skipped,
    failed: Math.max(failed, ended),
    skipped
  }
}

// The releases that the tests run with: the ends of the ranges between which the loader meets differences. The
// tests themselves leave out those of another generation.
const RELEASES = ['0.5.4', '1.4.1', '2.20.27', '3.9.1']

/** Runs the tests with a release of Prefect of the test bed. */
const testRelease = async (release, run, bed, results, minutes) => {
  const python = bed.venvs?.[release]
  let packages
  try {
    if (python === undefined) throw new Error(bed.skipped?.[`venv:${release}`] ?? 'no test bed')
    packages = await installed(python, requirementsIn('tests/requirements.txt'))
  } catch (error) {
    return skip(`tests with Prefect ${release}`, error.message)
  }
  const report = join(results, `python-${release}.xml`)
  const code = await run(
    python,
    ['-m', 'pytest', '-rs', '--junitxml', report, '--basetemp', join(results, release)],
    {
      cwd: folder,
      env: { PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: '1', PY_COLORS: '0' },
      minutes,
      beside: true
    }
  )
  console.log(`Prefect ${release}: exit code ${code}\n`)
  return countsOf(report, code)
}

/** Runs the tests with the releases of Prefect of the test bed, one on each processor. */
export const testPython = async (run, bed, results, minutes) => {
  const counts = []
  await onEachProcessor(RELEASES, async release => {
    counts.push(await testRelease(release, run, bed, results, minutes))
  })
  return sum(counts)
}
