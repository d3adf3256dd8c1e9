import { request as ask } from 'node:http'
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

/** A proxy in front of a real registry. It counts requests, and rules can answer instead of the registry. */
export interface RegistryProxy {
  readonly host: string
  /** Asked first, for each request. */
  rules: Rule[]
  /** Empties the list. */
  take(): Passed[]
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
  const [hostname, port] = registry.split(':')
  const proxy = {
    host: '',
    rules: [] as Rule[],
    take: () => passed.splice(0)
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
      await new Promise<void>((resolve, reject) => {
        // The registry builds its URLs from the Host header, so they lead back to the proxy.
        const onward = ask({ hostname, port, method, path: url, headers }, answer => {
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
