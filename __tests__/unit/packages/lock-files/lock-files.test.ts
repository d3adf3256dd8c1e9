import { expect, test } from '@jest/globals'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import type { ProjectChoice } from '../../../../src/packages/lock-files/format.js'
import { silentLog } from '../../../../src/log.js'
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

const CHOICES = `
[project]
name = "Acme.Flows"
dependencies = ["prefect==3.9.1"]
[project.optional-dependencies]
Big_Plots = ["matplotlib"]
s3 = ["boto3", "prefect==3.9.1"]
all = ["acme-flows[big-plots,s3]"]
bad = ["--index-url x"]
[dependency-groups]
reports = ["jinja2", { include-group = "base" }]
base = ["attrs", { include-group = "reports" }]
odd = [{ path = "x" }]
`

const chosen = async (choice: Partial<ProjectChoice>, text = CHOICES) => {
  const root = repository({ 'pyproject.toml': text })
  const all = { extras: [], groups: [], ...choice }
  return requirementLines(await readRequirements(root, [], 'pyproject.toml', undefined, all))
}

test.each([
  [{ extras: ['big.plots'] }, ['matplotlib']],
  [{ extras: ['all', 's3'] }, ['matplotlib', 'boto3']],
  [{ groups: ['Reports'] }, ['jinja2', 'attrs']]
])('of a pyproject.toml, %j are installed too', async (choice, lines) => {
  expect(await chosen(choice)).toEqual(['prefect==3.9.1', ...lines])
})

test.each([
  [{ extras: ['plots'] }, "the option 'extras' names 'plots', which pyproject.toml does not have"],
  [{ extras: ['bad'] }, 'has project.optional-dependencies.bad that are not a list'],
  [{ groups: ['report'] }, "does not have; did you mean 'reports'?"],
  [{ groups: ['odd'] }, 'has dependency-groups.odd that are not a list'],
  [{ package: 'x' }, "is in no uv workspace, which the option 'package' is for"]
])('of a pyproject.toml, %j are refused', async (choice, message) => {
  await expect(chosen(choice)).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining(message),
    file: 'pyproject.toml'
  })
})

test.each([
  ['extras', { extras: ['x'], groups: [] }, 'pyproject.toml, uv.lock, poetry.lock'],
  ['groups', { extras: [], groups: ['x'] }, 'pyproject.toml, uv.lock, poetry.lock'],
  ['package', { extras: [], groups: [], package: 'x' }, 'pyproject.toml, uv.lock']
])('the option %s is refused for files that have no such thing', async (option, choice, files) => {
  const root = repository({ 'Pipfile.lock': '', 'requirements.txt': '' })
  const hint = `It works with these requirements files: ${files}.`
  for (const file of ['Pipfile.lock', 'requirements.txt']) {
    await expect(readRequirements(root, [], file, undefined, choice)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: `the option '${option}' does not apply to the requirements file '${file}'`,
      hint
    })
  }
  await expect(readRequirements(root, [], undefined, undefined, choice)).rejects.toMatchObject({
    message: `the option '${option}' needs the option 'requirements-file'`
  })
})

test('a pyproject.toml that a uv.lock above does not name is read itself', async () => {
  const root = repository({
    '.git/HEAD': '',
    'uv.lock': 'version = 1\n[[package]]\nname = "x"\nsource = { virtual = "." }\n',
    'jobs/pyproject.toml': '[project]\nname = "jobs"\ndependencies = ["attrs"]\n'
  })
  expect(requirementLines(await readRequirements(root, [], 'jobs/pyproject.toml'))).toEqual([
    'attrs'
  ])
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
    ],
    locked: true
  })
  expect(found.local).toEqual(['-e ./jobs', './jobs/wheels/a-1-py3-none-any.whl'])
})

test.each([
  ['{', /is not JSON/],
  ['{}', /is not a Pipfile\.lock: '_meta' is missing/],
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

const machineWith = (poetry: string) => {
  const root = repository({ 'bin/poetry': poetry })
  chmodSync(join(root, 'bin/poetry'), 0o755)
  const log = silentLog()
  return {
    machine: { env: { PATH: join(root, 'bin') }, cache: join(root, 'cache'), log },
    notices: log.notices
  }
}

/** A poetry that answers `--help`, and refuses to export for a reason. */
const refusingPoetry = (reason: string) =>
  `#!/bin/sh\ncase "$*" in *--help*) exit 0 ;; esac\necho ${JSON.stringify(reason)} >&2\nexit 1\n`

const NO_POETRY = '#!/bin/sh\nexit 1\n'
const TOO_OLD = refusingPoetry(
  'The lock file is not compatible with the current version of Poetry.'
)

const FIRST_FORMAT = `
[[package]]
category = "main"
name = "inflection"
optional = false
version = "0.5.1"
[[package]]
category = "main"
marker = "sys_platform == 'win32'"
name = "toolz"
optional = false
version = "0.11.1"
[[package]]
category = "main"
name = "extra"
optional = true
version = "1"
[[package]]
category = "dev"
name = "iniconfig"
optional = false
version = "1.1.1"
[metadata]
content-hash = "x"
[metadata.hashes]
inflection = ["aa", "bb"]
toolz = ["cc"]
`

const FORMAT_2_1 = `
[[package]]
name = "inflection"
version = "0.5.1"
optional = false
groups = ["main", "dev"]
markers = {main = "python_version >= '3.7'", dev = "python_version >= '3.8'"}
files = [{file = "a.whl", hash = "sha256:aa"}]
[package.source]
type = "legacy"
url = "https://pypi.acme.test/simple"
reference = "acme"
[[package]]
name = "tools"
version = "1"
optional = false
groups = ["main"]
files = []
[package.source]
type = "git"
url = "https://github.com/acme/tools.git"
reference = "v1"
resolved_reference = "abc"
subdirectory = "python"
[[package]]
name = "far"
version = "1"
optional = false
groups = ["main"]
files = []
[package.source]
type = "url"
url = "https://acme.test/far-1.tar.gz"
[[package]]
name = "near"
version = "1"
optional = false
groups = ["main"]
develop = true
files = []
[package.source]
type = "directory"
url = "../libs/near"
[[package]]
name = "pytest"
version = "7"
optional = false
groups = ["dev"]
files = []
[metadata]
lock-version = "2.1"
content-hash = "x"
`

const project = (lock: string) => ({
  'jobs/poetry.lock': lock,
  'jobs/pyproject.toml': '[tool.poetry]\nname = "x"\n'
})

test('a poetry.lock of a form that poetry refuses is read from the file alone, with a warning', async () => {
  const { machine, notices } = machineWith(TOO_OLD)
  const root = repository(project(FIRST_FORMAT))
  const { exported } = await readRequirements(root, [], 'jobs/poetry.lock', machine)
  expect(exported?.lines).toEqual([
    'inflection==0.5.1 --hash=sha256:aa --hash=sha256:bb',
    "toolz==0.11.1 ; sys_platform == 'win32' --hash=sha256:cc"
  ])
  expect(notices).toEqual([
    {
      level: 'warning',
      file: 'jobs/poetry.lock',
      message: expect.stringContaining('taken as they are locked')
    }
  ])
})

test('a poetry.lock is read from the file alone if poetry can not be installed', async () => {
  const { machine, notices } = machineWith(NO_POETRY)
  const root = repository(project(FORMAT_2_1))
  const { exported } = await readRequirements(root, [], 'jobs/poetry.lock', machine)
  expect(exported?.lines).toEqual([
    '--extra-index-url https://pypi.acme.test/simple',
    "inflection==0.5.1 ; python_version >= '3.7' --hash=sha256:aa",
    'tools @ git+https://github.com/acme/tools.git@abc#subdirectory=python',
    'far @ https://acme.test/far-1.tar.gz',
    '-e ./libs/near'
  ])
  expect(notices).toHaveLength(1)
})

test.each([
  [
    'does not say what is for what',
    TOO_OLD,
    FORMAT_2_1.replace('"2.1"', '"2.0"').replaceAll('groups', 'x')
  ],
  ['does not fit its project', refusingPoetry('pyproject.toml changed significantly'), FORMAT_2_1]
])('a poetry.lock that %s is refused, with what to do', async (_name, poetry, lock) => {
  const { machine, notices } = machineWith(poetry)
  const root = repository(project(lock))
  await expect(readRequirements(root, [], 'jobs/poetry.lock', machine)).rejects.toMatchObject({
    code: 'DEPENDENCY_INSTALL',
    message: "jobs/poetry.lock can't be exported",
    file: 'jobs/poetry.lock',
    hint: expect.stringMatching(/^Run `poetry lock` and commit poetry\.lock/)
  })
  expect(notices).toEqual([])
})

test.each([
  [{ extras: ['plot'], groups: [] }, 'Extra [plot] is not specified.', "did you mean 'plots'?"],
  [
    { extras: [], groups: ['doc'] },
    'Group(s) not found: doc (via --only)',
    "the option 'groups' names 'doc', which jobs/poetry.lock does not have; did you mean 'docs'?"
  ]
])('a name that poetry does not find is refused: %j', async (choice, output, message) => {
  const { machine } = machineWith(refusingPoetry(output))
  const lock = `${FORMAT_2_1.replace('groups = ["dev"]', 'groups = ["docs"]')}[extras]\nplots = ["far"]\n`
  const root = repository(project(lock))
  await expect(
    readRequirements(root, [], 'jobs/poetry.lock', machine, choice)
  ).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining(message),
    hint: expect.stringMatching(/^It has (plots|dev, docs)\.$/)
  })
})

test('a poetry.lock is not read without poetry if extras or groups are chosen', async () => {
  const { machine, notices } = machineWith(NO_POETRY)
  const root = repository(project(FORMAT_2_1))
  const choice = { extras: [], groups: ['docs'] }
  await expect(
    readRequirements(root, [], 'jobs/poetry.lock', machine, choice)
  ).rejects.toMatchObject({ code: 'PYTHON_NOT_FOUND' })
  expect(notices).toEqual([])
})
