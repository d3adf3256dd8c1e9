import { randomUUID } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { buffer } from 'node:stream/consumers'
import protobuf from 'protobufjs/light.js'
import { DaemonError } from '../daemon-error.js'
import type { Engine } from '../engine/engine.js'
import type { ImageBuild } from '../image-build.js'

/** The session of a build: BuildKit asks this process for what it needs meanwhile. */
interface BuildSession {
  readonly id: string
  readonly end: () => void
}

// BuildKit's session/secrets/secrets.proto.
const { GetSecretRequest, GetSecretResponse } = {
  GetSecretRequest: new protobuf.Type('GetSecretRequest').add(
    new protobuf.Field('ID', 1, 'string')
  ),
  GetSecretResponse: new protobuf.Type('GetSecretResponse').add(
    new protobuf.Field('data', 1, 'bytes')
  )
}

const GET_SECRET = '/moby.buildkit.secrets.v1.Secrets/GetSecret'
const HEALTH = '/grpc.health.v1.Health/Check'

/** gRPC's status codes. */
const NOT_FOUND = '5'
const UNIMPLEMENTED = '12'

/** The message HealthCheckResponse with the status SERVING. */
const SERVING = Buffer.from([0x08, 0x01])

/**
 * Opens the session of a build: gRPC over a connection that begins as a request to the daemon. It answers with the
 * secrets of the build, and nothing else: logins of registries are never given to a build.
 *
 * @throws DaemonError for a daemon without BuildKit, and for one that fails
 */
export async function openBuildSession(
  engine: Engine,
  secrets: NonNullable<ImageBuild['secrets']>
): Promise<BuildSession> {
  const id = randomUUID()
  const headers = {
    'X-Docker-Expose-Session-Uuid': id,
    'X-Docker-Expose-Session-Name': 'flowstore',
    'X-Docker-Expose-Session-Grpc-Method': [GET_SECRET, HEALTH]
  }
  const connection = await engine
    .attach('/session', 'opening the session of a build', 'h2c', headers)
    .catch((error: unknown) => {
      throw error instanceof DaemonError && !error.isBroken ? withoutBuildKit(error) : error
    })
  const server = createServer()
  server.on('stream', (stream, asked) => {
    stream.on('error', () => undefined)
    void answer(stream, asked, secrets)
  })
  server.on('sessionError', () => undefined)
  connection.on('error', () => undefined)
  server.emit('connection', connection)
  return {
    id,
    end: () => {
      connection.destroy()
    }
  }
}

const withoutBuildKit = ({ words, status, cause }: DaemonError): DaemonError =>
  new DaemonError(words, {
    ...{ status, cause },
    doing: 'opening the session of a build',
    hint: 'Images are built with BuildKit, which this daemon does not have or has turned off: use Docker 23 or later.'
  })

/** Answers one call of BuildKit. */
async function answer(
  stream: ServerHttp2Stream,
  { ':path': path }: IncomingHttpHeaders,
  secrets: NonNullable<ImageBuild['secrets']>
): Promise<void> {
  const asked = await buffer(stream)
  if (path === HEALTH) {
    send(stream, SERVING)
    return
  }
  if (path !== GET_SECRET) {
    refuse(stream, UNIMPLEMENTED)
    return
  }
  // A message follows its compression flag and its length.
  const { ID: id } = GetSecretRequest.decode(asked.subarray(5)).toJSON()
  const value = secrets.get(String(id))
  if (value === undefined) refuse(stream, NOT_FOUND)
  else send(stream, GetSecretResponse.encode({ data: Buffer.from(value) }).finish())
}

function send(stream: ServerHttp2Stream, message: Uint8Array): void {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => {
    stream.sendTrailers({ 'grpc-status': '0' })
  })
  stream.end(Buffer.concat([head, message]))
}

function refuse(stream: ServerHttp2Stream, status: string): void {
  stream.respond(
    { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': status },
    { endStream: true }
  )
}
