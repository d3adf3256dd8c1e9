import { expect, test } from '@jest/globals'
import { environmentInDaemon } from '../../../src/environment/environment.js'
import { environmentLabels } from '../../../src/environment/environment-labels.js'
import { serveAnswers } from '../../helpers/daemon-server.js'
import { environmentFacts } from '../../helpers/stages.js'

const INSPECT = 'GET /images/flowstore-environment:a/json'

test('the environment image of a key is found in the daemon', async () => {
  const Labels = environmentLabels(environmentFacts('a'))
  const { daemon } = await serveAnswers({
    [INSPECT]: {
      status: 200,
      json: { Id: 'sha256:1', Os: 'linux', Architecture: 'amd64', Config: { Labels } }
    }
  })
  expect(await environmentInDaemon(daemon, 'a')).toMatchObject({
    user: '',
    variables: {}
  })
})

test('an environment image that the daemon does not have is undefined', async () => {
  const { daemon } = await serveAnswers({})
  expect(await environmentInDaemon(daemon, 'a')).toBeUndefined()
})

test('a daemon that fails is not treated as one without the environment image', async () => {
  const { daemon } = await serveAnswers({
    [INSPECT]: {
      status: 500,
      json: { message: 'no space left on device' }
    }
  })
  await expect(environmentInDaemon(daemon, 'a')).rejects.toMatchObject({
    code: 'DAEMON',
    message: expect.stringMatching(
      /^the Docker daemon failed \(500\) while .*: no space left on device$/
    )
  })
})
