import { expect, test } from '@jest/globals'
import { silentLog } from '../../../../src/log.js'
import { checkPushAccess, pushImage, pushOwnTag } from '../../../../src/image/sinks/push.js'
import { parseReference } from '../../../../src/registry/reference.js'
import { serveAnswers, serveDaemon, type Answers } from '../../../helpers/daemon-server.js'
import { errorBody, OCI_MANIFEST, registriesWith } from '../../../helpers/registry-client.js'
import { digestOf, serveRegistry, when, type Rule } from '../../../helpers/registry-server.js'
import { repositoryIn } from '../../../helpers/stages.js'

const DIGEST = `sha256:${'a'.repeat(64)}`
const OTHER = `sha256:${'b'.repeat(64)}`
const LOGIN = { username: 'me', password: 'secret' }
const noLogin = registriesWith()

const DENIED = { status: 403, body: errorBody('DENIED', 'only the owner writes') }

const referenceOn = (host: string) => parseReference(`${host}/acme/flows:k`)

/** Pushes to a registry by a daemon that gives these answers. */
async function push(
  answers: (image: string) => Answers,
  ...rules: readonly Rule[]
): Promise<string> {
  const { host } = await serveRegistry(...rules)
  const { daemon } = await serveAnswers(answers(`${host}/acme/flows:k`))
  return pushImage(daemon, referenceOn(host), noLogin, silentLog())
}

const answersOf =
  (lines: unknown[], digest: string) =>
  (image: string): Answers => ({
    [`POST /images/${image}/push`]: { status: 200, lines },
    [`GET /distribution/${image}/json`]: { status: 200, json: { Descriptor: { digest } } }
  })

const pushedAs = (digest: string) => [{ aux: { Tag: 'k', Digest: digest, Size: 3 } }]

test('a push gives the digest that the registry has for the tag', async () => {
  expect(await push(answersOf(pushedAs(DIGEST), DIGEST))).toBe(DIGEST)
})

test('the registry is asked for the digest if the daemon gives none', async () => {
  expect(await push(answersOf([{ status: 'Pushed' }], DIGEST))).toBe(DIGEST)
})

test('a tag that names something else after the push is an error', async () => {
  await expect(push(answersOf(pushedAs(DIGEST), OTHER))).rejects.toMatchObject({
    code: 'REGISTRY',
    message: expect.stringContaining(`names ${OTHER}, not the ${DIGEST} that was pushed`),
    hint: expect.stringContaining('let only one job at a time push a tag')
  })
})

const failing = answersOf([{ errorDetail: { message: 'denied' }, error: 'denied' }], DIGEST)

test('the error of a failed push has the registry’s own refusal', async () => {
  await expect(
    push(failing, when('POST /v2/acme/flows/blobs/uploads/', DENIED))
  ).rejects.toMatchObject({
    code: 'PUSH_REFUSED',
    message: expect.stringMatching(/refuses a push to acme\/flows \(403\): .*only the owner writes/)
  })
})

test('the error of a push to a registry that the daemon does not reach says so', async () => {
  const message = 'dial tcp 127.0.0.1:1: connect: connection refused'
  const unreached = answersOf([{ errorDetail: { message }, error: message }], DIGEST)
  await expect(push(unreached)).rejects.toMatchObject({
    code: 'PUSH_REFUSED',
    hint: expect.stringMatching(/^The daemon does not reach 127\.0\.0\.1:\d+: check this name/)
  })
})

test('a push that is refused asks for the login once', async () => {
  const { host } = await serveRegistry()
  const { daemon } = await serveAnswers(failing(`${host}/acme/flows:k`))
  let asked = 0
  const registries = registriesWith(() => Promise.resolve(asked++ ? undefined : LOGIN))
  const pushing = pushImage(daemon, referenceOn(host), registries, silentLog())
  await expect(pushing).rejects.toMatchObject({ code: 'PUSH_REFUSED' })
  expect(asked).toBe(1)
})

test('the error of a failed push has the daemon’s message if the registry would accept the push', async () => {
  await expect(push(failing)).rejects.toMatchObject({
    code: 'PUSH_REFUSED',
    message: expect.stringMatching(/^the push of .+\/acme\/flows:k failed: denied$/)
  })
})

test('a registry that does not give the digest of what was pushed is an error', async () => {
  const answers = (image: string): Answers => ({
    [`POST /images/${image}/push`]: { status: 200, lines: pushedAs(DIGEST) },
    [`GET /distribution/${image}/json`]: { status: 500, json: { message: 'no route' } }
  })
  await expect(push(answers)).rejects.toMatchObject({
    code: 'REGISTRY',
    message: expect.stringMatching(/does not give the digest of .+\/acme\/flows:k: no route$/)
  })
})

test('a push has the login of the image’s registry', async () => {
  const logins: unknown[] = []
  const registries: string[] = []
  const { daemon } = await serveDaemon((asked, response) => {
    const header = String(asked.headers['x-registry-auth'])
    logins.push(JSON.parse(Buffer.from(header, 'base64').toString()))
    response.end(asked.method === 'GET' ? `{"Descriptor":{"digest":"${DIGEST}"}}` : '{}\n')
  })
  const findLogin = (registry: string) => {
    registries.push(registry)
    return Promise.resolve(LOGIN)
  }
  await pushImage(daemon, referenceOn('registry.test'), registriesWith(findLogin), silentLog())
  expect(registries).toEqual(['registry.test'])
  expect(logins).toEqual(Array(2).fill({ serveraddress: 'registry.test', ...LOGIN }))
})

const checkAccess = async (...rules: readonly Rule[]): Promise<void> => {
  const { host } = await serveRegistry(...rules)
  await checkPushAccess(referenceOn(host), noLogin)
}

test.each([401, 403])(
  'a registry that answers %i to an upload refuses the push before any work',
  async status => {
    const refusal = { ...DENIED, status }
    await expect(
      checkAccess(when('POST /v2/acme/flows/blobs/uploads/', refusal))
    ).rejects.toMatchObject({
      code: 'PUSH_REFUSED',
      hint: expect.stringContaining('docker login')
    })
  }
)

test.each([404, 405])(
  'a registry that answers %i to an upload does not prevent the push',
  async status => {
    const refusal = { ...DENIED, status }
    expect(await checkAccess(when('POST /v2/acme/flows/blobs/uploads/', refusal))).toBeUndefined()
  }
)

test('a registry that opens an upload accepts the push', async () => {
  expect(await checkAccess()).toBeUndefined()
})

test('a registry that can’t be reached from here does not prevent the push', async () => {
  const { host } = await serveRegistry(when('', 'reset'))
  expect(await checkPushAccess(referenceOn(host), noLogin)).toBeUndefined()
})

const FORMER = '{"former":1}'
const ID = `sha256:${'c'.repeat(64)}`
const PUSHED = JSON.stringify({ config: { digest: ID } })

/**
 * Pushes the image `ID` under the tag k, which names an earlier one.
 *
 * @param failure what the daemon's push ends with; default success
 * @param pushed what the push sets the tag to
 */
async function pushOwn({
  rules = [],
  failure,
  pushed = PUSHED
}: {
  readonly rules?: readonly Rule[]
  readonly failure?: string
  readonly pushed?: string
} = {}) {
  const registry = await serveRegistry(...rules)
  const former = registry.put('acme/flows', OCI_MANIFEST, FORMER, 'k')
  const { daemon } = await serveDaemon((asked, response) => {
    if (asked.method === 'POST') {
      const digest = registry.put('acme/flows', OCI_MANIFEST, pushed, 'k')
      const end = failure === undefined ? { aux: { Digest: digest } } : { error: failure }
      response.end(`${JSON.stringify(end)}\n`)
    } else if (asked.url?.includes('/distribution/')) {
      response.end(JSON.stringify({ Descriptor: { digest: digestOf(pushed) } }))
    } else response.end(JSON.stringify({ Id: ID, Os: 'linux', Architecture: 'amd64' }))
  })
  const request = {
    daemon,
    reference: referenceOn(registry.host),
    registries: noLogin,
    log: silentLog()
  }
  const name = `${registry.host}/acme/flows`
  const bodyOf = (tag: string) => registry.manifests.get(`acme/flows:${tag}`)?.body
  const repository = await repositoryIn(registry)
  return { pushing: pushOwnTag(request, repository, ['v2']), name, bodyOf, former }
}

test('the further tags of a daemon’s push are set through the registry, and all go back', async () => {
  const { pushing, name, bodyOf, former } = await pushOwn()
  const { digest, inRegistry } = await pushing
  await inRegistry?.move()
  expect([digest, bodyOf('k'), bodyOf('v2')]).toEqual([digestOf(PUSHED), PUSHED, PUSHED])
  expect(await inRegistry?.putBack()).toEqual({
    putBack: [`${name}:k to ${former}`, `${name}:v2, which is deleted`],
    remains: []
  })
  expect([bodyOf('k'), bodyOf('v2')]).toEqual([FORMER, undefined])
})

test('a daemon’s push that fails after it has set the tag puts it back', async () => {
  const { pushing, name, bodyOf, former } = await pushOwn({ failure: 'the connection broke' })
  await expect(pushing).rejects.toMatchObject({
    code: 'PUSH_REFUSED',
    message: expect.stringContaining(`This was put back: ${name}:k to ${former}`)
  })
  expect(bodyOf('k')).toBe(FORMER)
})

test('a tag that another job has set during a push that fails stays', async () => {
  const theirs = JSON.stringify({ config: { digest: OTHER } })
  const { pushing, bodyOf } = await pushOwn({ failure: 'the connection broke', pushed: theirs })
  await expect(pushing).rejects.toMatchObject({
    message: expect.not.stringMatching(/put back|remains/)
  })
  expect(bodyOf('k')).toBe(theirs)
})

test('a pushed image that the registry does not give puts the tag back', async () => {
  const denied = when(/^GET .*manifests\/sha256:/, DENIED, 1)
  const { pushing, bodyOf } = await pushOwn({ rules: [denied] })
  await expect(pushing).rejects.toMatchObject({
    code: 'REGISTRY',
    message: expect.stringContaining('This was put back: ')
  })
  expect(bodyOf('k')).toBe(FORMER)
})

test('a tag that can’t be read after a push that fails is named', async () => {
  const denied = when(/^GET .*manifests\/k$/, DENIED)
  const { pushing, name } = await pushOwn({ rules: [denied], failure: 'the connection broke' })
  await expect(pushing).rejects.toMatchObject({
    message: expect.stringContaining(`This remains: ${name}:k may be pushed`)
  })
})
