import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { flowstore, oneFlow, repository, temporaryFolder } from '../helpers/flowstore.js'
import { isAlive, runsWith } from '../helpers/processes.js'
import { examplePythons } from '../helpers/pythons.js'

const pythons = await examplePythons()
const LIMIT = 60_000

const until = async (holds: () => boolean): Promise<void> => {
  for (let turn = 0; !holds(); turn += 1) {
    if (turn === 200) throw new Error('not within 20 seconds')
    await setTimeout(100)
  }
}
/** Seconds that no other process sleeps. */
const newNap = (): string => `600.${randomInt(1e9)}`

for (const [release, python] of pythons) {
  const build = ['build', 'flow.py', '--storage', 'bytes', '--python', python]

  test(
    `a build ends the processes that its modules leave running (${release})`,
    async () => {
      const nap = newNap()
      const root = repository({
        'flow.py': `import concurrent.futures
import subprocess

POOL = concurrent.futures.ProcessPoolExecutor(2)
VALUES = list(POOL.map(str, range(3)))
TUNNEL = subprocess.Popen(["sleep", "${nap}"])
assert TUNNEL.poll() is None
${oneFlow('a')}`
      })
      const ended = await flowstore(build, root)
      expect([ended.code, ended.stderr]).toEqual([0, expect.stringContaining('healthcheck')])
      await until(() => !runsWith(`sleep ${nap}`))
    },
    LIMIT
  )

  test.each(['SIGINT', 'SIGTERM'] as const)(
    `%s ends a build and every process that it started (${release})`,
    async signal => {
      const nap = newNap()
      const root = repository({
        'flow.py': `import subprocess
subprocess.call(["sleep", "${nap}"])
`
      })
      const temporary = temporaryFolder()
      const child = spawn(process.execPath, [resolve('dist/flowstore.js'), ...build], {
        cwd: root,
        env: { ...process.env, TMPDIR: temporary },
        stdio: 'ignore'
      })
      const ended = new Promise<unknown>(done => child.once('exit', (_code, by) => done(by)))
      await until(() => runsWith(`sleep ${nap}`))
      expect(readdirSync(temporary).length).toBeGreaterThan(0)
      child.kill(signal)
      expect(await ended).toBe(signal)
      expect(readdirSync(temporary)).toEqual([])
      await until(() => !runsWith(`sleep ${nap}`))
      expect(existsSync(join(root, '.flowstore/storage.json'))).toBe(false)
    },
    LIMIT
  )

  test(
    `a signal ends a flow run (${release})`,
    async () => {
      const root = repository({
        'flow.py': oneFlow('a').replace(
          'return 1',
          'import os, time; open(os.environ["PID"], "w").write(str(os.getpid())); time.sleep(600)'
        )
      })
      const local = ['--storage', 'local', '--directory', 'flows', '--python', python]
      expect(await flowstore(['build', 'flow.py', ...local], root)).toMatchObject({ code: 0 })
      const file = join(root, 'pid')
      const child = spawn(
        process.execPath,
        [
          ...[resolve('dist/flowstore.js'), 'run', '.flowstore/storage.json'],
          ...['--python', python, '--env', `PID=${file}`]
        ],
        { cwd: root }
      )
      let output = ''
      child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
      const ended = new Promise<unknown>(done => child.once('close', code => done(code)))
      await until(() => existsSync(file) && readFileSync(file).length > 0)
      child.kill('SIGTERM')
      expect(await ended).toBe(130)
      expect(output).toContain('error INTERRUPTED: the run was interrupted by SIGTERM')
      await until(() => !isAlive(Number(readFileSync(file, 'utf8'))))
    },
    LIMIT
  )
}
