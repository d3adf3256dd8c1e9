import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { runProcess, startProcess } from '../../../src/util/process.js'
import { Scope } from '../../../src/util/scope.js'
import { temporaryFolder } from '../../helpers/flowstore.js'
import { isAlive } from '../../helpers/processes.js'

const env = Object.fromEntries(
  Object.entries(process.env).filter((each): each is [string, string] => each[1] !== undefined)
)
const node = (script: string, cwd = temporaryFolder()) =>
  startProcess(process.execPath, ['-e', script], { cwd, env })

test('a process gives its exit code and all its output', async () => {
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
    startProcess('/no/such/program', [], { cwd: temporaryFolder(), env }).ended
  ).rejects.toThrow('ENOENT')
})

test('the processes that a process started end with it, and nothing waits for them', async () => {
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
  // A process that left the group lives on, with the streams open.
  expect(await starts(true).ended).toBe(0)
  expect(Date.now() - from).toBeLessThan(30_000)
  expect(isAlive(pid())).toBe(true)
  process.kill(pid(), 'SIGKILL')
})

test('the end of a scope ends its processes, and waits until they have ended', async () => {
  const scope = new Scope()
  const running = startProcess(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    env,
    scope
  })
  let code: number | undefined
  void running.ended.then(ended => (code = ended))
  await scope.end()
  expect(code).toBe(137)
})

test('a program is run without a shell, and gives its output and exit code', async () => {
  const script =
    'process.stdin.pipe(process.stdout); console.error(process.argv[1], process.env.B); process.exitCode = 4'
  const ran = await runProcess(process.execPath, ['-e', script, '$A; "b"'], {
    cwd: temporaryFolder(),
    env: { B: 'c' },
    input: 'given'
  })
  expect(ran).toEqual({ exitCode: 4, stdout: 'given', stderr: '$A; "b" c\n' })
})

test('a program that does not read its input does not fail', async () => {
  const options = { env, input: 'x'.repeat(1 << 20) }
  const ran = await runProcess(process.execPath, ['-e', 'process.exit(0)'], options)
  expect(ran.exitCode).toBe(0)
})

test('a missing program and a program without execute permission are different errors', async () => {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  chmodSync(file, 0o644)
  await expect(runProcess(file, [], { env })).rejects.toMatchObject({ code: 'EACCES' })
  await expect(runProcess(`${file}2`, [], { env })).rejects.toMatchObject({ code: 'ENOENT' })
})

const check = process.platform === 'linux' ? test : test.skip

check('a program has its own process group, unless it uses the terminal', async () => {
  const script = 'process.stdout.write(fs.readFileSync("/proc/self/stat", "utf8"))'
  const groupOf = (stat: string) => stat.slice(stat.lastIndexOf(')')).split(' ')[3]
  const own = groupOf(readFileSync('/proc/self/stat', 'utf8'))
  const group = async (usesTerminal: boolean) =>
    groupOf((await runProcess(process.execPath, ['-e', script], { env, usesTerminal })).stdout)
  expect(await group(true)).toBe(own)
  expect(await group(false)).not.toBe(own)
})

test('a program that takes too long is killed, with the processes that it started', async () => {
  const folder = temporaryFolder()
  const script = `const child = require('node:child_process').spawn(process.execPath,
      ['-e', 'setTimeout(() => {}, 60000)'], { stdio: 'inherit' })
    require('node:fs').writeFileSync('pid', String(child.pid))`
  await expect(
    runProcess(process.execPath, ['-e', script], { cwd: folder, env, timeout: 2000 })
  ).rejects.toMatchObject({ code: 'ETIMEDOUT' })
  await setTimeout(100)
  expect(isAlive(Number(readFileSync(join(folder, 'pid'), 'utf8')))).toBe(false)
})
