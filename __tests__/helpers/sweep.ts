import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { seeded, shuffled } from './seeded.js'

/** How one run of a sweep ended. */
export interface Tried {
  /** In a word or two, such as `complete`. */
  readonly end: string
  readonly seconds: number
  /** What is not as it must be. */
  readonly wrong: readonly string[]
}

/** Whether every run is tried, and not only a sample: `npm run faults:NAME`. */
export const isWhole = process.env['FAULTS'] === 'all'
/** What decides the sample and the order. */
export const SEED = Number(process.env['FAULTS_SEED'] ?? 16)
/** A sweep begins no run after so many minutes. */
const MINUTES = Number(process.env['FAULTS_MINUTES'] ?? 240)
/** A file with what was tried, which a later sweep goes on from. */
const RESULTS = process.env['FAULTS_RESULTS']
/** Seconds between two lines that say how far it is. */
const PROGRESS = 60

/** Milliseconds for the test with a sweep. */
export const sweepLimit = (sample: number): number => (isWhole ? (MINUTES + 15) * 60_000 : sample)

/** The runs of a sweep. */
export interface SweepRuns<Run> {
  readonly name: string
  /** Every run. */
  readonly all: readonly Run[]
  /** Those that the suite tries. */
  readonly sample: readonly Run[]
  /** One run in a line, different for each. */
  readonly line: (run: Run) => string
  /** What tries runs, each one at a time. */
  readonly lanes: readonly ((run: Run) => Promise<Tried>)[]
}

/**
 * Tries runs and prints how many. A whole sweep tries them in an order that the seed decides, so that one which is stopped
 * is a fair sample.
 *
 * @returns each that is wrong, with what is
 */
export async function sweep<Run>({
  name,
  all,
  sample,
  line,
  lanes
}: SweepRuns<Run>): Promise<readonly string[]> {
  const tried = new Map<string, Tried>(RESULTS === undefined ? [] : readResults(RESULTS))
  const queue = (isWhole ? shuffled(all, seeded(SEED)) : [...sample]).filter(
    run => !tried.has(line(run))
  )
  const begin = performance.now()
  const say = () => process.stderr.write(`${summary(name, tried, all.length)}\n`)
  let said = begin
  const work = async (lane: (run: Run) => Promise<Tried>) => {
    while (performance.now() - begin < MINUTES * 60_000) {
      const run = queue.shift()
      if (run === undefined) return
      const result = await lane(run)
      tried.set(line(run), result)
      const { end, seconds, wrong } = result
      if (wrong.length > 0 || process.env['FAULTS_PRINT']) {
        const text = [`${line(run)}: ${end} after ${seconds.toFixed(1)} s`, ...wrong].join('\n  ')
        process.stderr.write(`${text}\n`)
      }
      if (RESULTS !== undefined) writeResults(RESULTS, summary(name, tried, all.length), tried)
      if (performance.now() - said < PROGRESS * 1000) continue
      said = performance.now()
      say()
    }
  }
  await Promise.all(lanes.map(work))
  say()
  return [...tried].flatMap(([run, { wrong }]) =>
    wrong.length === 0 ? [] : [[run, ...wrong].join('\n  ')]
  )
}

/** Prints what a test that is no sweep has tried, in a line, and keeps it as {@link sweep} does. */
export function tellTried(line: string): void {
  process.stderr.write(`${line}\n`)
  if (RESULTS !== undefined) writeResults(RESULTS, line, new Map())
}

/** What was tried, in a line. */
function summary(name: string, tried: ReadonlyMap<string, Tried>, all: number): string {
  const results = [...tried.values()]
  const ends = new Map<string, number>()
  for (const { end } of results) ends.set(end, (ends.get(end) ?? 0) + 1)
  const counts = [...ends].sort().map(([end, count]) => `${count} ${end}`)
  const wrong = results.filter(result => result.wrong.length > 0).length
  const longest = Math.max(0, ...results.map(({ seconds }) => seconds))
  return `${name}: ${tried.size} of ${all} runs with seed ${SEED}: ${[...counts, `${wrong} wrong`].join(', ')}; the longest ${longest.toFixed(0)} s`
}

/** The results of a sweep, as `scripts/sweep.mjs` reads them. */
interface Results {
  readonly summary: string
  readonly tried: readonly (readonly [string, Tried])[]
}

const readResults = (path: string): Results['tried'] =>
  existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Results).tried : []

function writeResults(path: string, text: string, tried: ReadonlyMap<string, Tried>): void {
  const results: Results = { summary: text, tried: [...tried] }
  writeFileSync(`${path}.tmp`, JSON.stringify(results))
  renameSync(`${path}.tmp`, path)
}
