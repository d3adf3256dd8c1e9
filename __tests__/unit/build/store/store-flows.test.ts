import { expect, test } from '@jest/globals'
import { storeFlows } from '../../../../src/build/store/store-flows.js'
import { temporaryFolder } from '../../../helpers/flowstore.js'
import { inputsOf, loadedFlow, services, settledBuild } from '../../../helpers/stages.js'

test('loaded flows of a storage without an image are stored in it', async () => {
  const inputs = inputsOf({
    'registry-url': '',
    'image-name': '',
    storage: 'local',
    directory: temporaryFolder()
  })
  const stored = await storeFlows(settledBuild([loadedFlow('one')], inputs), services())
  expect(stored).toMatchObject({ image: null, changed: true })
  expect([...stored.storage.flows.keys()]).toEqual(['one'])
})
