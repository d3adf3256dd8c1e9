// Tries releases of Prefect on each Python of this machine, and writes docs/matrix.md. What was tried is kept in
// scripts/matrix/results.json, so that a run goes on where the last one stopped. With --minutes N no cell starts after
// N minutes, with --again cells are tried although they are known, with --page only the page is written. Arguments
// name what is tried, in their order, instead of everything: RELEASE is a release on its newest Python,
// RELEASE@PYTHON on another one or in an `image`.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import prettier from 'prettier'
import { importSource } from './import-source.mjs'
import { observe } from './matrix/cell.mjs'
import { differenceOf, writePage } from './matrix/page.mjs'
import { findPythons, PREFECTS, uvInstaller } from './test-bed/pythons.mjs'
import { root } from './test-bed/places.mjs'

const { values: flags, positionals } = parseArgs({
  options: { minutes: { type: 'string' }, again: { type: 'boolean' }, page: { type: 'boolean' } },
  allowPositionals: true
})
const named = positionals.map(name => name.split('@'))

const { ENTRYPOINT_FLOWS } = await importSource('src/prefect/entrypoint-flows.ts')
const { PICKLED_FLOWS } = await importSource('src/prefect/pickled-flows.ts')
const zoo = await importSource('__tests__/conformance/kinds.ts')

const minorOf = release => release.split('.').slice(0, 2).join('.')

/** The releases that differ from the one before them. */
const changed = ({ releases, rules }) => {
  const factsOf = release =>
    JSON.stringify({ ...rules(release), generation: undefined, release: undefined })
  return releases.filter(
    (release, index) => index === 0 || factsOf(release) !== factsOf(releases[index - 1])
  )
}
const newestPatches = ({ releases }) =>
  releases.filter((release, index) => minorOf(releases[index + 1] ?? '') !== minorOf(release))

/** The releases of a generation, each with the Pythons that are tried with it. */
const rowsOf = (generation, releases, pythonsOf) =>
  generation.releases
    .filter(release => releases.includes(release))
    .map(release => ({
      release,
      generation: generation.flowsAre,
      ...(({ pythons, pins }) => ({ pythons, pins }))(generation.rules(release)),
      tried: pythonsOf(generation.rules(release))
    }))

const pythons = await findPythons()
const here = ({ pythons: all }) => all.filter(version => version in pythons)
const ends = versions => versions.filter((_, index) => index === 0 || index === versions.length - 1)

const resultsFile = join(root, 'scripts/matrix/results.json')
/** What was seen in each cell, with the release and the Python. */
const results = JSON.parse(readFileSync(resultsFile, 'utf8'))
const isOf = one => other => one.release === other.release && one.python === other.python
const keep = async result => {
  const known = results.findIndex(isOf(result))
  if (known === -1) results.push(result)
  else results[known] = result
  results.sort((one, other) =>
    `${one.release} ${one.python}`.localeCompare(`${other.release} ${other.python}`, 'en', {
      numeric: true
    })
  )
  writeFileSync(resultsFile, await prettier.format(JSON.stringify(results), { parser: 'json' }))
}

const newest = newestPatches(ENTRYPOINT_FLOWS)
const firsts = changed(ENTRYPOINT_FLOWS).filter(release => !newest.includes(release))
/** Those that were named, in this run or before. */
const others = [
  ...new Set([...named.map(([release]) => release), ...results.map(({ release }) => release)])
].filter(release => ![...newest, ...firsts].includes(release))
const rows = [
  ...rowsOf(ENTRYPOINT_FLOWS, newest, here),
  ...rowsOf(ENTRYPOINT_FLOWS, firsts, rules => ends(here(rules))),
  ...rowsOf(ENTRYPOINT_FLOWS, others, rules => here(rules).slice(-1)),
  ...rowsOf(PICKLED_FLOWS, changed(PICKLED_FLOWS), rules => here(rules).slice(-1))
]

/** What images are built with, if the test bed is up. */
const bedFile = join(root, '.test-bed/bed.json')
const bed = existsSync(bedFile) ? JSON.parse(readFileSync(bedFile, 'utf8')) : {}
for (const row of rows) {
  const minor = ['3.12', '3.9'].find(version => row.pythons.includes(version))
  const base = bed.baseImages?.[minor]
  if (!newest.includes(row.release) || !bed.dockerHost || !bed.registry || !base) continue
  row.image = { base, registry: bed.registry.url, dockerHost: bed.dockerHost }
}

/**
 * Each release on its newest Python first, then in an image and on its oldest Python, then on those between. Releases
 * that CI tries as well come later.
 */
const turnOf = ({ release, python, tried }) =>
  (python === tried.at(-1) ? 0 : ['image', tried[0]].includes(python) ? 1 : 2) +
  (release in PREFECTS ? 1 : 0)
const all = rows
  .flatMap(row =>
    [...row.tried, ...(row.image ? ['image'] : [])].map(python => ({ ...row, python }))
  )
  .sort((one, other) => turnOf(one) - turnOf(other))
const cellNamed = ([release, place]) => {
  const row = rows.find(each => each.release === release)
  const python = place ?? row?.tried.at(-1)
  if (row === undefined || !(python === 'image' ? row.image : here(row).includes(python)))
    throw new Error(`${release} can't be tried on ${python}`)
  return { ...row, python }
}
const cells = (named.length === 0 ? all : named.map(cellNamed)).filter(
  cell => flags.again || !results.some(isOf(cell))
)

const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
  cwd: root,
  encoding: 'utf8'
})
const end = performance.now() + Number(flags.minutes ?? Infinity) * 60_000
const uv = flags.page ? undefined : await uvInstaller(pythons)
for (const [index, cell] of flags.page ? [] : cells.entries()) {
  if (performance.now() > end) break
  const from = performance.now()
  // uv does not run on older Pythons.
  const installer = ['3.6', '3.7'].includes(cell.python) ? undefined : uv
  const entrypoints = zoo.KINDS.map(({ entrypoint }) => entrypoint)
  const { release, generation, python } = cell
  const place = python === 'image' ? { image: cell.image } : { interpreter: pythons[python] }
  const seen = await observe({ release, generation, ...place }, entrypoints, installer)
  const seconds = Math.round((performance.now() - from) / 1000)
  const difference = differenceOf({ release, generation, python, ...seen }, zoo)
  const date = new Date().toISOString().slice(0, 10)
  const flows = seen.found?.length
  await keep({ release, python, seconds, flows, difference, date, commit: commit.trim() })
  console.log(
    `${index + 1}/${cells.length} ${release} on ${python}, ${seconds} s: ${difference ?? 'done'}`
  )
}

await writePage(rows, results, pythons)
