import { run, which } from './command.mjs'

const PACKAGES = {
  docker: 'docker.io',
  dockerd: 'docker.io',
  iptables: 'iptables',
  ip: 'iproute2',
  'docker-registry': 'docker-registry',
  htpasswd: 'apache2-utils',
  skopeo: 'skopeo',
  debootstrap: 'debootstrap',
  git: 'git',
  ps: 'procps'
}

/** Installs the Debian packages of the commands that are missing. */
export const needCommands = async (...commands) => {
  const missing = commands.filter(command => which(command) === undefined)
  if (missing.length === 0) return
  const names = missing.join(', ')
  if (process.getuid?.() !== 0) throw new Error(`${names} not found, and only root can install it`)
  if (which('apt-get') === undefined) throw new Error(`${names} not found, and no apt-get either`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const packages = [...new Set(missing.map(command => PACKAGES[command]))]
  await run('apt-get', ['update'], { env })
  await run('apt-get', ['install', '-y', ...packages], { env })
}
