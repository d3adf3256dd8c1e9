// Starting: an empty script, the CLI until it has ended, the Action until its first line.
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Milliseconds until a script has ended, or has written its first line. */
const time = (args, cwd, until) =>
  new Promise((done, fail) => {
    // Without inputs of a job that the benchmark may run in: the Action ends at once, after its line.
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
 * What is waited for.
 *
 * @param root the folder that holds `dist/`
 * @param folder an empty one, where the scripts run
 * @returns name to what takes a sample, in milliseconds
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
