import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { startChild } from '../../../src/util/child.js'
import { temporaryFolder } from '../../helpers/flowstore.js'
import { isAlive } from '../../helpers/processes.js'

const env = Object.fromEntries(
  Object.entries(process.env).filter((each): each is [string, string] => each[1] !== undefined)
)
const node = (script: string, cwd = temporaryFolder()) =>
  startChild(process.execPath, ['-e', script], { cwd, env })

test('tells how a process ended, and all that it printed', async () => {
  const child = node('process.stdin.pipe(process.stdout).on("close", () => process.exit(3))')
  let printed = ''
  child.output.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  const text = 'x'.repeat(200_000)
  child.input.end(text)
  const code = await child.ended
  expect([code, printed.length]).toEqual([0, text.length])
  expect(await node('process.exit(3)').ended).toBe(3)
  const killed = node('setInterval(() => {}, 1000)')
  killed.end()
  expect(await killed.ended).toBe(137)
  await expect(
    startChild('/no/such/program', [], { cwd: temporaryFolder(), env }).ended
  ).rejects.toThrow('ENOENT')
})

test('what a process started ends with it, and keeps nobody waiting', async () => {
  const folder = temporaryFolder()
  const starts = (detached: boolean) =>
    node(
      `const child = require('node:child_process').spawn(process.execPath,
         ['-e', 'setTimeout(() => {}, 60000)'], { stdio: 'inherit', detached: ${detached} })
       require('node:fs').writeFileSync('pid', String(child.pid))
       process.exit(0)`,
      folder
    )
  const pid = () => Number(readFileSync(join(folder, 'pid'), 'utf8'))
  const from = Date.now()
  expect(await starts(false).ended).toBe(0)
  await setTimeout(100)
  expect(isAlive(pid())).toBe(false)
  // One that left the group lives on, with the streams.
  expect(await starts(true).ended).toBe(0)
  expect(Date.now() - from).toBeLessThan(30_000)
  expect(isAlive(pid())).toBe(true)
  process.kill(pid(), 'SIGKILL')
})
