// Running processes, their wall time, and statistics over it.
import { spawn } from 'node:child_process'
import { tail } from '../../scripts/test-bed/command.mjs'

/**
 * Runs a command to its end, with exactly the given environment.
 *
 * @returns its seconds from before the start until its streams are closed, and what it printed
 */
export const timed = (command, args, { cwd, env, input } = {}) =>
  new Promise((resolve, reject) => {
    const from = performance.now()
    const child = spawn(command, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', data => (stdout += data))
    child.stderr.on('data', data => (stderr += data))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      const seconds = (performance.now() - from) / 1000
      if (code === 0) resolve({ seconds, stdout, stderr })
      else {
        const line = [command, ...args].join(' ').slice(0, 300)
        reject(new Error(`${line}: ${signal ?? `exit code ${code}`}\n${tail(stdout + stderr, 30)}`))
      }
    })
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })

/** The quantile of the values, interpolated between two of them. */
export const quantile = (values, share) => {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
  return low + (high - low) * (at % 1)
}

export const median = values => quantile(values, 0.5)

/** The slope of the least-squares line through points. */
export const slope = points => {
  const mean = values => values.reduce((sum, value) => sum + value, 0) / values.length
  const x = mean(points.map(point => point[0]))
  const y = mean(points.map(point => point[1]))
  const over = points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0)
  return over / points.reduce((sum, [a]) => sum + (a - x) ** 2, 0)
}

/**
 * Takes samples in turns (A B C A B C …), so that a slow moment of the machine affects all of them.
 *
 * @param contestants name to `{ sample, most }`: a function that takes a sample, and the maximum of samples
 * @returns name to samples
 */
export const inTurns = async (contestants, repeat, tell) => {
  const samples = Object.fromEntries(Object.keys(contestants).map(name => [name, []]))
  for (let round = 0; round < repeat; round += 1) {
    for (const [name, { sample, most = repeat }] of Object.entries(contestants)) {
      if (round >= most) continue
      const taken = await sample(round)
      samples[name].push(taken)
      tell(`${name}: ${(taken.seconds ?? taken).toFixed(2)} s`)
    }
  }
  return samples
}

/**
 * Takes samples of two contestants in pairs. They alternate in going first. One more pair, before
 * the others, warms the caches and does not count.
 *
 * @param contestants two functions that take a sample
 * @returns the samples of each
 */
export const inPairs = async (contestants, pairs) => {
  const samples = [[], []]
  for (let pair = 0; pair <= pairs; pair += 1) {
    for (const index of pair % 2 === 0 ? [0, 1] : [1, 0]) {
      const taken = await contestants[index]()
      if (pair > 0) samples[index].push(taken)
    }
  }
  return samples
}
