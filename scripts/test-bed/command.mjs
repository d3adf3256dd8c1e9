import { spawn } from 'node:child_process'
import { accessSync, closeSync, constants, mkdirSync, openSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** The path of a command on PATH, or undefined. */
export const which = command =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .filter(folder => folder !== '')
    .map(folder => join(folder, command))
    .find(path => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })

/** The last lines of a text. */
export const tail = (text, count = 15) => text.trimEnd().split('\n').slice(-count).join('\n')

/**
 * Runs a command to its end and returns its standard output; an error has the last lines of both
 * streams. `env` is added to the environment; undefined removes a variable.
 */
export const run = (command, args, { cwd, env = {}, input, seconds } = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      timeout: seconds === undefined ? undefined : seconds * 1000
    })
    let output = ''
    let all = ''
    child.stdout.on('data', data => {
      output += data
      all += data
    })
    child.stderr.on('data', data => {
      all += data
    })
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output.trim())
      else {
        const ending = signal === null ? `exit code ${code}` : signal
        reject(new Error(`${[command, ...args].join(' ')}: ${ending}\n${tail(all)}`))
      }
    })
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
  })

/**
 * Starts a process that outlives this one, in its own process group; returns its id. `env` is added to
 * the environment.
 */
export const start = async (command, args, log, env = {}) => {
  mkdirSync(dirname(log), { recursive: true })
  const file = openSync(log, 'w')
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', file, file]
  })
  closeSync(file)
  await new Promise((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
  child.unref()
  return child.pid
}

/** Whether the process runs and its command line contains a text, since ids are reused. */
export const isRunning = async (pid, text) => {
  if (!pid) return false
  const line = await run('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).catch(() => '')
  return line.includes(text)
}

/** Ends a process that `start` started, and waits until it has ended. */
export const stop = async (pid, text) => {
  for (const [signal, tries] of [
    ['SIGTERM', 200],
    ['SIGKILL', 50]
  ]) {
    if (!(await isRunning(pid, text))) return
    process.kill(pid, signal)
    for (let i = 0; i < tries && (await isRunning(pid, text)); i++) await sleep(100)
  }
}

/** Waits until `ready` is true; fails with the end of the log if the process ends or takes too long. */
export const untilReady = async (name, { pid, log, seconds, ready }) => {
  const end = performance.now() + seconds * 1000
  while (!(await ready())) {
    const dead = !(await isRunning(pid, ''))
    if (dead || performance.now() > end) {
      const what = dead ? 'ended' : `did not answer in ${seconds} s`
      throw new Error(`${name} ${what}; the end of ${log}:\n${tail(readFileSync(log, 'utf8'))}`)
    }
    await sleep(100)
  }
}
