import { createHash } from 'node:crypto'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from '@jest/globals'

/** A request that the server received. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** An answer instead of the right one; `'reset'` breaks the connection. */
export type Misbehaviour =
  | 'reset'
  | {
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string | Buffer
    }

/** When to misbehave, and how; undefined lets the request through. */
export type Rule = (asked: Asked, host: string) => Misbehaviour | undefined

export const digestOf = (content: string | Buffer): string =>
  `sha256:${createHash('sha256').update(content).digest('hex')}`

/** A rule for requests such as `PUT /v2/a/manifests/`, at most `times` of them. */
export function when(
  line: string | RegExp,
  answer: Misbehaviour | ((asked: Asked, host: string) => Misbehaviour),
  times = Infinity
): Rule {
  let left = times
  return (asked, host) => {
    const text = `${asked.method} ${asked.path}`
    if (!(typeof line === 'string' ? text.startsWith(line) : line.test(text)) || left === 0) {
      return undefined
    }
    left -= 1
    return typeof answer === 'function' ? answer(asked, host) : answer
  }
}

/** A token service at `/token`, and a challenge for requests without its token. */
export function bearer(token = 'token-1', service = 'it'): Rule {
  return ({ path, headers }, host) => {
    if (path.startsWith('/token')) return { status: 200, body: JSON.stringify({ token }) }
    if (headers.authorization === `Bearer ${token}`) return undefined
    const challenge = `Bearer realm="http://${host}/token",service="${service}"`
    return { status: 401, headers: { 'www-authenticate': challenge } }
  }
}

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A server on a socket of this machine until the test's end. */
export async function serve(
  answer: (request: IncomingMessage, response: ServerResponse, host: string) => void
): Promise<string> {
  let host = ''
  const server = createServer((request, response) => {
    answer(request, response, host)
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  closing.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return host
}

/** A registry in memory that keeps what is pushed, and misbehaves as its rules say. */
export interface RegistryServer {
  readonly host: string
  readonly blobs: Map<string, Buffer>
  /** `repository:tag` or `repository@digest` to manifest. */
  readonly manifests: Map<string, { readonly mediaType: string; readonly body: string }>
  /** Each request and its status: `GET /v2/a/manifests/1 200`. */
  readonly log: string[]
  readonly asked: Asked[]
  /** Whether it lists the manifests that name another one as their subject; at first it does not. */
  hasReferrers: boolean
  /** Whether it refuses to move or delete a tag, in the words of Harbor; at first it does not. */
  hasImmutableTags: boolean
  /** Puts a manifest there, under a tag too. */
  put(repository: string, mediaType: string, body: string, tag?: string): string
  /** Puts a blob there. */
  putBlob(content: string | Buffer): { digest: string; size: number }
}

export async function serveRegistry(...rules: readonly Rule[]): Promise<RegistryServer> {
  const blobs: RegistryServer['blobs'] = new Map()
  const manifests: RegistryServer['manifests'] = new Map()
  const log: string[] = []
  const all: Asked[] = []
  const put = (repository: string, mediaType: string, body: string, tag?: string): string => {
    const digest = digestOf(body)
    manifests.set(`${repository}@${digest}`, { mediaType, body })
    if (tag !== undefined) manifests.set(`${repository}:${tag}`, { mediaType, body })
    return digest
  }

  const server: RegistryServer & { host: string } = {
    host: '',
    blobs,
    manifests,
    log,
    asked: all,
    hasReferrers: false,
    hasImmutableTags: false,
    put,
    putBlob: content => {
      const bytes = Buffer.from(content)
      blobs.set(digestOf(bytes), bytes)
      return { digest: digestOf(bytes), size: bytes.length }
    }
  }

  const right = ({ method, path, headers, body }: Asked): Exclude<Misbehaviour, 'reset'> => {
    const url = new URL(path, 'http://registry.invalid')
    const [, repository = '', kind = '', name = ''] =
      /^\/v2\/(.+?)\/(manifests|referrers|blobs\/uploads|blobs)\/(.*)$/.exec(url.pathname) ?? []
    const reading = method === 'GET' || method === 'HEAD'
    if (kind === 'referrers' && server.hasReferrers) {
      const entries = [...manifests].flatMap(([key, { mediaType, body: text }]) => {
        const { subject, artifactType } = JSON.parse(text) as {
          readonly subject?: { readonly digest: string }
          readonly artifactType?: string
        }
        const isListed = key.startsWith(`${repository}@`) && subject?.digest === name
        return isListed
          ? [{ mediaType, digest: digestOf(text), size: text.length, artifactType }]
          : []
      })
      return {
        status: 200,
        headers: { 'content-type': 'application/vnd.oci.image.index.v1+json' },
        body: JSON.stringify({ schemaVersion: 2, manifests: entries })
      }
    }
    if (kind === 'manifests' && reading) {
      const found = manifests.get(`${repository}${name.includes(':') ? '@' : ':'}${name}`)
      if (found === undefined) {
        return {
          status: 404,
          body: JSON.stringify({ errors: [{ code: 'MANIFEST_UNKNOWN', message: 'no such one' }] })
        }
      }
      const digest = digestOf(found.body)
      return {
        status: 200,
        headers: { 'content-type': found.mediaType, 'docker-content-digest': digest },
        body: found.body
      }
    }
    const named = manifests.get(`${repository}:${name}`)
    const isMoved = method === 'DELETE' || named?.body !== body.toString()
    if (kind === 'manifests' && server.hasImmutableTags && named && !reading && isMoved) {
      const message = `Failed to process request due to '${repository}:${name}' configured as immutable.`
      return { status: 412, body: JSON.stringify({ errors: [{ code: 'PRECONDITION', message }] }) }
    }
    if (kind === 'manifests' && method === 'PUT') {
      const tag = name.includes(':') ? undefined : name
      const digest = put(repository, headers['content-type'] ?? '', body.toString(), tag)
      return { status: 201, headers: { 'docker-content-digest': digest } }
    }
    if (kind === 'manifests' && method === 'DELETE') {
      return { status: manifests.delete(`${repository}:${name}`) ? 202 : 404 }
    }
    if (kind === 'blobs' && reading) {
      const found = blobs.get(name)
      return found === undefined ? { status: 404 } : { status: 200, body: found }
    }
    if (kind === 'blobs/uploads' && method === 'POST') {
      return {
        status: 202,
        headers: { location: `/v2/${repository}/blobs/uploads/1?_state=a%2Fb%3D` }
      }
    }
    if (kind === 'blobs/uploads' && method === 'PUT') {
      const digest = url.searchParams.get('digest') ?? ''
      if (digestOf(body) !== digest) return { status: 400, body: 'not the digest of the body' }
      blobs.set(digest, body)
      return { status: 201, headers: { 'docker-content-digest': digest } }
    }
    return { status: 404 }
  }

  const host = await serve((request, response, self) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const asked: Asked = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks)
      }
      all.push(asked)
      let answer: Misbehaviour | undefined
      for (const rule of rules) answer ??= rule(asked, self)
      answer ??= right(asked)
      const line = `${asked.method} ${asked.path}`
      if (answer === 'reset') {
        log.push(`${line} reset`)
        request.socket.resetAndDestroy()
        return
      }
      log.push(`${line} ${answer.status}`)
      response.writeHead(answer.status, answer.headers)
      response.end(asked.method === 'HEAD' ? undefined : answer.body)
    })
  })
  server.host = host
  return server
}
