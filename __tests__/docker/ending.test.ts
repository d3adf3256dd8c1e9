import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { expect, test } from '@jest/globals'
import Docker from 'dockerode'
import { freshName, repository } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'

describeWith(['docker', 'registry', 'prefect:1.4.1'], 'a build that is interrupted', bed => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    'a build that %s ends removes its container',
    async signal => {
      const docker = new Docker()
      const name = freshName('cancelled')
      const ours = async () =>
        (await docker.listContainers()).filter(({ Image }) => Image.includes(name))
      const until = async (holds: () => Promise<boolean>) => {
        for (let turn = 0; turn < 300 && !(await holds()); turn += 1) {
          await new Promise(done => setTimeout(done, 100))
        }
      }
      const child = spawn(
        process.execPath,
        [
          ...[resolve('dist/flowstore.js'), 'build', 'flow.py', '--base-image', bed.prefectBase],
          ...['--registry-url', bed.registry.url, '--image-name', name]
        ],
        { cwd: repository({ 'flow.py': 'import time\ntime.sleep(600)\n' }) }
      )
      let output = ''
      child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
      const ended = new Promise<unknown>(done => child.once('exit', (_code, by) => done(by)))
      await until(async () => output.includes('\nload\n') && (await ours()).length > 0)
      expect(await ours()).toHaveLength(1)
      child.kill(signal)
      expect(await ended).toBe(signal)
      await until(async () => (await ours()).length === 0)
      expect(await ours()).toEqual([])
    },
    120_000
  )
})
