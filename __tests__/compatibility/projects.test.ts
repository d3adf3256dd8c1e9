import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { splitProjects } from '../../src/packages/local-projects.js'
import type { ProjectChoice } from '../../src/packages/lock-files/format.js'
import { machineUv } from '../../src/packages/machine/machine-uv.js'
import {
  ensureVirtualEnvironment,
  programOf
} from '../../src/packages/machine/virtual-environment.js'
import { pipRuns } from '../../src/packages/pip.js'
import { readRequirements } from '../../src/packages/read-requirements.js'
import { requirementLines, withoutEditable } from '../../src/packages/requirements.js'
import { findPython } from '../../src/python/find-python.js'
import { silentLog } from '../../src/log.js'
import { run, temporaryFolder } from '../helpers/flowstore.js'
import { MACHINE, SETUPTOOLS, uvProgram, uvProject, WITHOUT_INDEXES } from '../helpers/uv.js'

const PYTHONS = ['3.10', '3.11', '3.12']
const LIMIT = 300_000

const SINGLE = {
  'pyproject.toml': `[project]
name = "shop"
version = "0.1"
requires-python = ">=3.9"
dependencies = [
    "idna",
    "six; sys_platform == 'linux'",
    "colorama; sys_platform == 'win32'",
    "tomli; python_version < '3.10'",
]
[project.optional-dependencies]
plots = ["toolz"]
[dependency-groups]
dev = ["iniconfig"]
reports = ["attrs"]
always = ["packaging"]
[tool.uv]
default-groups = ["dev", "always"]
`
}

/** A workspace whose member `orders` needs the member `common`. */
const WORKSPACE = {
  'pyproject.toml': `[project]
name = "shop"
version = "0.1"
requires-python = ">=3.9"
dependencies = ["idna"]
[tool.uv.workspace]
members = ["packages/*", "libs/*"]
`,
  'packages/orders/pyproject.toml': `[project]
name = "Acme_Orders"
version = "0.1"
requires-python = ">=3.9"
dependencies = ["acme-common", "six"]
[project.optional-dependencies]
plots = ["toolz"]
[dependency-groups]
reports = ["attrs"]
[tool.uv.sources]
acme-common = { workspace = true }
${SETUPTOOLS}`,
  'packages/orders/src/acme_orders/__init__.py': '',
  'packages/orders/flows/nightly.py': '',
  'libs/common/pyproject.toml': `[project]
name = "acme-common"
version = "0.1"
requires-python = ">=3.9"
dependencies = ["packaging"]
${SETUPTOOLS}`,
  'libs/common/src/acme_common/__init__.py': 'x = 1\n'
}

let uv: string

beforeAll(async () => {
  uv = await uvProgram()
}, LIMIT)

/** The packages of an interpreter, without pip's own. */
async function packagesOf(python: string): Promise<string[]> {
  const { stdout } = await run(uv, ['pip', 'freeze', '--python', python], process.cwd())
  return stdout
    .split('\n')
    .filter(line => line !== '' && !/^(pip|setuptools|wheel)==/.test(line))
    .map(line => line.replace(/^-e (.*)$/, '$1').replace(/^.*\/(\w+)$/, 'the project in $1'))
    .map(line => line.replace(/ @ file:.*$/, ''))
    .sort()
}

/** What a real `uv sync` installs. */
async function synced(root: string, folder: string, args: readonly string[]): Promise<string[]> {
  const python = await findPython(undefined, PYTHONS, process.env, root)
  const target = join(temporaryFolder(), 'synced')
  const { code, stderr } = await run(
    uv,
    ['sync', '--frozen', '--no-dev', '--no-editable', '--python', python.path, ...args],
    join(root, folder),
    { ...WITHOUT_INDEXES, UV_PROJECT_ENVIRONMENT: target }
  )
  expect([code, code === 0 ? '' : stderr]).toEqual([0, ''])
  return packagesOf(programOf(target, 'python'))
}

/** What flowstore installs in an image: the dependencies, and then the projects of the repository. */
async function installed(
  cwd: string,
  file: string,
  choice: ProjectChoice
): Promise<{ packages: string[]; projects: readonly string[] }> {
  const requirements = withoutEditable(await readRequirements(cwd, [], file, MACHINE, choice))
  const split = await splitProjects(cwd, requirements)
  const { path } = await findPython(undefined, PYTHONS, process.env, cwd)
  const { stdout: version } = await run(path, [
    '-c',
    'import platform; print(platform.python_version())'
  ])
  const base = { path, version: version.trim() }
  const folder = join(temporaryFolder(), 'installed')
  mkdirSync(join(folder, '..'), { recursive: true })
  const machine = { ...MACHINE, env: WITHOUT_INDEXES }
  const projects = split?.projects ?? []
  const projectFile = 'projects.txt'
  const projectRun = {
    file: projectFile,
    args: ['--no-deps'],
    texts: new Map([[projectFile, `${projects.join('\n')}\n`]])
  }
  await ensureVirtualEnvironment(
    {
      folder,
      base,
      cwd,
      env: machine.env,
      uv: await machineUv('uv', base, requirements, cwd, machine),
      runs: [
        ...pipRuns(split?.dependencies ?? requirements, undefined, path => join(cwd, path)),
        ...(projects.length > 0 ? [projectRun] : [])
      ]
    },
    reason => new Error(reason) as never,
    silentLog()
  )
  return { packages: await packagesOf(programOf(folder, 'python')), projects }
}

describe('a uv project gets the packages of uv sync', () => {
  test.each([
    ['uv.lock', [], []],
    ['uv.lock', ['plots'], ['reports']],
    ['pyproject.toml', ['plots'], []]
  ])(
    '%s with the extras %j and the groups %j',
    async (file, extras, groups) => {
      const root = await uvProject(SINGLE)
      const args = [
        ...extras.flatMap(each => ['--extra', each]),
        ...groups.flatMap(each => ['--group', each])
      ]
      const expected = await synced(root, '.', args)
      expect(expected.join(' ')).toMatch(/idna.* packaging.* six/)
      expect((await installed(root, file, { extras, groups })).packages).toEqual(expected)
    },
    LIMIT
  )
})

describe('a member of a uv workspace gets the packages of uv sync', () => {
  test.each([
    ['named', '.', 'uv.lock', 'acme-orders', ['./libs/common', './packages/orders']],
    [
      'named otherwise',
      '.',
      'pyproject.toml',
      'Acme.Orders',
      ['./libs/common', './packages/orders']
    ],
    [
      'by its pyproject.toml',
      '.',
      'packages/orders/pyproject.toml',
      undefined,
      ['./libs/common', './packages/orders']
    ],
    ['from another', 'libs/common', '../../uv.lock', 'acme-orders', ['../../packages/orders', './']]
  ])(
    '%s, in %s with %s',
    async (_name, folder, file, name, projects) => {
      const root = await uvProject(WORKSPACE)
      const expected = await synced(root, '.', [
        ...['--package', 'acme-orders', '--extra', 'plots', '--group', 'reports']
      ])
      const found = await installed(join(root, folder), file, {
        extras: ['plots'],
        groups: ['reports'],
        package: name
      })
      expect(found.packages).toEqual(expected)
      expect([...found.projects].sort()).toEqual(projects)
    },
    LIMIT
  )

  test.each([
    ['packages/orders', '../../uv.lock'],
    ['packages/orders', 'pyproject.toml']
  ])(
    'but for itself, in its folder %s with %s: its modules are sources',
    async (folder, file) => {
      const root = await uvProject(WORKSPACE)
      const found = await installed(join(root, folder), file, { extras: [], groups: [] })
      const expected = await synced(root, folder, [])
      expect(found.packages).toEqual(expected.filter(line => line !== 'the project in orders'))
      expect(found.projects).toEqual(['../../libs/common'])
    },
    LIMIT
  )
})

test(
  'the root of a workspace is installed without the members that it does not need',
  async () => {
    const root = await uvProject(WORKSPACE)
    const requirements = await readRequirements(root, [], 'uv.lock', MACHINE)
    expect(requirementLines(requirements).filter(line => !line.startsWith('--'))).toEqual([
      expect.stringMatching(/^idna==/)
    ])
  },
  LIMIT
)

test.each([
  ['extras', { extras: ['plot'], groups: [] }, "names 'plot'", "did you mean 'plots'"],
  ['groups', { extras: [], groups: ['report'] }, "names 'report'", "did you mean 'reports'"],
  ['package', { extras: [], groups: [], package: 'x' }, "names 'x'", 'which uv.lock does not have']
])(
  'a name in %s that the project does not have is refused',
  async (option, choice, name, more) => {
    const root = await uvProject(SINGLE)
    const error = await readRequirements(root, [], 'uv.lock', MACHINE, choice).catch(
      (reason: unknown) => reason
    )
    expect(error).toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(`the option '${option}' ${name}`),
      file: 'uv.lock',
      hint: expect.stringMatching(/^It has .*\.$/)
    })
    expect(String(error)).toContain(more)
  },
  LIMIT
)

test(
  'the group dev can be asked for',
  async () => {
    const root = await uvProject(SINGLE)
    const choice = { extras: [], groups: ['dev'] }
    const lines = requirementLines(await readRequirements(root, [], 'uv.lock', MACHINE, choice))
    expect(lines.join('\n')).toContain('iniconfig==')
  },
  LIMIT
)
