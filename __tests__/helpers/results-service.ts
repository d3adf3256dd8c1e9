import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { crc32, inflateRawSync } from 'node:zlib'

/** An artifact as it was uploaded and finalized. */
export interface UploadedArtifact {
  readonly id: string
  readonly name: string
  readonly zip: Buffer
  /** How many blocks the client cut it into; 0 for one PUT. */
  readonly blocks: number
}

interface Upload {
  readonly sig: string
  readonly name: string
  readonly blocks: Map<string, Buffer>
  committed: Buffer | undefined
}

/** What a request is answered with instead of a result. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string
  ) {
    super(message)
  }
}

const SERVICE = '/twirp/github.actions.results.api.v1.ArtifactService/'

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/**
 * The part of GitHub's results service that uploads artifacts: Twirp's CreateArtifact and
 * FinalizeArtifact, and block blobs between them. It refuses what the real one refuses: a wrong
 * token, a name that is taken, an unsigned PUT, and a size or a hash that the bytes don't have.
 */
export class ResultsService {
  readonly artifacts = new Map<string, UploadedArtifact>()
  readonly token: string
  private readonly run = randomUUID()
  private readonly job = randomUUID()
  private readonly uploads = new Map<string, Upload>()
  private readonly server: Server

  private constructor() {
    const claims = { scp: `Actions.ExampleScope Actions.Results:${this.run}:${this.job}` }
    this.token = `${base64url({ alg: 'none', typ: 'JWT' })}.${base64url(claims)}.signature`
    this.server = createServer((request, response) => {
      this.answer(request).then(
        ({ status, body }) => {
          response.writeHead(status, {
            'content-type': body === undefined ? 'text/plain' : 'application/json',
            'x-ms-request-id': randomUUID(),
            'x-ms-version': '2025-01-05',
            etag: '"0x1"',
            'last-modified': new Date().toUTCString()
          })
          response.end(body === undefined ? undefined : JSON.stringify(body))
        },
        (error: unknown) => {
          const { status, code, message } =
            error instanceof Refusal ? error : new Refusal(500, 'internal', String(error))
          response.writeHead(status, { 'content-type': 'application/json' })
          response.end(JSON.stringify({ code, msg: message }))
        }
      )
    })
  }

  static async start(): Promise<ResultsService> {
    const service = new ResultsService()
    await new Promise<void>(resolve => service.server.listen(0, '127.0.0.1', resolve))
    return service
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`
  }

  /** The variables of a job that lead to the service. */
  get env(): Record<'ACTIONS_RESULTS_URL' | 'ACTIONS_RUNTIME_TOKEN', string> {
    return { ACTIONS_RESULTS_URL: this.url, ACTIONS_RUNTIME_TOKEN: this.token }
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise(resolve => this.server.close(resolve))
  }

  /** The files in an artifact. */
  files(name: string): ReadonlyMap<string, Buffer> {
    const artifact = this.artifacts.get(name)
    if (!artifact) throw new Error(`no artifact ${name} was uploaded`)
    return unzip(artifact.zip)
  }

  private async answer(request: IncomingMessage): Promise<{ status: number; body?: unknown }> {
    const url = new URL(request.url ?? '', this.url)
    const body = await bodyOf(request)
    if (request.method === 'POST' && url.pathname.startsWith(SERVICE)) {
      if (request.headers.authorization !== `Bearer ${this.token}`) {
        throw new Refusal(401, 'unauthenticated', 'no such token')
      }
      const message = JSON.parse(body.toString()) as Record<string, string>
      if (
        message['workflow_run_backend_id'] !== this.run ||
        message['workflow_job_run_backend_id'] !== this.job
      ) {
        throw new Refusal(403, 'permission_denied', 'the token is for another job')
      }
      const method = url.pathname.slice(SERVICE.length)
      if (method === 'CreateArtifact') return { status: 200, body: this.create(message) }
      if (method === 'FinalizeArtifact') return { status: 200, body: this.finalize(message) }
    }
    if (request.method === 'PUT') {
      this.put(url, request, body)
      return { status: 201 }
    }
    throw new Refusal(404, 'bad_route', `${request.method ?? ''} ${url.pathname}`)
  }

  private create({ name = '' }: Record<string, string>) {
    if (this.uploads.has(name)) {
      throw new Refusal(409, 'already_exists', 'an artifact with this name already exists')
    }
    const sig = `${randomUUID()}+/=`
    this.uploads.set(name, { sig, name, blocks: new Map(), committed: undefined })
    const path = `account/container/${encodeURIComponent(name)}.zip`
    return {
      ok: true,
      signed_upload_url: `${this.url}${path}?sig=${encodeURIComponent(sig)}&sp=cw`
    }
  }

  private put(url: URL, request: IncomingMessage, body: Buffer): void {
    const upload = [...this.uploads.values()].find(
      candidate => candidate.sig === url.searchParams.get('sig')
    )
    if (!upload) throw new Refusal(403, 'AuthenticationFailed', 'the signature fits no upload')
    const part = url.searchParams.get('comp')
    if (part === 'block') {
      upload.blocks.set(url.searchParams.get('blockid') ?? '', body)
    } else if (part === 'blocklist') {
      const ids = [...body.toString().matchAll(/<Latest>([^<]*)<\/Latest>/g)]
      upload.committed = Buffer.concat(
        ids.map(([, id = '']) => {
          const block = upload.blocks.get(id)
          if (!block) throw new Refusal(400, 'InvalidBlockList', `there is no block ${id}`)
          return block
        })
      )
    } else if (request.headers['x-ms-blob-type'] === 'BlockBlob') {
      upload.committed = body
    } else throw new Refusal(400, 'InvalidHeaderValue', 'x-ms-blob-type')
  }

  private finalize(message: Record<string, string>) {
    const { name = '', size, hash } = message
    const upload = this.uploads.get(name)
    const zip = upload?.committed
    if (!upload || !zip) throw new Refusal(404, 'not_found', `nothing is uploaded as ${name}`)
    if (Number(size) !== zip.length) {
      throw new Refusal(400, 'invalid_argument', `the size is ${zip.length}, not ${size}`)
    }
    const sha256 = `sha256:${createHash('sha256').update(zip).digest('hex')}`
    if (hash !== sha256) throw new Refusal(400, 'invalid_argument', `the hash is ${sha256}`)
    const id = String(4_000_000 + this.artifacts.size)
    this.artifacts.set(name, { id, name, zip, blocks: upload.blocks.size })
    return { ok: true, artifact_id: id }
  }
}

/** The files of a zip, by their names, each checked against its checksum. */
function unzip(zip: Buffer): ReadonlyMap<string, Buffer> {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06'))
  if (end < 0) throw new Error('this is no zip')
  const files = new Map<string, Buffer>()
  let entry = zip.readUInt32LE(end + 16)
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const method = zip.readUInt16LE(entry + 10)
    const size = zip.readUInt32LE(entry + 20)
    const nameLength = zip.readUInt16LE(entry + 28)
    const name = zip.toString('utf8', entry + 46, entry + 46 + nameLength)
    const local = zip.readUInt32LE(entry + 42)
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
    const packed = zip.subarray(start, start + size)
    const content = method === 0 ? packed : inflateRawSync(packed)
    if (crc32(content) !== zip.readUInt32LE(entry + 16)) throw new Error(`${name} is damaged`)
    files.set(name, content)
    entry += 46 + nameLength + zip.readUInt16LE(entry + 30) + zip.readUInt16LE(entry + 32)
  }
  return files
}
