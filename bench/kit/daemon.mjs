// A separate Docker daemon without images, as on an ephemeral runner.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, start, stop, untilReady, which } from '../../scripts/test-bed/command.mjs'

/** Why such a daemon can't be started here, or undefined. */
export const noDaemonHere = () => {
  if (process.platform !== 'linux' || process.getuid() !== 0)
    return 'only root on Linux can start one'
  return which('dockerd') === undefined ? 'there is no dockerd' : undefined
}

/**
 * Starts an empty daemon without a network for containers, since loads have none either.
 *
 * @returns `stop` leaves its files, `end` removes them too
 */
export const emptyDaemon = async () => {
  // A socket's path may have at most 107 bytes.
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const data = join(folder, 'data')
  const pidFile = join(folder, 'pid')
  const host = `unix://${join(folder, 'sock')}`
  mkdirSync(data)
  const log = join(folder, 'log')
  const pid = await start(
    'dockerd',
    [
      ...['--data-root', data, '--exec-root', join(folder, 'exec'), '-p', pidFile, '-H', host],
      ...['--bridge', 'none', '--iptables=false', '--ip6tables=false']
    ],
    log
  )
  const answers = () =>
    run('docker', ['version'], { env: { DOCKER_HOST: host }, seconds: 15 }).then(
      () => true,
      () => false
    )
  const end = async () => {
    await stop(pid, data)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await untilReady('dockerd', { pid, log, seconds: 60, ready: answers })
  } catch (error) {
    await end()
    throw error
  }
  return { host, stop: () => stop(pid, data), end }
}
