import { expect, test } from '@jest/globals'
import { readRequirements } from '../../../../src/packages/read-requirements.js'
import { requirementLines } from '../../../../src/packages/requirements.js'
import { parseRequirements } from '../../../../src/packages/requirement.js'
import { prefectPin } from '../../../../src/packages/requirements.js'
import { repository } from '../../../helpers/flowstore.js'

const linesOf = async (files: Record<string, string>, file = Object.keys(files)[0] ?? '') =>
  requirementLines(await readRequirements(repository(files), [], file))

test('a pyproject.toml becomes its project.dependencies', async () => {
  const lines = await linesOf({
    'pyproject.toml': `
[project]
name = "flows"
dependencies = [
  "prefect[aws]==1.4.1",
  'pandas>=0.24,<0.25; python_version < "3.8"',
  "tools @ git+https://github.com/acme/tools@v1",
]
[project.optional-dependencies]
plots = ["matplotlib"]
`
  })
  expect(lines).toEqual([
    'prefect[aws]==1.4.1',
    'pandas>=0.24,<0.25; python_version < "3.8"',
    'tools @ git+https://github.com/acme/tools@v1'
  ])
  expect(prefectPin(parseRequirements(lines.join('\n')))?.version).toBe('1.4.1')
})

test.each([
  ['is not TOML', '[project', /'pyproject\.toml' is not TOML: /, {}],
  ['has no project', '[tool.black]\nline-length = 100', /has no project table/, {}],
  [
    'is poetry’s own',
    '[tool.poetry.dependencies]\npython = "^3.9"\nprefect = "1.4.1"',
    /has its dependencies in tool\.poetry/,
    { hint: expect.stringContaining('to poetry.lock') }
  ],
  [
    'is dynamic',
    '[project]\nname = "x"\ndynamic = ["dependencies"]',
    /declares its dependencies as dynamic/,
    { hint: expect.stringContaining('Set requirements-file to the file that they come from') }
  ],
  [
    'has no requirements',
    '[project]\ndependencies = ["--index-url x"]',
    /not a list of requirements/,
    {}
  ],
  [
    'needs a source of uv',
    '[project]\ndependencies = ["My_Tools>=1"]\n[tool.uv.sources]\nmy-tools = { path = "tools" }',
    /takes 'my-tools' from a source that only its tool knows/,
    { hint: expect.stringContaining('to uv.lock') }
  ]
])('a pyproject.toml that %s is refused', async (_name, text, message, hint) => {
  await expect(linesOf({ 'pyproject.toml': text })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringMatching(message),
    ...hint
  })
})

test('a Pipfile.lock becomes the packages of its default section', async () => {
  const lock = {
    _meta: {
      sources: [
        { name: 'pypi', url: 'https://pypi.org/simple', verify_ssl: true },
        { name: 'acme', url: 'https://pypi.acme.test:8080/simple', verify_ssl: false }
      ]
    },
    default: {
      prefect: { version: '==1.4.1', hashes: ['sha256:aa', 'sha256:bb'], index: 'pypi' },
      dask: { version: '==2022.2', extras: ['bag', 'array'], markers: "python_version >= '3.7'" },
      tools: { git: 'https://github.com/acme/tools.git', ref: 'abc', subdirectory: 'python' },
      own: { path: '.', editable: true },
      wheel: { file: 'wheels/a-1-py3-none-any.whl' },
      far: { file: 'https://acme.test/far-1.tar.gz' }
    },
    develop: { pytest: { version: '==7' } }
  }
  const root = repository({ 'jobs/Pipfile.lock': JSON.stringify(lock) })
  const found = await readRequirements(root, ['x'], 'jobs/Pipfile.lock')
  expect(found).toMatchObject({ lines: ['x'], file: undefined, texts: new Map() })
  expect(found.exported).toEqual({
    file: 'jobs/Pipfile.lock',
    lines: [
      '--extra-index-url https://pypi.acme.test:8080/simple',
      '--trusted-host pypi.acme.test:8080',
      'prefect==1.4.1 --hash=sha256:aa --hash=sha256:bb',
      "dask[bag,array]==2022.2 ; python_version >= '3.7'",
      'tools @ git+https://github.com/acme/tools.git@abc#subdirectory=python',
      '-e ./jobs',
      './jobs/wheels/a-1-py3-none-any.whl',
      'far @ https://acme.test/far-1.tar.gz'
    ]
  })
  expect(found.local).toEqual(['-e ./jobs', './jobs/wheels/a-1-py3-none-any.whl'])
})

test.each([
  ['{', /is not JSON/],
  ['{}', /is not a Pipfile\.lock: _meta/],
  ['{"_meta": {}, "default": {"x": {"svn": "y"}}}', /locks 'x' in a form/]
])('a Pipfile.lock that is %s is refused', async (text, message) => {
  await expect(linesOf({ 'Pipfile.lock': text })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringMatching(message),
    file: 'Pipfile.lock'
  })
})

test('poetry.lock needs the project that it was made for', async () => {
  await expect(linesOf({ 'poetry.lock': '' })).rejects.toMatchObject({
    code: 'FILE_NOT_FOUND',
    message: "'poetry.lock' has no pyproject.toml beside it"
  })
})
