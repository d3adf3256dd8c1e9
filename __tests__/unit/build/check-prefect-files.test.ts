import { expect, test } from '@jest/globals'
import { checkPrefectFiles } from '../../../src/build/check-prefect-files.js'
import { readInputs } from '../../../src/build/inputs.js'
import { silentLog } from '../../../src/log.js'
import { checkOptions, type RawOptions } from '../../../src/options/options.js'
import { repository } from '../../helpers/flowstore.js'
import { services } from '../../helpers/stages.js'

const ENTRYPOINT = 'from prefect import flow\n@flow\ndef f():\n    pass\n'
const PICKLED = 'from prefect import Flow\nwith Flow("f") as f:\n    pass\n'
const BROKEN = 'deployments: [\n'

/** Checks the files of a repository with one flow module and a `prefect.yaml`. */
async function check(module: string, yaml: string, raw: RawOptions = {}): Promise<void> {
  const root = repository({ 'a.py': module, 'prefect.yaml': yaml })
  const given = services(silentLog(), { cwd: root })
  const options = checkOptions({ flows: 'a.py', push: 'false', ...raw }, root)
  await checkPrefectFiles(await readInputs(options, given), given)
}

test.each<[string, string, RawOptions]>([
  ['a prefect.yaml beside a flow of Prefect 2 or 3', ENTRYPOINT, {}],
  ['a prefect.yaml beside a module without a visible flow', '', {}],
  ['a file that prefect-file names', PICKLED, { 'prefect-file': 'prefect.yaml' }]
])('%s must be YAML', async (_what, module, raw) => {
  await expect(check(module, BROKEN, raw)).rejects.toMatchObject({ code: 'PREFECT_FILE', line: 2 })
})

test('a prefect.yaml beside flows of Prefect before 2 is passed over', async () => {
  await expect(check(PICKLED, BROKEN)).resolves.toBeUndefined()
})

test('a file that prefect-file names must exist', async () => {
  await expect(check(ENTRYPOINT, '', { 'prefect-file': 'other.yaml' })).rejects.toMatchObject({
    code: 'FILE_NOT_FOUND'
  })
})
