import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { run, start, stop, untilReady, which } from './command.mjs'
import { BRIDGE, bridgeDown, bridgeUp } from './network.mjs'
import { needCommands } from './packages.mjs'
import { cache, root, runtime } from './places.mjs'

const data = join(cache, 'docker')
const log = join(cache, 'dockerd.log')
const pidFile = join(runtime, 'docker.pid')
const ownerFile = join(runtime, 'docker.owner')
const host = `unix://${join(runtime, 'docker.sock')}`

const answers = async env => {
  if (which('docker') === undefined) return false
  const version = ['version', '--format', '{{.Server.Version}}']
  return run('docker', version, { env, seconds: 15 }).then(
    () => true,
    () => false
  )
}

const contextHost = () =>
  run('docker', ['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'])

const ownPid = () =>
  existsSync(ownerFile) && existsSync(pidFile) && readFileSync(ownerFile, 'utf8') === root
    ? Number(readFileSync(pidFile, 'utf8'))
    : null

const running = async () => {
  if (await answers({}))
    return { host: process.env.DOCKER_HOST ?? (await contextHost()), pid: null }
  return (await answers({ DOCKER_HOST: host })) ? { host, pid: ownPid() } : undefined
}

const launch = async () => {
  mkdirSync(data, { recursive: true })
  mkdirSync(runtime, { recursive: true, mode: 0o700 })
  rmSync(pidFile, { force: true })
  writeFileSync(ownerFile, root)
  await bridgeUp()
  const folders = ['--data-root', data, '--exec-root', join(runtime, 'docker'), '-p', pidFile]
  const network = ['--bridge', BRIDGE, '--iptables=false', '--ip6tables=false']
  const pid = await start('dockerd', [...folders, ...network, '-H', host], log)
  const ready = () => answers({ DOCKER_HOST: host })
  // It reads the records of all earlier builds first. From a cold disk, beside other work, that took 69 s.
  await untilReady('dockerd', { pid, log, seconds: 300, ready })
  // The data is kept between runs. What no run has used for a week is deleted.
  const prune = ['system', 'prune', '--all', '--force', '--filter', 'until=168h']
  await run('docker', prune, { env: { DOCKER_HOST: host } })
  return { host, pid }
}

/**
 * A Docker daemon: the machine's own, or one started here. Returns its host, and the process id if
 * this checkout started it.
 */
export const dockerDaemon = async () => {
  const found = await running()
  if (found) return found
  if (process.platform !== 'linux' || process.getuid() !== 0) {
    throw new Error('no Docker daemon answers, and only root on Linux can start one')
  }
  const fresh = which('dockerd') === undefined
  await needCommands('dockerd', 'docker', 'iptables', 'ip', 'ps')
  // With an init system, the package starts a daemon itself.
  for (let i = 0; fresh && i < 5; i++) {
    const packaged = await running()
    if (packaged) return packaged
    await sleep(1000)
  }
  return launch()
}

/** The address under which a container on the default bridge reaches this machine. */
export const gateway = dockerHost =>
  run('docker', ['network', 'inspect', 'bridge', '-f', '{{(index .IPAM.Config 0).Gateway}}'], {
    env: { DOCKER_HOST: dockerHost }
  })

/** Stops the daemon if this checkout started it. */
export const stopDaemon = async () => {
  const pid = ownPid()
  if (pid === null) return
  await stop(pid, data)
  rmSync(ownerFile, { force: true })
  await bridgeDown()
}
