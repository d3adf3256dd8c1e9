// The time until a person sees the first output: `node bench/startup.mjs [ROUNDS]`.
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { root } from '../scripts/test-bed/places.mjs'
import { inTurns, median } from './kit/process.mjs'
import { startupSamples } from './kit/startup.mjs'

const ROUNDS = Math.max(9, Number(process.argv[2] ?? 15))
const folder = mkdtempSync(join(tmpdir(), 'flowstore-bench-'))

const samples = startupSamples(root, folder)
const names = Object.keys(samples)
let times
try {
  const contestants = Object.fromEntries(names.map(name => [name, { sample: samples[name] }]))
  const taken = await inTurns(contestants, ROUNDS + 1, () => {})
  // The first round warms the machine's caches.
  times = names.map(name => taken[name].slice(1))
} finally {
  rmSync(folder, { recursive: true, force: true })
}

const bound = 2 * median(times[0]) + 150
const ms = value => `${value.toFixed(0)} ms`.padStart(8)
console.log(
  `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB`
)
console.log(`${ROUNDS} rounds; median, minimum and maximum\n`)
for (const [index, name] of names.entries()) {
  const taken = times[index]
  const verdict = index === 0 ? '' : median(taken) <= bound ? '  met' : '  NOT MET'
  console.log(
    `${name.padEnd(24)}${ms(median(taken))}${ms(Math.min(...taken))}${ms(Math.max(...taken))}${verdict}`
  )
}
console.log(`${'bound: 2 × empty + 150'.padEnd(24)}${ms(bound)}`)
process.exitCode = times.slice(1).every(taken => median(taken) <= bound) ? 0 : 1
