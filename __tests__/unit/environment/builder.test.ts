import { describe, expect, test } from '@jest/globals'
import { makeWithBuilder } from '../../../src/environment/builder.js'
import { serveRegistry } from '../../helpers/registry-server.js'
import { environmentRequest, repositoryIn } from '../../helpers/stages.js'

const NONE = { kind: 'none' } as const

describe('what builds an environment image', () => {
  test('direct needs a push: without one there is nowhere to put the image', async () => {
    const request = { ...(await environmentRequest()), builder: 'direct' as const }
    await expect(makeWithBuilder(request, NONE)).rejects.toMatchObject({
      code: 'DIRECT_BUILD',
      message:
        "the environment image can't be built without a daemon: an image that is not pushed needs a daemon to hold it"
    })
  })

  test('direct needs a registry that can be used from here', async () => {
    const repository = await repositoryIn(await serveRegistry())
    const request = { ...(await environmentRequest()), builder: 'direct' as const }
    const access = { kind: 'daemon', repository, reason: 'it speaks another protocol' } as const
    await expect(makeWithBuilder(request, access)).rejects.toMatchObject({
      code: 'DIRECT_BUILD',
      message: expect.stringContaining('it speaks another protocol')
    })
  })

  test('direct does not build a Dockerfile', async () => {
    const registry = await serveRegistry()
    const repository = await repositoryIn(registry)
    const base = { kind: 'dockerfile', dockerfile: { path: 'Dockerfile' } } as never
    const request = { ...(await environmentRequest()), builder: 'direct' as const, base }
    await expect(makeWithBuilder(request, { kind: 'direct', repository })).rejects.toMatchObject({
      code: 'DIRECT_BUILD',
      message: expect.stringContaining('Dockerfile has to be built')
    })
    expect(registry.log).toEqual([])
  })

  test('auto names both reasons if there is no daemon and none can be left out', async () => {
    const request = { ...(await environmentRequest()), builder: 'auto' as const }
    await expect(makeWithBuilder(request, NONE)).rejects.toMatchObject({
      code: 'DAEMON',
      message:
        "no Docker daemon answers at nowhere; and the environment image can't be built without one: an image that is not pushed needs a daemon to hold it"
    })
  })
})
