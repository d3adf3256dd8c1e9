import { expect, test } from '@jest/globals'
import { splitProjects } from '../../../src/packages/local-projects.js'
import { readRequirements } from '../../../src/packages/read-requirements.js'
import { repository } from '../../helpers/flowstore.js'

const project = (name: string, dependencies: readonly string[], more = '') =>
  `[project]\nname = "${name}"\nversion = "1"\ndependencies = ${JSON.stringify(dependencies)}\n${more}`

const split = async (
  files: Readonly<Record<string, string>>,
  lines: readonly string[],
  file?: string
) => {
  const root = repository(files)
  return splitProjects(root, await readRequirements(root, lines, file))
}

test('what a project needs is installed with the other requirements, and the project afterwards', async () => {
  const found = await split(
    {
      'pyproject.toml': project(
        'Acme',
        ['pandas>=1', 'acme-tools'],
        '[project.optional-dependencies]\nAWS = ["boto3"]\n'
      ),
      'libs/tools/pyproject.toml': project('acme_tools', ['inflection==0.5.1']),
      'requirements.txt': 'numpy\n./libs/tools # ours\nscipy\n'
    },
    ['.[aws]', 'requests'],
    'requirements.txt'
  )
  expect(found?.projects).toEqual(['.[aws]', './libs/tools'])
  expect(found?.dependencies.lines).toEqual(['requests', 'pandas>=1', 'boto3', 'inflection==0.5.1'])
  expect([...(found?.dependencies.texts ?? [])]).toEqual([['requirements.txt', 'numpy\n\nscipy\n']])
})

test('requirements without a project are not split', async () => {
  expect(await split({}, ['pandas', './a-1-py3-none-any.whl'])).toBeUndefined()
})

test.each([
  ['there is no pyproject.toml', {}, '.'],
  [
    'the dependencies are dynamic',
    { 'pyproject.toml': '[project]\nname = "a"\ndynamic = ["dependencies"]' },
    '.'
  ],
  ['they are those of poetry', { 'pyproject.toml': '[tool.poetry]\nname = "a"' }, '.'],
  [
    'a tool takes some from its own sources',
    { 'pyproject.toml': project('a', ['b'], '[tool.uv.sources]\nb = { path = "b" }') },
    '.'
  ],
  ['there is no such extra', { 'pyproject.toml': project('a', []) }, '.[x]'],
  ['an extra is of the project itself', { 'pyproject.toml': project('a', ['a[x]']) }, '.'],
  ['the line has a marker', { 'pyproject.toml': project('a', []) }, '. ; python_version > "3"'],
  ['the path is absolute', { 'pyproject.toml': project('a', []) }, '/srv/a']
])('requirements are not split if %s', async (_name, files, line) => {
  expect(await split(files, [line])).toBeUndefined()
})

test('the projects of a lock file are separated without their metadata: the file names all packages', async () => {
  const found = await split(
    {
      'Pipfile.lock': JSON.stringify({
        _meta: {},
        default: { tools: { path: './libs/tools' }, attrs: { version: '==26.1.0' } }
      }),
      'libs/tools/setup.py': ''
    },
    [],
    'Pipfile.lock'
  )
  expect(found?.projects).toEqual(['./libs/tools'])
  expect(found?.dependencies.exported?.lines).toEqual(['attrs==26.1.0'])
})
