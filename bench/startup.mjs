// How long a person waits for a first sign of life: `node bench/startup.mjs [ROUNDS]`.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const ROUNDS = Math.max(9, Number(process.argv[2] ?? 15))
const folder = mkdtempSync(join(tmpdir(), 'flowstore-bench-'))
const empty = join(folder, 'empty.mjs')
writeFileSync(empty, '')

// Without inputs of a job that the benchmark may run in: the Action ends at once, after its line.
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(INPUT|GITHUB|NODE)_/.test(name))
)

/** Milliseconds until a script has ended, or has written its first line. */
const time = (args, until) =>
  new Promise((done, fail) => {
    const from = performance.now()
    let first
    const child = spawn(process.execPath, args, {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'ignore']
    })
    child.on('error', fail)
    child.stdout.on('data', chunk => {
      if (first === undefined && chunk.includes('\n')) first = performance.now() - from
    })
    child.on('close', () => {
      const ended = performance.now() - from
      if (until === 'line' && first === undefined) fail(new Error(`${args.join(' ')}: no line`))
      else done(until === 'line' ? first : ended)
    })
  })

const CASES = [
  { name: 'empty script', args: [empty], until: 'end' },
  { name: 'flowstore --help', args: [join(root, 'dist/flowstore.js'), '--help'], until: 'end' },
  { name: 'action, first log line', args: [join(root, 'dist/action.js')], until: 'line' }
]

const median = values => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1
    ? sorted[Math.floor(middle)]
    : (sorted[middle - 1] + sorted[middle]) / 2
}

const times = CASES.map(() => [])
try {
  // Round by round, so that a machine that slows down does so for all; the first warms its caches.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [index, { args, until }] of CASES.entries()) {
      const taken = await time(args, until)
      if (round > 0) times[index].push(taken)
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

const bound = 2 * median(times[0]) + 150
const ms = value => `${value.toFixed(0)} ms`.padStart(8)
console.log(
  `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB`
)
console.log(`${ROUNDS} rounds; median, least and most\n`)
for (const [index, { name }] of CASES.entries()) {
  const taken = times[index]
  const verdict = index === 0 ? '' : median(taken) <= bound ? '  met' : '  NOT MET'
  console.log(
    `${name.padEnd(24)}${ms(median(taken))}${ms(Math.min(...taken))}${ms(Math.max(...taken))}${verdict}`
  )
}
console.log(`${'bound: 2 × empty + 150'.padEnd(24)}${ms(bound)}`)
process.exitCode = times.slice(1).every(taken => median(taken) <= bound) ? 0 : 1
