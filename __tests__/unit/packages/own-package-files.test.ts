import { expect, test } from '@jest/globals'
import { ownPackageFiles } from '../../../src/packages/own-package-files.js'
import { listSources } from '../../../src/sources/listing.js'
import { repository } from '../../helpers/flowstore.js'

const CANDIDATES = ['README.md', 'LICENSE', 'CHANGELOG.md', 'tests/a.py', 'lib/README.md']

const named = async (files: Readonly<Record<string, string>>) =>
  ownPackageFiles(await listSources(repository(files)), CANDIDATES)

test.each([
  ['pyproject.toml', '[project]\nreadme = "README.md"\n', ['README.md']],
  ['pyproject.toml', 'license-files = ["LICEN[CS]E*"]\n', ['LICENSE']],
  ['pyproject.toml', '[tool.pytest.ini_options]\ntestpaths = ["tests"]\n', []],
  ['pyproject.toml', 'packages = [{ include = "tests" }]\n', ['tests/a.py']],
  ['setup.py', "long_description=open('./README.md').read()\n", ['README.md']],
  [
    'setup.cfg',
    'long_description = file: README.md, CHANGELOG.md\n',
    ['README.md', 'CHANGELOG.md']
  ],
  ['MANIFEST.in', 'include LICENSE\n', ['LICENSE']],
  ['lib/pyproject.toml', 'readme = "README.md"\n', ['lib/README.md']]
])('the files that %s names are needed for an installation: %j', async (file, text, expected) => {
  expect((await named({ [file]: text })).sort()).toEqual([...expected].sort())
})
