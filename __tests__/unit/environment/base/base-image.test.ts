import type { Duplex } from 'node:stream'
import { afterEach, expect, test } from '@jest/globals'
import { baseImage } from '../../../../src/environment/base/base-image.js'
import { silentLog } from '../../../../src/log.js'
import { serveAnswers, type Answers } from '../../../helpers/daemon-server.js'

const sockets: Duplex[] = []
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})

/** The error of inspecting a local base image, if the daemon gives these answers. */
async function failureWith(answers: Answers): Promise<unknown> {
  const inspected = { Id: 'sha256:1', Os: 'linux', Architecture: 'amd64', Config: { User: 'app' } }
  const { daemon, server } = await serveAnswers({
    'GET /images/python:3.9/json': { status: 200, json: inspected },
    'GET /images/sha256:1/json': { status: 200, json: inspected },
    'POST /images/sha256:1/tag': { status: 201 },
    'GET /version': { status: 200, json: { Os: 'linux', Arch: 'amd64' } },
    'POST /containers/create': { status: 201, json: { Id: 'c' } },
    'DELETE /containers/c': { status: 204 },
    ...answers
  })
  server.on('upgrade', (_asked, socket: Duplex) => {
    sockets.push(socket)
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n')
  })
  const request = {
    reference: 'python:3.9',
    local: true,
    findCredentials: () => Promise.resolve(undefined)
  }
  return baseImage(daemon, request, silentLog()).catch((error: unknown) => error)
}

test.each([
  ['create', 500, 'write /var/lib/docker: no space left on device'],
  ['create', 403, 'authorization denied by plugin'],
  ['c/start', 500, 'failed to start shim: exec: "containerd-shim": executable file not found']
])('a daemon that answers %s with %i fails with its message', async (action, status, message) => {
  const answers = { [`POST /containers/${action}`]: { status, json: { message } } }
  expect(await failureWith(answers)).toMatchObject({ code: 'DAEMON', status, words: message })
})

test.each([
  [400, 'runc create failed: exec: "sh": executable file not found in $PATH: unknown'],
  [400, 'starting container process caused "exec: \\"sh\\": permission denied": unknown'],
  [500, 'crun: executable file `sh` not found in $PATH: No such file or directory'],
  [400, 'OCI runtime create failed: exec format error'],
  [400, 'unable to find user app: no matching entries in passwd file']
])('an image whose shell can’t be started (%i %s) has no Python', async (status, message) => {
  const answers = { 'POST /containers/c/start': { status, json: { message } } }
  expect(await failureWith(answers)).toMatchObject({
    code: 'BASE_IMAGE_PYTHON',
    detail: expect.stringContaining(message)
  })
})
