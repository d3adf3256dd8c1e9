import { expect, test } from '@jest/globals'
import { refuseNamedLogins } from '../../../../src/packages/lock-files/named-logins.js'
import { repository } from '../../../helpers/flowstore.js'

const UV = `[[tool.uv.index]]
name = "acme-py"
url = "https://pypi.acme.test/simple/"
`
const POETRY = `[[tool.poetry.source]]
name = "acme.py"
url = "https://pypi.acme.test/simple"
`
const LINE = '--extra-index-url https://pypi.acme.test/simple'

const refusal = (
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
  lines: readonly string[] = [LINE]
): Promise<void> =>
  refuseNamedLogins(repository(files), ['jobs/the.lock', ...Object.keys(files)], lines, env)

test.each([
  ['uv', 'UV_INDEX_ACME_PY', { 'jobs/pyproject.toml': UV }],
  ['uv, in its own file', 'UV_INDEX_ACME_PY', { 'jobs/uv.toml': UV.replace('tool.uv.', '') }],
  ['poetry', 'POETRY_HTTP_BASIC_ACME_PY', { 'jobs/pyproject.toml': POETRY }]
])('a login for the name that %s knows is refused with what to set', async (_tool, name, files) => {
  const env = { [`${name}_PASSWORD`]: 's3cret', [`${name}_USERNAME`]: 'me' }
  const names = `${name}_USERNAME and ${name}_PASSWORD`
  await expect(refusal(files, env)).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    file: 'jobs/the.lock',
    message: `jobs/the.lock takes packages from https://pypi.acme.test/simple, whose login is in ${names}: pip does not read it, and no image has it`,
    hint: `Set extra-index-urls to https://\${${name}_USERNAME}:\${${name}_PASSWORD}@pypi.acme.test/simple, with ${names} as lines of the option secrets.`
  })
})

test('the only index of a lock file is for index-url', async () => {
  await expect(
    refusal({ 'pyproject.toml': UV }, { UV_INDEX_ACME_PY_PASSWORD: 'x' }, [
      '--index-url https://pypi.acme.test/simple'
    ])
  ).rejects.toMatchObject({ hint: expect.stringMatching(/^Set index-url to https:\/\/\$\{UV/) })
})

test.each<[string, Record<string, string>, string[]]>([
  ['of an index that an option names', { UV_INDEX_ACME_PY_PASSWORD: 'x' }, ['rain==1']],
  ['of another index', { UV_INDEX_ACME_PASSWORD: 'x', UV_INDEX_OTHER_USERNAME: 'me' }, [LINE]],
  ['that is empty', { UV_INDEX_ACME_PY_PASSWORD: '' }, [LINE]]
])('a login %s is no error', async (_what, env, lines) => {
  await expect(refusal({ 'pyproject.toml': UV }, env, lines)).resolves.toBeUndefined()
})
