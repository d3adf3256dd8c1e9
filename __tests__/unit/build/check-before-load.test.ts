import { expect, test } from '@jest/globals'
import { checkBeforeLoad } from '../../../src/build/check-before-load.js'
import { readInputs } from '../../../src/build/inputs.js'
import { silentLog } from '../../../src/log.js'
import { checkOptions, type RawOptions } from '../../../src/options/options.js'
import { repository } from '../../helpers/flowstore.js'
import { services } from '../../helpers/stages.js'

const LOCAL = { storage: 'local' }

/** Checks a build of one module. */
async function check(raw: RawOptions): Promise<void> {
  const root = repository({ 'a.py': '' })
  const given = services(silentLog(), { cwd: root })
  const options = checkOptions({ flows: 'a.py', ...raw }, root)
  await checkBeforeLoad(await readInputs(options, given), given)
}

test.each<[string, RawOptions, string]>([
  [
    'a storage that Prefect 3 lacks',
    { storage: 'memory', 'prefect-version': '3.9.1' },
    'Prefect 3.9.1 has no memory storage'
  ],
  [
    'an option for Prefect 1, with a range of Prefect 3',
    { ...LOCAL, path: 'flows', 'python-dependencies': 'prefect>=3,<3.7' },
    "the option 'path' is for Prefect 0.5 to 1.4, and the flows are loaded by Prefect 3.6.29"
  ],
  [
    'an option for Prefect 3, with Prefect 1',
    { ...LOCAL, 'work-pool': 'docker', 'prefect-version': '1.4.1' },
    "the option 'work-pool' is for Prefect 2 and 3, and the flows are loaded by Prefect 1.4.1"
  ]
])('%s is refused', async (_what, raw, message) => {
  await expect(check(raw)).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining(message)
  })
})

test('an option for either is accepted while the Prefect is unknown', async () => {
  await expect(
    check({ ...LOCAL, 'work-pool': 'docker', 'python-dependencies': 'prefect>=1.4' })
  ).resolves.toBeUndefined()
})
