import { request as ask, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { serve, type Asked, type Rule } from './registry-server.js'

/** A request that went through a {@link RegistryProxy}. */
export interface Passed {
  /** Method and path, such as `GET /v2/a/manifests/b`. */
  readonly line: string
  /** `docker` for the daemon's own requests. */
  readonly by: 'docker' | 'flowstore'
  /** Bytes of the body that was sent. */
  readonly sent: number
  /** Bytes of the body that came back. */
  received: number
}

/** What can go wrong with a request. */
export const FAULTS = [
  'status 429',
  'status 500',
  'status 503',
  /** The connection is closed before the registry gets the request. */
  'closed',
  /** The answer ends in the middle of its body. */
  'cut',
  /** There is never an answer. */
  'hang',
  /** The answer has the digest or the body of something else. */
  'wrong digest',
  /** The registry did what it was asked, and the connection is closed before its answer. */
  'lost answer'
] as const
export type Fault = (typeof FAULTS)[number]

/** Which requests fail, and how; undefined lets a request through. */
export type FaultPlan = (line: string, index: number) => Fault | undefined

/** A proxy in front of a real registry. It counts requests, and rules can answer instead of the registry. */
export interface RegistryProxy {
  readonly host: string
  /** Asked for each of flowstore's own requests, with their number since {@link take}; default none fails. */
  plan: FaultPlan
  /** Asked first, for each request. */
  rules: Rule[]
  /** Empties the list. */
  take(): Passed[]
}

/** Passes on an answer that is not what the registry said. */
async function spoil(
  fault: Fault,
  answer: IncomingMessage,
  socket: Socket,
  response: ServerResponse
): Promise<void> {
  const body = await buffer(answer)
  const status = answer.statusCode ?? 500
  if (fault === 'wrong digest') {
    const { 'docker-content-digest': digest } = answer.headers
    const other = { 'docker-content-digest': `sha256:${'0'.repeat(64)}` }
    if (digest === undefined && body.length > 0) body[0] = (body[0] ?? 0) ^ 1
    response.writeHead(status, { ...answer.headers, ...(digest === undefined ? {} : other) })
    response.end(body)
    return
  }
  if (fault === 'cut' && body.length > 1) {
    response.writeHead(status, answer.headers)
    await new Promise(done => response.write(body.subarray(0, body.length / 2), done))
  }
  socket.destroy()
}

const byDocker = ({ headers }: Asked): boolean => /docker/i.test(headers['user-agent'] ?? '')

/** A rule for flowstore's own requests, not for those of the daemon. */
export const notForDocker =
  (rule: Rule): Rule =>
  (asked, host) =>
    byDocker(asked) ? undefined : rule(asked, host)

/** Starts a proxy in front of a registry until the test's end. */
export async function registryProxy(registry: string): Promise<RegistryProxy> {
  const passed: Passed[] = []
  let index = 0
  const [hostname, port] = registry.split(':')
  const proxy = {
    host: '',
    plan: (() => undefined) as FaultPlan,
    rules: [] as Rule[],
    take: () => {
      index = 0
      return passed.splice(0)
    }
  }
  proxy.host = await serve((request, response, host) => {
    const { method = '', url = '', headers } = request
    const work = async (): Promise<void> => {
      const parts: Buffer[] = []
      for await (const chunk of request) parts.push(chunk as Buffer)
      const body = Buffer.concat(parts)
      const asked: Asked = { method, path: url, headers, body }
      const entry: Passed = {
        line: `${method} ${url}`,
        by: byDocker(asked) ? 'docker' : 'flowstore',
        sent: body.length,
        received: 0
      }
      passed.push(entry)
      for (const rule of proxy.rules) {
        const answer = rule(asked, host)
        if (answer === undefined) continue
        if (answer === 'reset') request.destroy()
        else response.writeHead(answer.status, answer.headers).end(answer.body)
        return
      }
      const fault = entry.by === 'flowstore' ? proxy.plan(entry.line, index++) : undefined
      if (fault === 'hang') return
      if (fault === 'closed') {
        request.socket.destroy()
        return
      }
      if (fault?.startsWith('status')) {
        response.writeHead(Number(fault.slice(7)), { 'retry-after': '1' }).end('by plan')
        return
      }
      await new Promise<void>((resolve, reject) => {
        // The registry builds its URLs from the Host header, so they lead back to the proxy.
        const onward = ask({ hostname, port, method, path: url, headers }, answer => {
          if (fault !== undefined) {
            spoil(fault, answer, request.socket, response).then(resolve, reject)
            return
          }
          answer.on('data', (chunk: Buffer) => (entry.received += chunk.length))
          response.writeHead(answer.statusCode ?? 500, answer.headers)
          pipeline(answer, response).then(resolve, reject)
        })
        onward.on('error', reject)
        onward.end(body)
      })
    }
    work().catch(() => response.destroy())
  })
  return proxy
}
