import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isRunning } from './command.mjs'
import { cache } from './places.mjs'

/** Does the work while no other run writes to the cache. */
export const withLock = async work => {
  const lock = join(cache, 'lock')
  mkdirSync(cache, { recursive: true })
  for (let told = false; ; told = true) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const holder = Number(readFileSync(lock, 'utf8'))
    if (!(await isRunning(holder, 'scripts/'))) rmSync(lock, { force: true })
    else {
      if (!told) console.log(`waiting for process ${holder}, which writes to the same cache`)
      await sleep(500)
    }
  }
  try {
    return await work()
  } finally {
    rmSync(lock, { force: true })
  }
}
