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
  readonly serialized_flow: string
}

/**
 * The part of Prefect's GraphQL endpoint that `prefect register` uses: one project, no flow in it
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
    this.registered = []
    const home = temporaryFolder()
    const { port } = this.server.address() as AddressInfo
    const ended = await run(python, ['-W', 'ignore', '-m', 'prefect', ...args], home, {
      PATH: process.env['PATH'],
      LANG: 'C.UTF-8',
      HOME: home,
      PREFECT__BACKEND: 'server',
      PREFECT__CLOUD__API: `http://127.0.0.1:${port}`
    })
    const registered = this.registered.sort((a, b) => (a.flow.name < b.flow.name ? -1 : 1))
    return { ended, registered }
  }

  private answer(body: string): unknown {
    const { query, variables } = JSON.parse(body) as { query: string; variables: string }
    if (query.includes('create_flow_from_compressed_string(')) {
      const { input } = JSON.parse(variables) as { input: CreateFlow }
      const { serialized_flow, ...rest } = input
      const json = gunzipSync(Buffer.from(serialized_flow, 'base64')).toString()
      this.registered.push({ flow: JSON.parse(json) as RegisteredFlow['flow'], input: rest })
      const id = `flow-${this.registered.length}`
      return { data: { create_flow_from_compressed_string: { id } } }
    }
    if (/\bproject\(where: \{ ?name:/.test(query)) return { data: { project: [{ id: 'p-1' }] } }
    if (/\bflow\(where:/.test(query)) return { data: { flow: [] } }
    if (/\btenant\b/.test(query)) return { data: { tenant: [{ id: 't-1' }] } }
    return { errors: [{ message: `not expected: ${query}` }] }
  }
}
