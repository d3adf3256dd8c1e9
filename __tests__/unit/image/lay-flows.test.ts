import { expect, test } from '@jest/globals'
import { layFlows } from '../../../src/image/lay-flows.js'
import { DockerStorage } from '../../../src/storage/docker.js'
import { flowOf } from '../../helpers/flows.js'

test('the error for a file name that is too long has the length of the name in bytes', async () => {
  const storage = new DockerStorage({ release: '1.4.1' })
  storage.addFlow(flowOf('1.4.1', 'ü', 'ü'.repeat(130)))
  await expect(layFlows(storage, [], '/')).rejects.toMatchObject({
    code: 'STORAGE_INVALID',
    message: expect.stringContaining('has 268 bytes; the limit is 255')
  })
})
