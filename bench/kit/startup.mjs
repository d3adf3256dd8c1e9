// Start-up: an empty script, the CLI until it has ended, the Action until its first line.
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Milliseconds until a script has ended, or has written its first line. */
const time = (args, cwd, until) =>
  new Promise((done, fail) => {
    // Without the inputs of a job that the benchmark may run in, so that the Action ends right after its first line.
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(INPUT|GITHUB|NODE)_/.test(name))
    )
    const from = performance.now()
    let first
    const child = spawn(process.execPath, args, {
      cwd,
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

/**
 * The contestants of the start-up.
 *
 * @param root the folder with `dist/`
 * @param folder an empty folder, in which the scripts run
 * @returns name to a function that takes a sample, in milliseconds
 */
export const startupSamples = (root, folder) => {
  const empty = join(folder, 'empty.mjs')
  writeFileSync(empty, '')
  return {
    'empty script': () => time([empty], folder, 'end'),
    'flowstore --help': () => time([join(root, 'dist/flowstore.js'), '--help'], folder, 'end'),
    'action, first log line': () => time([join(root, 'dist/action.js')], folder, 'line')
  }
}
