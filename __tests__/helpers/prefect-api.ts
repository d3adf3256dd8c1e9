import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { run, temporaryFolder, type Ended } from './flowstore.js'

/** A flow as `prefect register` sent it. */
export interface RegisteredFlow {
  readonly flow: Readonly<Record<string, unknown>> & { readonly name: string }
  /** The other fields of the mutation's input. */
  readonly input: Readonly<Record<string, unknown>>
}

interface CreateFlow extends Record<string, unknown> {
  readonly serialized_flow?: string
  readonly serializedFlow?: string
}

interface Question {
  readonly query: string
  readonly variables: string | object
}

/**
 * The part of Prefect's GraphQL endpoint that `prefect register` and `flow.register()` use: one project, no flow in it
 * yet, and the mutation that creates flows. Anything else is an error.
 */
export class PrefectApi {
  private registered: RegisteredFlow[] = []
  private readonly server: Server

  private constructor() {
    this.server = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (text: string) => (body += text))
      request.on('end', () => {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(JSON.stringify(this.answer(body)))
      })
    })
  }

  static async start(): Promise<PrefectApi> {
    const api = new PrefectApi()
    await new Promise<void>(done => api.server.listen(0, '127.0.0.1', done))
    return api
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise(done => this.server.close(done))
  }

  /**
   * Runs Prefect's CLI against this endpoint, without any configuration of this machine's user.
   *
   * @param python interpreter whose environment has Prefect
   * @returns how it ended, and the flows that it registered, by name
   */
  async prefect(
    python: string,
    args: readonly string[]
  ): Promise<{ ended: Ended; registered: RegisteredFlow[] }> {
    const home = temporaryFolder()
    return this.during(env =>
      run(python, ['-W', 'ignore', '-m', 'prefect', ...args], home, { ...env, HOME: home })
    )
  }

  /**
   * Runs a command against this endpoint.
   *
   * @param command gets the variables that Prefect needs for that
   * @returns how it ended, and the flows that it registered, by name
   */
  async during(
    command: (env: NodeJS.ProcessEnv) => Promise<Ended>
  ): Promise<{ ended: Ended; registered: RegisteredFlow[] }> {
    this.registered = []
    const { port } = this.server.address() as AddressInfo
    const ended = await command({
      PATH: process.env['PATH'],
      LANG: 'C.UTF-8',
      PREFECT__BACKEND: 'server',
      PREFECT__CLOUD__API: `http://127.0.0.1:${port}`,
      // Until Prefect 0.6.
      PREFECT__CLOUD__GRAPHQL: `http://127.0.0.1:${port}`,
      PREFECT__CLOUD__AUTH_TOKEN: 'none'
    })
    const registered = this.registered.sort((a, b) => (a.flow.name < b.flow.name ? -1 : 1))
    return { ended, registered }
  }

  private answer(body: string): unknown {
    const { query, variables } = JSON.parse(body) as Question
    const [, creation] = /\b(create_?flow_?from_?compressed_?string)\(/i.exec(query) ?? []
    if (creation !== undefined) {
      // Until Prefect 0.6, variables are no text, and names are in camelCase.
      const given = typeof variables === 'string' ? (JSON.parse(variables) as object) : variables
      const { serialized_flow, serializedFlow, ...rest } = (given as { input: CreateFlow }).input
      const compressed = Buffer.from(serialized_flow ?? serializedFlow ?? '', 'base64')
      const flow = JSON.parse(gunzipSync(compressed).toString()) as RegisteredFlow['flow']
      this.registered.push({ flow, input: rest })
      return { data: { [creation]: { id: `flow-${this.registered.length}` } } }
    }
    const [, part] = /\b(register_(?:tasks|edges)|set_schedule_active)\(/.exec(query) ?? []
    if (part !== undefined) return { data: { [part]: { success: true } } }
    if (/\bflow_by_pk\(/.test(query)) return { data: { flow_by_pk: { flow_group_id: 'g-1' } } }
    if (/\bproject\(where: \{ ?name:/.test(query)) return { data: { project: [{ id: 'p-1' }] } }
    if (/\bflow\(where:/.test(query)) return { data: { flow: [] } }
    if (/\btenant\b/.test(query)) return { data: { tenant: [{ id: 't-1', slug: 'acme' }] } }
    return { errors: [{ message: `not expected: ${query}` }] }
  }
}
