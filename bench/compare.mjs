// Compares two bundles in one run: `node bench/compare.mjs BEFORE AFTER`.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../scripts/test-bed/places.mjs'
import { readyPrefect3 } from './cases/prefect-3.mjs'
import { readyReal } from './cases/real-repository.mjs'
import { readyChanged, readyDaemonless, readyUnchanged } from './cases/two-flows.mjs'
import { endWhenInterrupted, openBench } from './kit/bench.mjs'
import { prefect3, PREFECT_3, twoEntrypoints } from './kit/prefect-3.mjs'
import { inPairs, median, quantile } from './kit/process.mjs'
import { prefectReleases, twoFlows } from './kit/projects.mjs'
import { realRepository } from './kit/real-repository.mjs'
import { startupSamples } from './kit/startup.mjs'

const sampleOf =
  ready =>
  async (...args) =>
    (await ready(...args)).sample

/** Each case that builds: its repository, and what prepares its sample. */
const BUILDS = {
  changed: [twoFlows, readyChanged],
  unchanged: [twoFlows, readyUnchanged],
  daemonless: [twoFlows, sampleOf(readyDaemonless)],
  'prefect3-changed': [twoEntrypoints, readyPrefect3.changed],
  'prefect3-unchanged': [twoEntrypoints, readyPrefect3.unchanged],
  'prefect3-daemonless': [twoEntrypoints, sampleOf(readyPrefect3.daemonless)],
  'real-changed': [realRepository, readyReal.changed],
  'real-unchanged': [realRepository, readyReal.unchanged],
  'real-first': [realRepository, readyReal.first]
}
const CASES = [...Object.keys(BUILDS), 'startup']
/** The cases of a release that `--prefect` does not set. */
const isPrefect3 = name => name.startsWith('prefect3-')
/** The packages and flows of this repository are for one release of Prefect. */
const isFor = (release, name) => release === '1.4.1' || !name.startsWith('real-')
/** The cases without `--case`. Each sample of the one left out takes most of a minute. */
const defaultsFor = release => CASES.filter(name => name !== 'real-first' && isFor(release, name))
const RELEASES = ['1.4.1', '0.5.4']

const usage = `usage: node bench/compare.mjs BEFORE AFTER [--case NAME]... [--pairs N] [--prefect RELEASE]
                              [--ratio R] [--milliseconds N]
BEFORE, AFTER   a folder with dist/, python/ and shell/, or a git commit
--case          ${CASES.join(', ')}; may be given several times
                (all but real-first); those of real- are for 1.4.1 alone,
                those of prefect3- for ${PREFECT_3}, whatever --prefect says
--pairs         pairs of samples of each case (15)
--prefect       release of Prefect: ${RELEASES.join(', ')} (1.4.1)
--ratio         how many times as long AFTER may take (1.05), or
--milliseconds  how much longer, if that is more (10)`

const fail = text => {
  console.error(text)
  process.exit(2)
}

const number = (values, name, pattern) => {
  if (!pattern.test(values[name])) fail(`--${name}: '${values[name]}' is not valid\n${usage}`)
  return Number(values[name])
}

const readArguments = () => {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        case: { type: 'string', multiple: true },
        pairs: { type: 'string', default: '15' },
        prefect: { type: 'string', default: RELEASES[0] },
        ratio: { type: 'string', default: '1.05' },
        milliseconds: { type: 'string', default: '10' },
        help: { type: 'boolean' }
      }
    })
    if (values.help) {
      console.log(usage)
      process.exit(0)
    }
    if (positionals.length !== 2) fail(`two bundles are compared\n${usage}`)
    if (!RELEASES.includes(values.prefect)) fail(`no release ${values.prefect}\n${usage}`)
    const chosen = values.case ?? defaultsFor(values.prefect)
    const unknown = chosen.filter(name => !CASES.includes(name))
    if (unknown.length > 0) fail(`no case ${unknown.join(', ')}\n${usage}`)
    const other = chosen.filter(name => !isFor(values.prefect, name))
    if (other.length > 0) fail(`no case ${other.join(', ')} for ${values.prefect}\n${usage}`)
    return {
      bundles: positionals,
      names: CASES.filter(name => chosen.includes(name)),
      pairs: number(values, 'pairs', /^[1-9]\d*$/),
      release: values.prefect,
      most: number(values, 'ratio', /^\d+(\.\d+)?$/),
      milliseconds: number(values, 'milliseconds', /^\d+(\.\d+)?$/)
    }
  } catch (error) {
    return fail(`${error.message}\n${usage}`)
  }
}

/** The folders of a checkout that a bundle needs; an older checkout may lack some. */
const PARTS = ['dist', 'python', 'shell']

/** Copies a bundle, so that no build changes it during the comparison; returns its name. */
const copyBundle = (bundle, folder) => {
  mkdirSync(folder)
  if (existsSync(bundle)) {
    for (const part of PARTS.filter(name => existsSync(join(bundle, name)))) {
      cpSync(join(bundle, part), join(folder, part), {
        recursive: true,
        filter: path => basename(path) !== '__pycache__'
      })
    }
    return resolve(bundle)
  }
  const git = (...args) =>
    execFileSync('git', ['-C', root, ...args], { stdio: 'pipe' })
      .toString()
      .trim()
  const commit = git('rev-parse', '--verify', `${bundle}^{commit}`)
  const archive = `${folder}.tar`
  const parts = git('ls-tree', '--name-only', commit, ...PARTS).split('\n')
  git('archive', '--output', archive, commit, ...parts)
  execFileSync('tar', ['-C', folder, '-xf', archive])
  return commit
}

/** Samples of a case that builds: each bundle has its own flows, caches and environment. */
const readyBuilds = async (bench, name, release, folders) => {
  const [repository, ready] = BUILDS[name]
  const samples = []
  for (const folder of folders) {
    const label = basename(folder)
    const image = `${bench.id}-${name}-${label}`
    const sample = await ready(bench, release, repository(bench.inFolder(image)), image, {
      bundle: join(folder, 'dist/flowstore.js'),
      variables: `BENCH_BUNDLE=${label}`,
      env: { ...bench.env, XDG_CACHE_HOME: bench.inFolder(`cache-${label}`) }
    })
    samples.push(async () => (await sample()).seconds * 1000)
  }
  return samples
}

const { bundles, names, pairs, release, most, milliseconds } = readArguments()
const temporary = mkdtempSync(join(tmpdir(), 'flowstore-compare-'))
// Python may write its bytecode, whatever the caller's environment says.
delete process.env.PYTHONDONTWRITEBYTECODE

let bench
const end = async () => {
  await bench?.end()
  rmSync(temporary, { recursive: true, force: true })
}
endWhenInterrupted(end)

const row = (...cells) =>
  cells.map((cell, at) => (at === 0 ? cell.padEnd(24) : cell.padStart(at === 4 ? 16 : 11))).join('')

/** Measures a case, prints the result, and returns whether it meets the bound. */
const compare = async (name, contestants) => {
  const [before, after] = await inPairs(contestants, pairs)
  const ratios = after.map((value, at) => value / before[at])
  const difference = median(after) - median(before)
  const met = median(ratios) <= most || difference <= milliseconds
  console.log(
    row(
      name,
      `${median(before).toFixed(0)} ms`,
      `${median(after).toFixed(0)} ms`,
      median(ratios).toFixed(3),
      `${quantile(ratios, 0.25).toFixed(3)} to ${quantile(ratios, 0.75).toFixed(3)}`,
      `${difference.toFixed(0)} ms`,
      met ? 'met' : 'NOT MET'
    )
  )
  return met
}

try {
  const from = performance.now()
  const folders = ['before', 'after'].map(label => join(temporary, label))
  const called = bundles.map((bundle, at) => copyBundle(bundle, folders[at]))
  const used = [...new Set(names.map(name => (isPrefect3(name) ? PREFECT_3 : release)))]
  console.log(`before  ${called[0]}\nafter   ${called[1]}`)
  console.log(
    `${pairs} pairs, Prefect ${used.join(' and ')}, Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'CPU'}\n`
  )
  console.log(row('median', 'before', 'after', 'ratio', 'quartiles', 'more', 'bound'))
  const met = []
  const builds = names.filter(name => name !== 'startup')
  if (builds.length > 0) {
    bench = await openBench({ bytecode: true })
    const releases = {}
    for (const name of builds) {
      const prefect = isPrefect3(name)
        ? (releases.prefect3 ??= await prefect3(bench))
        : (releases.pickled ??= (await prefectReleases(bench, [release]))[release])
      met.push(await compare(name, await readyBuilds(bench, name, prefect, folders)))
    }
  }
  if (names.includes('startup')) {
    const [before, after] = folders.map(folder => startupSamples(folder, temporary))
    for (const name of Object.keys(before)) {
      met.push(await compare(name, [before[name], after[name]]))
    }
  }
  console.log(
    `\nbound: ${most} times, or ${milliseconds} ms more; took ${((performance.now() - from) / 1000).toFixed(0)} s`
  )
  process.exitCode = met.every(Boolean) ? 0 : 1
} catch (error) {
  console.error(error.message)
  process.exitCode = 2
} finally {
  await end()
}
