// A server of Prefect 3 on this machine, with a database of its own.
import { once } from 'node:events'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { run, start, stop, untilReady } from '../../scripts/test-bed/command.mjs'

const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  return port
}

/** Prefect's command in the environment of an interpreter. */
export const prefectOf = python => join(dirname(python), 'prefect')

/**
 * Starts a server with a work pool for containers.
 *
 * @param python interpreter whose environment has Prefect and its worker for Docker
 * @param folder for the database and the settings
 * @returns `env`: the variables of a client, and `end`
 */
export const prefectServer = async (python, folder, pool) => {
  const port = String(await freePort())
  const env = {
    PREFECT_HOME: folder,
    PREFECT_API_URL: `http://127.0.0.1:${port}/api`,
    PREFECT_SERVER_UI_ENABLED: 'false',
    PREFECT_SERVER_ANALYTICS_ENABLED: 'false',
    DO_NOT_TRACK: '1'
  }
  const log = join(folder, 'server.log')
  const args = ['server', 'start', '--host', '127.0.0.1', '--port', port]
  const pid = await start(prefectOf(python), args, log, env)
  const end = () => stop(pid, port)
  const answers = () =>
    fetch(`${env.PREFECT_API_URL}/health`).then(
      ({ ok }) => ok,
      () => false
    )
  try {
    await untilReady('prefect server', { pid, log, seconds: 120, ready: answers })
    await run(prefectOf(python), ['work-pool', 'create', pool, '--type', 'docker'], { env })
  } catch (error) {
    await end()
    throw error
  }
  return { env, end }
}
