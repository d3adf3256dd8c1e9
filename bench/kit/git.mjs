// The Dockerfile of Prefect 0.5.4 installs Prefect from GitHub. Here a git daemon is used instead.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { run } from '../../scripts/test-bed/command.mjs'
import { pipEnvironment } from '../../scripts/test-bed/pip.mjs'

/** A bare repository with a release's source distribution from PyPI; its tag is the release. */
const prefectRepository = async (python, release, folder) => {
  const env = await pipEnvironment()
  await run(
    python,
    [
      ...['-m', 'pip', 'download', '--quiet', '--no-binary', ':all:', '--no-deps'],
      ...['--dest', folder, `prefect==${release}`]
    ],
    { env }
  )
  await run('tar', [
    '-C',
    folder,
    '-xzf',
    join(folder, `prefect-${release}.tar.gz`),
    '--no-same-owner'
  ])
  const work = join(folder, `prefect-${release}`)
  const who = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.com']
  const git = (...args) => run('git', ['-C', work, ...who, ...args])
  await git('init', '--quiet')
  await git('add', '--all', '--force')
  await git('commit', '--quiet', '--message', release)
  await git('tag', release)
  await git('clone', '--quiet', '--bare', work, join(folder, 'served/prefect.git'))
  return join(folder, 'served')
}

const freePort = async host => {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  return port
}

const answers = (port, host) =>
  new Promise(resolve => {
    const socket = connect(port, host, () => {
      socket.destroy()
      resolve(true)
    }).on('error', () => resolve(false))
  })

/**
 * Serves a release of Prefect as a git repository on an address that containers reach.
 *
 * @returns the git configuration that redirects GitHub to it, and a function that ends it
 */
export const prefectFromGit = async (python, release, host, folder) => {
  const served = await prefectRepository(python, release, folder)
  const port = await freePort(host)
  // Not `git daemon`, which starts this program as its child: the child would outlive it.
  const daemon = spawn(
    join(await run('git', ['--exec-path']), 'git-daemon'),
    ['--export-all', `--base-path=${served}`, `--listen=${host}`, `--port=${port}`],
    { stdio: 'ignore' }
  )
  for (let tries = 0; tries < 100 && !(await answers(port, host)); tries += 1) await sleep(100)
  return {
    configure: `git config --system url."git://${host}:${port}/".insteadOf https://github.com/PrefectHQ/`,
    end: () => daemon.kill()
  }
}
