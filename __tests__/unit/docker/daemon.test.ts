import { expect, test } from '@jest/globals'
import { Daemon } from '../../../src/docker/daemon.js'
import { DaemonError } from '../../../src/docker/daemon-error.js'
import { timeLimits } from '../../../src/docker/engine/time-limits.js'
import { parseReference } from '../../../src/registry/reference.js'
import { serveAnswers, serveDaemon } from '../../helpers/daemon-server.js'

const DIGEST = `sha256:${'a'.repeat(64)}`
const FULL = { status: 500, json: { message: 'no space left on device' } }
const reference = parseReference('ghcr.io/acme/x:1')
const login = { username: 'me', password: 'secret' }
const pull = {
  reference,
  findCredentials: () => Promise.resolve(login),
  what: 'the image',
  hint: (words: string, registry: string) => `${registry}: ${words}`
}

test('an image is inspected with its platform, user, variables, labels, ENTRYPOINT and SHELL', async () => {
  const { daemon } = await serveAnswers({
    'GET /images/a:1/json': {
      status: 200,
      json: {
        Id: 'sha256:1',
        RepoDigests: [`a@${DIGEST}`],
        Os: 'linux',
        Architecture: 'amd64',
        RootFS: { Layers: ['sha256:a', 'sha256:b'] },
        Config: {
          User: 'me',
          Env: ['A=1'],
          Labels: { b: '2' },
          Entrypoint: ['tini', '--'],
          Shell: ['/bin/bash', '-c']
        }
      }
    }
  })
  expect(await daemon.inspect('a:1')).toEqual({
    id: 'sha256:1',
    repoDigests: [`a@${DIGEST}`],
    platform: 'linux/amd64',
    user: 'me',
    env: ['A=1'],
    entrypoint: ['tini', '--'],
    shell: ['/bin/bash', '-c'],
    labels: { b: '2' },
    layers: 2
  })
})

test.each([
  ['left out', {}],
  [
    'null',
    { RepoDigests: null, Config: { Env: null, Labels: null, Entrypoint: null, Shell: null } }
  ]
])('a field that an image does not have may be %s', async (_, parts) => {
  const { daemon } = await serveAnswers({
    'GET /images/a/json': {
      status: 200,
      json: { Id: 'sha256:1', Os: 'linux', Architecture: 'amd64', ...parts }
    }
  })
  expect(await daemon.inspect('a')).toMatchObject({
    repoDigests: [],
    user: '',
    env: [],
    entrypoint: [],
    shell: [],
    labels: {}
  })
})

test('an image that the daemon does not have is undefined', async () => {
  const { daemon } = await serveAnswers({})
  expect(await daemon.inspect('a')).toBeUndefined()
})

test('a daemon that fails to inspect an image is an error with its message', async () => {
  const { daemon } = await serveAnswers({ 'GET /images/a/json': FULL })
  const failure: unknown = await daemon.inspect('a').catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(DaemonError)
  expect(failure).toMatchObject({
    code: 'DAEMON',
    status: 500,
    words: 'no space left on device',
    message: 'the Docker daemon failed (500) while looking for the image a: no space left on device'
  })
})

test('a daemon that is not running is an error with the system’s cause', async () => {
  const { daemon, server } = await serveDaemon(() => undefined)
  await new Promise(done => server.close(done))
  await expect(daemon.inspect('a')).rejects.toMatchObject({
    code: 'DAEMON',
    status: undefined,
    cause: expect.objectContaining({ code: 'ENOENT' })
  })
})

test('a daemon that closes the connection is an error with the system’s cause', async () => {
  const { daemon } = await serveDaemon(asked => asked.socket.destroy())
  await expect(daemon.inspect('a')).rejects.toMatchObject({
    code: 'DAEMON',
    cause: expect.objectContaining({ code: 'ECONNRESET' })
  })
})

test('the daemon reports its platform', async () => {
  const { daemon } = await serveAnswers({
    'GET /version': { status: 200, json: { Os: 'linux', Arch: 'arm64' } }
  })
  expect(await daemon.platform()).toBe('linux/arm64')
})

test('an image that the daemon has is not pulled', async () => {
  const { daemon, log } = await serveAnswers({
    'GET /images/ghcr.io/acme/x:1/json': {
      status: 200,
      json: { Id: 'sha256:1', Os: 'linux', Architecture: 'amd64' }
    }
  })
  await daemon.ensure(pull)
  expect(log).toEqual(['GET /images/ghcr.io/acme/x:1/json'])
})

test('an image that the daemon does not have is pulled', async () => {
  const { daemon, log } = await serveAnswers({
    'POST /images/create': { status: 200, lines: [{ status: 'Pulling' }] }
  })
  await daemon.ensure(pull)
  expect(log).toEqual([
    'GET /images/ghcr.io/acme/x:1/json',
    'POST /images/create?fromImage=ghcr.io%2Facme%2Fx&tag=1'
  ])
})

test('a daemon that fails to look for an image is not asked to pull it', async () => {
  const { daemon, log } = await serveAnswers({
    'GET /images/ghcr.io/acme/x:1/json': FULL,
    'POST /images/create': { status: 200, lines: [] }
  })
  await expect(daemon.ensure(pull)).rejects.toMatchObject({ code: 'DAEMON', status: 500 })
  expect(log).toHaveLength(1)
})

test('a pull has the login of the image’s registry, and the platform', async () => {
  let header: unknown
  const { daemon, log } = await serveDaemon((asked, answer) => {
    header = asked.headers['x-registry-auth']
    answer.end('{}\n')
  })
  await daemon.pull({ ...pull, platform: 'linux/arm64' })
  expect(JSON.parse(Buffer.from(String(header), 'base64').toString())).toEqual({
    serveraddress: 'ghcr.io',
    ...login
  })
  expect(log[0]).toContain('platform=linux%2Farm64')
})

test.each([
  ['at once', { status: 404, json: { message: 'manifest unknown' } }],
  ['on the way', { status: 200, lines: [{ errorDetail: { message: 'manifest unknown' } }] }]
])('the error of a pull that fails %s has the reason and a hint', async (_, answer) => {
  const { daemon } = await serveAnswers({ 'POST /images/create': answer })
  await expect(daemon.pull(pull)).rejects.toMatchObject({
    code: 'BASE_IMAGE_PULL',
    message: "the image ghcr.io/acme/x:1 can't be pulled: manifest unknown",
    hint: 'ghcr.io: manifest unknown'
  })
})

test('a push gives the digest that its stream names', async () => {
  const { daemon, log } = await serveAnswers({
    'POST /images/ghcr.io/acme/x:1/push': {
      status: 200,
      lines: [{ status: 'Pushing' }, { aux: { Tag: '1', Digest: DIGEST, Size: 3 } }]
    }
  })
  expect(await daemon.push(reference, login)).toBe(DIGEST)
  expect(log).toEqual(['POST /images/ghcr.io/acme/x:1/push?tag=1'])
})

test('a push that fails in its stream is an error with the daemon’s message', async () => {
  const { daemon } = await serveAnswers({
    'POST /images/ghcr.io/acme/x:1/push': {
      status: 200,
      lines: [{ errorDetail: { message: 'denied' }, error: 'denied' }, { status: 'Layer' }]
    }
  })
  await expect(daemon.push(reference, undefined)).rejects.toMatchObject({
    code: 'DAEMON',
    status: undefined,
    words: 'denied'
  })
})

test('the digest in a registry is asked through the daemon', async () => {
  const { daemon } = await serveAnswers({
    'GET /distribution/ghcr.io/acme/x:1/json': {
      status: 200,
      json: { Descriptor: { digest: DIGEST } }
    }
  })
  expect(await daemon.distributionDigest(reference, login)).toBe(DIGEST)
})

test('the question for a digest has the login, and ends when the daemon says nothing', async () => {
  const padded = { username: 'me', password: 'secret12' }
  let header: string | string[] | undefined
  const { socketPath } = await serveDaemon(asked => {
    header = asked.headers['x-registry-auth']
  })
  const address = { kind: 'socket', path: socketPath } as const
  const daemon = new Daemon(`unix://${socketPath}`, address, timeLimits('0.02'))
  await expect(daemon.distributionDigest(reference, padded)).rejects.toMatchObject({
    code: 'DAEMON',
    message: expect.stringContaining('the digest of ghcr.io/acme/x:1: no answer for 0.1 s')
  })
  expect(header).toMatch(/^[\w-]+=$/)
  expect(JSON.parse(Buffer.from(String(header), 'base64url').toString())).toEqual({
    serveraddress: 'ghcr.io',
    ...padded
  })
})

test('a registry that gives no digest is an error with status and message', async () => {
  const { daemon } = await serveAnswers({
    'GET /distribution/ghcr.io/acme/x:1/json': { status: 403, json: { message: 'denied' } }
  })
  await expect(daemon.distributionDigest(reference, login)).rejects.toMatchObject({
    code: 'DAEMON',
    status: 403,
    words: 'denied'
  })
})

test('an image is tagged by its familiar name', async () => {
  const { daemon, log } = await serveAnswers({ 'POST /images/sha256:1/tag': { status: 201 } })
  await daemon.tag('sha256:1', parseReference('flows:2'))
  expect(log).toEqual(['POST /images/sha256:1/tag?repo=flows&tag=2'])
})

test('the removal of a missing image succeeds', async () => {
  const { daemon, log } = await serveAnswers({})
  await daemon.removeImage('sha256:1')
  expect(log).toEqual(['DELETE /images/sha256:1'])
})

test('an image that can’t be removed is an error with the daemon’s message', async () => {
  const { daemon } = await serveAnswers({
    'DELETE /images/sha256:1': { status: 409, json: { message: 'a container uses it' } }
  })
  await expect(daemon.removeImage('sha256:1')).rejects.toMatchObject({
    status: 409,
    words: 'a container uses it'
  })
})
