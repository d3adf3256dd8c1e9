import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync, openSync, closeSync, mkdirSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { run, temporaryFolder, type Ended } from './flowstore.js'

interface DeploymentRecord extends Readonly<Record<string, unknown>> {
  readonly id: string
  readonly flow_id: string
  readonly name: string
}

/** A deployment as the API gives it, with the name of its flow. */
export interface Deployed extends DeploymentRecord {
  readonly flow_name: string
}

/** How a run of a flow ended. */
export interface FinalState {
  readonly type: string
  readonly name: string
  readonly message: string | null
}

interface FlowRun {
  readonly id: string
  readonly state: FinalState | null
}

/** A state after which nothing happens to a run any more. */
const FINAL = new Set(['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED'])

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => {
        resolve(port)
      })
    })
  })

/** Prefect's command; releases before 3.1 have no module that Python can run. */
const prefectOf = (python: string): string => join(dirname(python), 'prefect')

interface JobTemplate {
  readonly job_configuration: unknown
  readonly variables: {
    readonly type: 'object'
    readonly properties: Readonly<Record<string, Record<string, unknown>>>
  }
}

const IMAGE_AND_VARIABLES: JobTemplate = {
  job_configuration: { image: '{{ image }}', env: '{{ env }}' },
  variables: {
    type: 'object',
    properties: {
      image: { type: 'string' },
      env: { type: 'object', additionalProperties: { type: 'string' } }
    }
  }
}

/** Whether a request failed because the other side has closed its connection. */
const isClosed = (error: unknown): boolean => {
  const { code = '' } = ((error as Error).cause ?? {}) as { code?: string }
  return ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(code)
}

/** A process in a group of its own, since Prefect's commands start others. */
class Group {
  private constructor(
    private readonly child: ChildProcess,
    readonly log: string
  ) {}

  static start(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv) {
    const log = join(temporaryFolder(), 'log')
    const file = openSync(log, 'w')
    const child = spawn(command, [...args], {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', file, file]
    })
    closeSync(file)
    return new Group(child, log)
  }

  get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null
  }

  text(): string {
    return readFileSync(this.log, 'utf8')
  }

  private signal(signal: NodeJS.Signals): void {
    try {
      if (this.child.pid !== undefined) process.kill(-this.child.pid, signal)
    } catch {
      // All of them have ended.
    }
  }

  async stop(): Promise<void> {
    if (!this.ended) {
      const exit = new Promise(done => this.child.once('exit', done))
      this.signal('SIGTERM')
      await Promise.race([exit, sleep(10_000, undefined, { ref: false })])
    }
    this.signal('SIGKILL')
  }
}

/** A worker that takes runs from a pool until it is stopped. */
export interface Worker {
  readonly stop: () => Promise<void>
  /** What it has printed. */
  readonly text: () => string
}

/**
 * A server of a release of Prefect 2 or 3 on loopback, with its database in a folder of its own. No setting of
 * this machine's user reaches it or its clients.
 */
export class PrefectServer {
  private constructor(
    private readonly python: string,
    private readonly home: string,
    private readonly port: number,
    private readonly group: Group,
    private readonly login: string | undefined
  ) {}

  /**
   * Starts a server and waits until it answers.
   *
   * @param python interpreter whose environment has the release
   * @param login name and password that the server asks for, `NAME:PASSWORD`; default none. For Prefect 3.
   */
  static async start(python: string, login?: string): Promise<PrefectServer> {
    const [home, port] = [temporaryFolder(), await freePort()]
    mkdirSync(join(home, '.prefect'))
    const args = ['server', 'start', '--host', '127.0.0.1', '--port', String(port)]
    const env = {
      ...PrefectServer.environment(home, undefined),
      ...(login === undefined ? {} : { PREFECT_SERVER_API_AUTH_STRING: login })
    }
    const group = Group.start(prefectOf(python), args, home, env)
    const server = new PrefectServer(python, home, port, group, login)
    try {
      await server.untilReady()
    } catch (error) {
      await server.stop()
      throw error
    }
    return server
  }

  private static environment(home: string, api: string | undefined): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'],
      LANG: 'C.UTF-8',
      HOME: home,
      PREFECT_HOME: join(home, '.prefect'),
      PREFECT_SERVER_ANALYTICS_ENABLED: 'false',
      DO_NOT_TRACK: '1',
      // The two names of one setting, by release.
      PREFECT_UI_ENABLED: 'false',
      PREFECT_SERVER_UI_ENABLED: 'false',
      ...(api === undefined ? {} : { PREFECT_API_URL: api })
    }
  }

  /** The address of its API, as `PREFECT_API_URL` has it. */
  get api(): string {
    return `http://127.0.0.1:${this.port}/api`
  }

  /** The variables of a client of this server. */
  get env(): NodeJS.ProcessEnv {
    return {
      ...PrefectServer.environment(this.home, this.api),
      ...(this.login === undefined ? {} : { PREFECT_API_AUTH_STRING: this.login })
    }
  }

  private get headers(): Readonly<Record<string, string>> {
    if (this.login === undefined) return {}
    return { authorization: `Basic ${Buffer.from(this.login).toString('base64')}` }
  }

  private async untilReady(): Promise<void> {
    const end = Date.now() + 120_000
    for (;;) {
      const ready = await fetch(`${this.api}/health`, { headers: this.headers }).then(
        response => response.ok,
        () => false
      )
      if (ready) return
      if (this.group.ended || Date.now() > end) {
        throw new Error(`no server of Prefect:\n${this.group.text()}`)
      }
      await sleep(200)
    }
  }

  /** Sends a request to the API. */
  async request<T>(method: string, path: string, body?: unknown): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      const response = await fetch(`${this.api}${path}`, {
        method,
        headers: { ...this.headers, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) })
      }).catch((error: unknown) => {
        // The server closes a connection that nobody has used for some seconds.
        if (attempt < 2 && isClosed(error)) return undefined
        throw error
      })
      if (response === undefined) continue
      const text = await response.text()
      if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as T
      // SQLite answers so while another request writes.
      if (response.status !== 503 || attempt === 5) {
        throw new Error(`${method} ${path}: ${response.status} ${text}`)
      }
      await sleep(200)
    }
  }

  /**
   * Makes a work pool with the settings that Prefect knows for the type. Servers before 2.14 ask GitHub for them;
   * without it the pool knows an image and variables alone.
   */
  async makePool(name: string, type: 'process' | 'docker' | 'kubernetes'): Promise<void> {
    type Views = Record<string, Record<string, { default_base_job_configuration: unknown }>>
    const path = '/collections/views/aggregate-worker-metadata'
    const views = await this.request<Views>('GET', path).catch(() => ({}))
    const found = Object.values(views).find(view => type in view)?.[type]
    await this.request('POST', '/work_pools/', {
      name,
      type,
      base_job_template: found?.default_base_job_configuration ?? IMAGE_AND_VARIABLES
    })
  }

  /** Makes a block of the type `secret`. */
  async makeSecret(name: string, value: string): Promise<void> {
    const type = await this.request<{ id: string }>('GET', '/block_types/slug/secret')
    const [schema] = await this.request<{ id: string }[]>('POST', '/block_schemas/filter', {
      block_schemas: { block_type_id: { any_: [type.id] } }
    })
    await this.request('POST', '/block_documents/', {
      name,
      data: { value },
      block_type_id: type.id,
      block_schema_id: schema?.id
    })
  }

  /** Runs Prefect's CLI against this server. */
  prefect(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    return run(prefectOf(this.python), args, cwd, {
      ...this.env,
      // Lines as long as they are.
      COLUMNS: '500',
      NO_COLOR: '1',
      ...env
    })
  }

  /** Every deployment. */
  async deployments(): Promise<Deployed[]> {
    const page = 200
    const found: DeploymentRecord[] = []
    for (;;) {
      const body = { limit: page, offset: found.length, sort: 'NAME_ASC' }
      const next = await this.request<DeploymentRecord[]>('POST', '/deployments/filter', body)
      found.push(...next)
      if (next.length < page) break
    }
    const flows = await this.request<{ id: string; name: string }[]>('POST', '/flows/filter', {})
    const names = new Map(flows.map(({ id, name }) => [id, name]))
    return found.map(record => ({ ...record, flow_name: names.get(record.flow_id) ?? '' }))
  }

  /** Deletes every deployment. */
  async forget(): Promise<void> {
    for (const { id } of await this.deployments()) {
      await this.request('DELETE', `/deployments/${id}`)
    }
  }

  /** Asks for a run of a deployment now, with job variables of its own; gives the id of the run. */
  async schedule(
    deployment: string,
    parameters: Readonly<Record<string, unknown>> = {},
    variables: Readonly<Record<string, unknown>> = {}
  ): Promise<string> {
    const { id } = await this.request<FlowRun>(
      'POST',
      `/deployments/${deployment}/create_flow_run`,
      { state: { type: 'SCHEDULED' }, parameters, job_variables: variables }
    )
    return id
  }

  /** Waits until a run has ended; a run that takes longer than the limit is an error with its log. */
  async finalState(id: string, seconds: number): Promise<FinalState> {
    const end = Date.now() + seconds * 1000
    for (;;) {
      const { state } = await this.request<FlowRun>('GET', `/flow_runs/${id}`)
      if (state && FINAL.has(state.type)) return state
      if (Date.now() > end) {
        throw new Error(`${state?.type ?? 'no state'} after ${seconds} s:\n${await this.log(id)}`)
      }
      await sleep(500)
    }
  }

  /** What a run has logged. */
  async log(id: string): Promise<string> {
    const lines = await this.request<{ message: string }[]>('POST', '/logs/filter', {
      logs: { flow_run_id: { any_: [id] } },
      sort: 'TIMESTAMP_ASC'
    })
    return lines.map(({ message }) => message).join('\n')
  }

  /** What a run has logged, once a text is in it: a run sends its last lines after its final state. */
  async logWith(id: string, text: string, seconds: number): Promise<string> {
    const end = Date.now() + seconds * 1000
    for (;;) {
      const log = await this.log(id)
      if (log.includes(text)) return log
      if (Date.now() > end) throw new Error(`no "${text}" after ${seconds} s:\n${log}`)
      await sleep(500)
    }
  }

  /**
   * Starts a worker.
   *
   * @param python interpreter whose environment has the worker of the pool's type
   * @param env more variables, such as DOCKER_HOST
   */
  startWorker(
    python: string,
    pool: string,
    type: 'process' | 'docker',
    env: NodeJS.ProcessEnv
  ): Worker {
    const args = ['worker', 'start', '--pool', pool, '--type', type, '--limit', '2']
    const group = Group.start(prefectOf(python), args, temporaryFolder(), {
      ...this.env,
      PREFECT_WORKER_QUERY_SECONDS: '1',
      ...env
    })
    return { stop: () => group.stop(), text: () => group.text() }
  }

  async stop(): Promise<void> {
    await this.group.stop()
  }
}
