import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { isRunning, run, start, stop, untilReady } from './command.mjs'
import { needCommands } from './packages.mjs'
import { cache, root } from './places.mjs'

export const CREDENTIALS = { username: 'flowstore', password: 'test-bed' }

// The repositories that outlive a run. Those of the tests are deleted.
const KEPT = ['python', 'prefect', 'debian']

const isFree = port =>
  new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })

// Image names contain the port, so it is the same in every run unless another program uses it.
const freePort = async preferred => {
  for (let port = preferred; port < preferred + 200; port += 2) if (await isFree(port)) return port
  throw new Error(`no free port from ${preferred} to ${preferred + 200}`)
}

const answers = url =>
  fetch(`http://${url}/v2/`).then(
    response => response.status === 200 || response.status === 401,
    () => false
  )

const configuration = (folder, port, auth) => `version: 0.1
log: {level: warn}
storage:
  filesystem: {rootdirectory: ${JSON.stringify(join(folder, 'data'))}}
  delete: {enabled: true}
http: {addr: '127.0.0.1:${port}', secret: test-bed}
${auth ? `auth: {htpasswd: {realm: flowstore, path: ${JSON.stringify(join(folder, 'htpasswd'))}}}\n` : ''}`

const forgetTests = folder => {
  const repositories = join(folder, 'data/docker/registry/v2/repositories')
  if (!existsSync(repositories)) return
  for (const name of readdirSync(repositories)) {
    if (!KEPT.includes(name)) rmSync(join(repositories, name), { recursive: true })
  }
}

const stateFile = name => join(cache, name, 'running.json')
const readState = name =>
  existsSync(stateFile(name)) ? JSON.parse(readFileSync(stateFile(name), 'utf8')) : undefined

/**
 * A registry on 127.0.0.1 that keeps its images in the cache; with a login if `auth` is set.
 * Returns its url, and the process id if this checkout started it.
 */
export const registry = async (name, { port: preferred, auth }) => {
  const folder = join(cache, name)
  const found = readState(name)
  if (found && (await isRunning(found.pid, folder)) && (await answers(found.url))) {
    return { url: found.url, pid: found.owner === root ? found.pid : null }
  }
  await needCommands('docker-registry', 'ps', ...(auth ? ['htpasswd'] : []))
  mkdirSync(folder, { recursive: true })
  const port = await freePort(preferred)
  const config = join(folder, 'config.yml')
  writeFileSync(config, configuration(folder, port, auth))
  if (auth) {
    const { username, password } = CREDENTIALS
    const line = await run('htpasswd', ['-Bbn', username, password])
    writeFileSync(join(folder, 'htpasswd'), `${line}\n`)
  }
  forgetTests(folder)
  if (existsSync(join(folder, 'data'))) {
    await run('docker-registry', ['garbage-collect', '--delete-untagged', config])
  }
  const log = join(folder, 'log')
  const url = `127.0.0.1:${port}`
  const pid = await start('docker-registry', ['serve', config], log)
  writeFileSync(stateFile(name), JSON.stringify({ url, pid, owner: root }))
  await untilReady('docker-registry', { pid, log, seconds: 60, ready: () => answers(url) })
  return { url, pid }
}

/** Stops the registry if this checkout started it. */
export const stopRegistry = async name => {
  const found = readState(name)
  if (found?.owner !== root) return
  await stop(found.pid, join(cache, name))
  rmSync(stateFile(name), { force: true })
}
