// Compares flowstore with what people use today: `node bench/run.mjs [CASE...] [--repeat N]`.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { hash } from '../scripts/test-bed/places.mjs'
import { bytes } from './cases/bytes.mjs'
import { direct } from './cases/direct.mjs'
import { emptyRunner } from './cases/empty-runner.mjs'
import { incremental, incrementalReal } from './cases/incremental.mjs'
import { memory } from './cases/memory.mjs'
import { platforms } from './cases/platforms.mjs'
import {
  prefect3Changed,
  prefect3Cold,
  prefect3Daemonless,
  prefect3Many,
  prefect3Unchanged
} from './cases/prefect-3.mjs'
import { real } from './cases/real-repository.mjs'
import { scale } from './cases/scale.mjs'
import { changed, daemonless, first, unchanged } from './cases/two-flows.mjs'
import { BUNDLE, endWhenInterrupted, openBench } from './kit/bench.mjs'
import { plot } from './kit/plot.mjs'

const CASES = {
  ...{ changed, daemonless, bytes, unchanged, first, direct, platforms, real, scale, memory },
  ...{ incremental, 'incremental-real': incrementalReal, 'empty-runner': emptyRunner },
  'prefect3-changed': prefect3Changed,
  'prefect3-daemonless': prefect3Daemonless,
  'prefect3-unchanged': prefect3Unchanged,
  'prefect3-many': prefect3Many,
  'prefect3-cold': prefect3Cold
}

const usage = `usage: node bench/run.mjs [CASE...] [--repeat N] [--slow N] [--out FOLDER]
cases: ${Object.keys(CASES).join(', ')}; default all
--repeat  samples of each contestant (5)
--slow    samples of Prefect's own builds, if fewer (3, or --repeat if that is given)
--out     folder of the results (bench/results)`

const fail = text => {
  console.error(text)
  process.exit(2)
}

const readArguments = () => {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        repeat: { type: 'string' },
        slow: { type: 'string' },
        out: { type: 'string' },
        help: { type: 'boolean' }
      }
    })
    if (values.help) {
      console.log(usage)
      process.exit(0)
    }
    const unknown = positionals.filter(name => !Object.hasOwn(CASES, name))
    if (unknown.length > 0) fail(`no case ${unknown.join(', ')}\n${usage}`)
    const number = (text, otherwise) => {
      if (text === undefined) return otherwise
      if (!/^[1-9]\d*$/.test(text)) fail(`'${text}' is not a number of samples\n${usage}`)
      return Number(text)
    }
    const repeat = number(values.repeat, 5)
    return {
      names: positionals.length > 0 ? positionals : Object.keys(CASES),
      repeat,
      slow: Math.min(repeat, number(values.slow, values.repeat === undefined ? 3 : repeat)),
      out: values.out
    }
  } catch (error) {
    return fail(`${error.message}\n${usage}`)
  }
}

const { names, repeat, slow, out } = readArguments()
const results = resolve(out ?? join(dirname(fileURLToPath(import.meta.url)), 'results'))

const bundleHash = () => {
  const folder = dirname(BUNDLE)
  const listed = execFileSync('find', [folder, '-type', 'f', '-name', '*.js']).toString()
  const files = listed.trim().split('\n').sort()
  return hash(...files.map(file => readFileSync(file, 'utf8'))).slice(0, 12)
}

const describe = async ({ docker, python }) => {
  const processors = cpus()
  return {
    machine: {
      processor: processors[0]?.model.trim() ?? 'unknown',
      cores: processors.length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      system: `${process.platform} ${process.arch} ${release()}`
    },
    versions: {
      flowstore: execFileSync(process.execPath, [BUNDLE, '--version']).toString().trim(),
      node: process.versions.node,
      docker: await docker(['version', '--format', '{{.Server.Version}}']),
      'python of Prefect 0.5.4': await python(
        '0.5.4',
        'import platform; print(platform.python_version())'
      ),
      'python of Prefect 1.4.1': await python(
        '1.4.1',
        'import platform; print(platform.python_version())'
      )
    }
  }
}

const file = join(results, 'results.json')

/** The cases of an earlier run, if machine and versions are the same. Each case names its bundle. */
const earlierCases = description => {
  if (!existsSync(file)) return {}
  const { machine, versions, cases } = JSON.parse(readFileSync(file, 'utf8'))
  const same = JSON.stringify({ machine, versions }) === JSON.stringify(description)
  return same ? cases : {}
}

const save = result => {
  mkdirSync(results, { recursive: true })
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`)
  writeFileSync(join(results, 'results.svg'), plot(result))
}

const tellCase = (name, { series, checks, error, failed }) => {
  console.log(`\n${name}`)
  if (error) console.log(`  FAILED: ${error}`)
  for (const [what, why] of Object.entries(failed ?? {})) console.log(`  FAILED ${what}: ${why}`)
  for (const [label, { median, unit, samples }] of Object.entries(series ?? {})) {
    const least = Math.min(...samples)
    const most = Math.max(...samples)
    console.log(
      `  ${label.padEnd(36)}${median.toFixed(2).padStart(10)} ${unit ?? 's'}  (${least.toFixed(2)} to ${most.toFixed(2)}, ${samples.length})`
    )
  }
  for (const { what, bound, value, met } of checks ?? []) {
    console.log(`  ${met ? 'met    ' : 'NOT MET'}  ${what}: ${value ?? 'FAILED'}, bound ${bound}`)
  }
}

const bench = await openBench().catch(error => fail(error.message))
endWhenInterrupted(bench.end)

let ok = true
try {
  const description = await describe(bench)
  const cases = earlierCases(description)
  const ordered = () =>
    Object.fromEntries(
      Object.keys(CASES).flatMap(name => (cases[name] ? [[name, cases[name]]] : []))
    )
  for (const name of Object.keys(CASES).filter(known => names.includes(known))) {
    console.log(`\n${name}: running`)
    const from = performance.now()
    const tell = line =>
      console.log(`  ${((performance.now() - from) / 1000).toFixed(0).padStart(5)} s  ${line}`)
    const facts = { date: new Date().toISOString(), bundle: bundleHash(), repeat, slow }
    try {
      cases[name] = { ...facts, ...(await CASES[name](bench, { repeat, slow, tell })) }
    } catch (error) {
      cases[name] = { ...facts, error: error.message, series: {}, checks: [] }
    }
    ok &&= cases[name].error === undefined && cases[name].checks.every(({ met }) => met)
    save({ ...description, cases: ordered() })
    tellCase(name, cases[name])
  }
  const { processor, cores, memoryGiB, system } = description.machine
  console.log(
    `\n${cores} × ${processor}, ${memoryGiB} GiB, ${system}; Node ${process.versions.node}`
  )
  console.log(`${file}, and a plot beside it`)
} finally {
  await bench.end()
}
process.exitCode = ok ? 0 : 1
