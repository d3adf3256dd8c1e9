import { expect, test } from '@jest/globals'
import { moveTags, readTags, registryTags } from '../../../src/image/tag-move.js'
import { OCI_MANIFEST } from '../../helpers/registry-client.js'
import { serveRegistry, when, type Rule } from '../../helpers/registry-server.js'
import { repositoryIn } from '../../helpers/stages.js'

const BODY = '{"new":1}'
const REFUSED = { status: 403, body: 'no' }

/** A registry whose tag `latest` names an earlier image, and the tags k, latest and v2 of a new one. */
async function tagsOn(...rules: readonly Rule[]) {
  const registry = await serveRegistry(...rules)
  const earlier = registry.put('acme/flows', OCI_MANIFEST, '{"old":1}', 'latest')
  const digest = registry.put('acme/flows', OCI_MANIFEST, BODY)
  const repository = await repositoryIn(registry)
  const tags = ['k', 'latest', 'v2']
  const before = await readTags(repository, tags)
  const manifest = { digest, mediaType: OCI_MANIFEST, body: BODY }
  const bodyOf = (tag: string) => registry.manifests.get(`acme/flows:${tag}`)?.body
  const move = registryTags({ repository, manifest, tags, before })
  return { registry, repository, manifest, tags, move, bodyOf, earlier, digest }
}

test('tags are put back, and those that were new are deleted', async () => {
  const { move, bodyOf, registry, earlier } = await tagsOn()
  await move.move()
  expect(['k', 'latest', 'v2'].map(bodyOf)).toEqual([BODY, BODY, BODY])
  const name = `${registry.host}/acme/flows`
  expect(await move.putBack()).toEqual({
    putBack: [
      `${name}:k, which is deleted`,
      `${name}:latest to ${earlier}`,
      `${name}:v2, which is deleted`
    ],
    remains: []
  })
  expect(['k', 'latest', 'v2'].map(bodyOf)).toEqual([undefined, '{"old":1}', undefined])
  expect(registry.log.filter(line => /^DELETE .*sha256/.test(line))).toEqual([])
})

test('a tag that is refused puts back those before it', async () => {
  const { move, bodyOf } = await tagsOn(when('PUT /v2/acme/flows/manifests/v2', REFUSED))
  await expect(moveTags(move)).rejects.toMatchObject({
    code: 'PUSH_REFUSED',
    message: expect.not.stringContaining('remains')
  })
  expect(['k', 'latest'].map(bodyOf)).toEqual([undefined, '{"old":1}'])
})

test('a tag that can’t be deleted is named in the message', async () => {
  const { move, registry, digest } = await tagsOn(
    when('PUT /v2/acme/flows/manifests/v2', REFUSED),
    when('DELETE ', { status: 405 })
  )
  await expect(moveTags(move)).rejects.toMatchObject({
    message: expect.stringContaining(
      `This remains: ${registry.host}/acme/flows:k names ${digest}: the registry does not delete the tag (405: Method Not Allowed)`
    )
  })
})

test('a tag that another push has moved since stays', async () => {
  const { move, registry, bodyOf } = await tagsOn()
  await move.move()
  registry.put('acme/flows', OCI_MANIFEST, '{"theirs":1}', 'latest')
  const { putBack, remains } = await move.putBack()
  expect([putBack.join(), remains]).toEqual([expect.not.stringContaining('latest'), []])
  expect(bodyOf('latest')).toBe('{"theirs":1}')
})

test('a tag that names the image already costs no request', async () => {
  const { repository, manifest, registry } = await tagsOn()
  registry.put('acme/flows', OCI_MANIFEST, BODY, 'latest')
  const tags = ['latest']
  const before = await readTags(repository, tags)
  registry.log.splice(0)
  const move = registryTags({ repository, manifest, tags, before })
  await move.move()
  await move.putBack()
  expect(registry.log).toEqual([])
})

test('a tag whose earlier digest is not known is named in the message', async () => {
  const { move } = await tagsOn(when(/^(HEAD|GET) .*manifests\/latest/, REFUSED, 2))
  await move.move()
  expect((await move.putBack()).remains).toEqual([
    expect.stringMatching(/flows:latest names sha256:.*: what it named before is not known$/)
  ])
})

test('a tag that is immutable stays, and the message says what it names and what remains', async () => {
  const { move, registry, bodyOf, earlier, digest } = await tagsOn()
  registry.hasImmutableTags = true
  const name = `${registry.host}/acme/flows`
  await expect(moveTags(move)).rejects.toMatchObject({
    code: 'PUSH_REFUSED',
    message: expect.stringMatching(
      new RegExp(
        `^${name}:latest names ${earlier}, and does not move to ${digest}: .* \\(412\\): PRECONDITION: .*configured as immutable.*This remains: .*${name}:k names ${digest}: the registry does not delete the tag \\(412: `
      )
    ),
    hint: expect.stringContaining('immutable or protected tags: leave this one out of tags')
  })
  expect(['k', 'latest'].map(bodyOf)).toEqual([BODY, '{"old":1}'])
})

test('immutable tags that are new, or name the image already, are set', async () => {
  const { repository, manifest, registry, bodyOf } = await tagsOn()
  registry.put('acme/flows', OCI_MANIFEST, BODY, 'k')
  registry.hasImmutableTags = true
  const tags = ['k', 'v3']
  const before = await readTags(repository, tags)
  await moveTags(registryTags({ repository, manifest, tags, before }))
  expect(tags.map(bodyOf)).toEqual([BODY, BODY])
})

test('a tag that is locked with 405 is immutable too', async () => {
  const { move, earlier } = await tagsOn(
    when('PUT /v2/acme/flows/manifests/latest', { status: 405 })
  )
  await expect(moveTags(move)).rejects.toMatchObject({
    code: 'PUSH_REFUSED',
    message: expect.stringContaining(`flows:latest names ${earlier}, and does not move to`)
  })
})

test('a new tag that a registry takes from no client is an error with the reason', async () => {
  const { move } = await tagsOn(when('PUT /v2/acme/flows/manifests/v2', { status: 405 }))
  await expect(moveTags(move)).rejects.toMatchObject({
    code: 'REGISTRY',
    message: expect.stringMatching(/^the tag v2 can't be added to .*flows: .* \(405\)/)
  })
})
