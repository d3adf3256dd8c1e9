import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { withOwnPackages } from '../../../../src/build/load/own-package.js'
import { FlowstoreError, type ErrorCode } from '../../../../src/errors.js'
import { readRequirements } from '../../../../src/packages/read-requirements.js'
import { listSources } from '../../../../src/sources/listing.js'
import { repository } from '../../../helpers/flowstore.js'

const FILES = {
  'pyproject.toml': '[project]\nname = "acme-jobs"\n',
  'src/acme/__init__.py': '',
  'libs/tools/setup.py': 'from setuptools import setup\nsetup(name="acme.tools")\n',
  'libs/tools/tools.py': ''
}

const hintOf = async (
  message: string,
  lines: readonly string[] = [],
  code: ErrorCode = 'MODULE_IMPORT'
) => {
  const root = repository(FILES)
  const [problem] = await withOwnPackages(
    [new FlowstoreError(code, message, { hint: 'as before', file: 'a.py', line: 2 })],
    await listSources(root),
    await readRequirements(root, lines, undefined)
  )
  expect(problem).toMatchObject({ code, message, file: 'a.py', line: 2 })
  return problem?.hint
}

test.each([
  ['PackageNotFoundError: acme_jobs', '`.`'],
  ['PackageNotFoundError: No package metadata was found for acme-jobs', '`.`'],
  [
    "DistributionNotFound: The 'acme.tools' distribution was not found and is required by the application",
    '`./libs/tools`'
  ]
])('%s: the hint names the project of the repository', async (message, path) => {
  expect(await hintOf(message)).toMatch(
    new RegExp(`is a package of this repository, .* add ${path} to python-dependencies\\.$`)
  )
})

test.each([
  ["ModuleNotFoundError: No module named 'acme'", 'src', '`.`'],
  ["ModuleNotFoundError: No module named 'acme.x'; imported by a.py, b.py", 'src', '`.`'],
  ["ModuleNotFoundError: No module named 'tools'", 'libs/tools', '`./libs/tools`']
])('%s: the hint names the folder and the project', async (message, folder, path) => {
  const hint = await hintOf(message)
  expect(hint).toContain(`set \`python-path: ${folder}\`, or install the package: add ${path} to`)
})

test.each<[string, string[], ErrorCode]>([
  ['PackageNotFoundError: pandas', [], 'MODULE_IMPORT'],
  ["ModuleNotFoundError: No module named 'pandas'", [], 'MODULE_IMPORT'],
  ["ModuleNotFoundError: No module named 'acme'", ['-e .'], 'MODULE_IMPORT'],
  ['PackageNotFoundError: acme-jobs', ['.'], 'MODULE_IMPORT'],
  ['ValueError: acme', [], 'MODULE_IMPORT'],
  ["ModuleNotFoundError: No module named 'acme'", [], 'MODULE_SYNTAX']
])('%s with the requirements %j keeps its hint', async (message, lines, code) => {
  expect(await hintOf(message, lines, code)).toBe('as before')
})

test('a project of the git repository beside the working directory is named', async () => {
  const root = repository({
    '.git': '',
    'libs/acme/pyproject.toml': '[project]\nname = "acme-core"\n',
    'teams/a/flow.py': ''
  })
  const cwd = join(root, 'teams/a')
  const [problem] = await withOwnPackages(
    [new FlowstoreError('MODULE_IMPORT', 'PackageNotFoundError: acme-core')],
    await listSources(cwd),
    await readRequirements(cwd, [], undefined)
  )
  expect(problem?.hint).toContain('add `../../libs/acme` to python-dependencies')
})
