import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { PublishedReport as Report } from '../../src/publish/outputs.js'
import {
  flowstore,
  freshName,
  mustRun,
  oneFlow,
  repository,
  temporaryFolder
} from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'

const FINE = { code: 0, why: '' }
const REF = 'fix/one-flow'

/** A git repository with the source distribution of Prefect 0.5.4; its branch is {@link REF}. */
async function prefectRepository(python: string): Promise<string> {
  const folder = temporaryFolder()
  await mustRun(python, [
    ...['-m', 'pip', 'download', '--quiet', '--no-binary', ':all:', '--no-deps'],
    ...['--dest', folder, 'prefect==0.5.4']
  ])
  await mustRun('tar', ['-xzf', 'prefect-0.5.4.tar.gz', '--no-same-owner'], folder)
  const work = join(folder, 'prefect-0.5.4')
  const git = (...args: string[]) =>
    mustRun('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args], work)
  await git('init', '--quiet', '--initial-branch', REF)
  await git('add', '--all', '--force')
  await git('commit', '--quiet', '--message', '0.5.4')
  await git('clone', '--quiet', '--bare', work, join(folder, 'served/prefect.git'))
  return join(folder, 'served')
}

const freePort = async (host: string): Promise<number> => {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address ? address.port : 0
}

describeWith(
  ['docker', 'registry', 'python:3.6', 'venv:0.5.4'],
  'a Prefect version that is a git ref',
  bed => {
    const tag = 'flowstore-test:git-ref'
    let daemon: ChildProcess | undefined

    // In the base image, GitHub's repositories are those of this machine.
    beforeAll(async () => {
      const served = await prefectRepository(bed.venvs['0.5.4'])
      const port = await freePort(bed.gateway)
      // Not `git daemon`: that starts this program as its child, which would outlive it.
      daemon = spawn(
        join(await mustRun('git', ['--exec-path']), 'git-daemon'),
        ['--export-all', `--base-path=${served}`, `--listen=${bed.gateway}`, `--port=${port}`],
        { stdio: 'ignore' }
      )
      const answers = () =>
        new Promise<boolean>(done => {
          const socket = connect(port, bed.gateway, () => {
            socket.destroy()
            done(true)
          }).on('error', () => {
            done(false)
          })
        })
      for (let tries = 0; tries < 50 && !(await answers()); tries += 1) await sleep(100)
      const folder = repository({
        Dockerfile: `FROM ${bed.baseImages['3.6']}
RUN git config --system url."git://${bed.gateway}:${port}/".insteadOf https://github.com/PrefectHQ/
`
      })
      await mustRun('docker', ['build', '-q', '-t', tag, folder], folder, {
        ...process.env,
        DOCKER_BUILDKIT: '0'
      })
    }, 120_000)

    afterAll(() => {
      daemon?.kill()
    })

    const build = (ref: string) =>
      flowstore(
        [
          ...['build', 'flow.py', '--base-image', tag, '--local-image', '--prefect-version', ref],
          ...['--registry-url', bed.registry.url, '--image-name', freshName('git-ref'), '--json']
        ],
        repository({ 'flow.py': oneFlow('a') })
      )

    test('the image has Prefect from that ref, and the storage names the ref', async () => {
      const ended = await build(REF)
      expect({ code: ended.code, why: ended.code === 0 ? '' : ended.stderr }).toEqual(FINE)
      const { outputs, versions } = JSON.parse(ended.stdout) as Report
      expect(versions).toMatchObject({ prefect: '0.5.4', python: expect.stringMatching(/^3\.6\./) })
      expect(JSON.parse(outputs.storage)).toMatchObject({
        flows: { a: '/root/.prefect/a.prefect' },
        prefect_version: REF
      })
      const inside = await mustRun('docker', [
        ...['run', '--rm', '--network', 'none', outputs.image, 'sh', '-c'],
        'python -m pip freeze | grep -i ^prefect; python -c "import prefect"'
      ])
      expect(inside).toMatch(
        /^prefect @ git\+https:\/\/github\.com\/PrefectHQ\/prefect\.git@[0-9a-f]{40}$/
      )
    }, 300_000)

    test('a ref that does not exist is an error with the message of git', async () => {
      const { code, stderr } = await build('no-such-ref')
      expect([code, stderr]).toEqual([
        4,
        expect.stringMatching(/DEPENDENCY_INSTALL: [^]*pathspec 'no-such-ref' did not match/)
      ])
    }, 120_000)
  }
)
