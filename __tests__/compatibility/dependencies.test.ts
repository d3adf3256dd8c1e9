import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { find, findAllVersions } from '@actions/tool-cache'
import { expect, test } from '@jest/globals'
import { noSources } from '../../src/sources/sources.js'
import { cachedPython, loadingPython } from '../../src/environment/loading-python.js'
import { findPython } from '../../src/python/find-python.js'
import { machineUv } from '../../src/packages/machine/machine-uv.js'
import { pipRuns } from '../../src/packages/pip.js'
import { readRequirements } from '../../src/packages/read-requirements.js'
import { requirementLines, requirementsOf } from '../../src/packages/requirements.js'
import { toolProgram, UV as TOOL } from '../../src/packages/machine/tools.js'
import type { Installer } from '../../src/packages/uv.js'
import {
  ensureVirtualEnvironment,
  programOf
} from '../../src/packages/machine/virtual-environment.js'
import { userCache } from '../../src/paths.js'
import { silentLog } from '../../src/log.js'
import { flowstore, oneFlow, repository, run, temporaryFolder } from '../helpers/flowstore.js'
import { INFLECTION_HASH, TOOLS, WHEEL } from '../helpers/packages.js'

// Tools are large and the same for every run: they stay in the user's cache.
const CACHE = userCache(process.env)
const MACHINE = { env: process.env, cache: CACHE, log: silentLog() }
const PYTHONS = ['3.8', '3.9', '3.10', '3.11']
const LIMIT = 300_000

/** The variables of this machine without the configuration of pip and uv. */
const WITHOUT_INDEXES: NodeJS.ProcessEnv = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(PIP|UV)_/.test(name))),
  PIP_CONFIG_FILE: '/dev/null',
  REQUESTS_CA_BUNDLE: process.env['REQUESTS_CA_BUNDLE'] ?? process.env['PIP_CERT']
}

/** A small package instead of Prefect, which is large: these tests are about pip and uv. */
const ADDITIONAL = { prefect: '1.0', lines: ['toolz==0.12.1'], present: false }

/** Installs the requirements of a repository, and lists what is installed. */
async function installed(
  files: Record<string, string>,
  lines: string[],
  file?: string,
  installer: Installer = 'pip'
): Promise<{ freeze: string[]; python: string; root: string }> {
  const root = repository(files)
  mkdirSync(join(root, 'wheels'))
  writeFileSync(join(root, 'wheels', WHEEL.name), WHEEL.bytes())
  const requirements = await readRequirements(root, lines, file, MACHINE)
  const found = await findPython(undefined, PYTHONS, process.env, root)
  const folder = join(temporaryFolder(), 'an environment')
  const { stdout: version } = await run(found.path, [
    '-c',
    'import platform; print(platform.python_version())'
  ])
  const base = { path: found.path, version: version.trim() }
  const machine = { ...MACHINE, env: WITHOUT_INDEXES }
  await ensureVirtualEnvironment(
    {
      folder,
      base,
      cwd: root,
      env: machine.env,
      uv: await machineUv(installer, base, requirements, root, machine),
      runs: pipRuns(requirements, ADDITIONAL, path => join(root, path))
    },
    reason => new Error(reason) as never,
    silentLog()
  )
  const python = programOf(folder, 'python')
  const { stdout } = await run(python, ['-m', 'pip', 'list', '--format', 'freeze'])
  return {
    freeze: stdout.split(/\r?\n/).filter(line => !/^(pip|setuptools|wheel)==|^$/.test(line)),
    python,
    root
  }
}

test.each(['pip', 'uv'] as const)(
  '%s installs markers, extras, options, wheels and editable paths',
  async installer => {
    const { freeze, python, root } = await installed(
      { ...TOOLS, 'in/my requirements.txt': '-f wheels\nrain ; python_version > "3"\n' },
      [
        '-e ./libs/tools[x]',
        'iniconfig==2.0.0; python_version < "3"',
        './wheels/rain-1-py3-none-any.whl',
        '--extra-index-url https://pypi.org/simple'
      ],
      'in/my requirements.txt',
      installer
    )
    expect(freeze).toEqual(['inflection==0.5.1', 'rain==1', 'tools==1', 'toolz==0.12.1'])
    const { stdout } = await run(python, ['-c', 'import tools; print(tools.__file__)'])
    expect(stdout).toContain(join(root, 'libs/tools'))
  },
  LIMIT
)

test.each(['pip', 'uv'] as const)(
  '%s installs requirements with hashes together with others that have none',
  async installer => {
    const { freeze } = await installed(
      {
        ...TOOLS,
        'requirements.txt': `inflection==0.5.1 \\\n    ${INFLECTION_HASH}\nrain==1 \\\n    --hash=sha256:${WHEEL.hash()}\n-f wheels\n`
      },
      ['./libs/tools[x]', 'inflection', 'rain'],
      'requirements.txt',
      installer
    )
    expect(freeze).toEqual(['inflection==0.5.1', 'rain==1', 'tools==1', 'toolz==0.12.1'])
  },
  LIMIT
)

test.each<[Installer, RegExp]>([
  ['pip', /THESE PACKAGES DO NOT MATCH THE HASHES/],
  ['uv', /Hash mismatch for `inflection==0\.5\.1`/]
])(
  'a wrong hash is an error with the message of %s',
  async (installer, words) => {
    await expect(
      installed(
        { 'requirements.txt': `inflection==0.5.1 --hash=sha256:${'0'.repeat(64)}\n` },
        [],
        'requirements.txt',
        installer
      )
    ).rejects.toThrow(words)
  },
  LIMIT
)

test(
  'uv refuses a version that contradicts a pin with a hash',
  async () => {
    const hashed = { 'requirements.txt': `toolz==0.12.0 --hash=sha256:${'0'.repeat(64)}\n` }
    await expect(installed(hashed, [], 'requirements.txt', 'uv')).rejects.toThrow(
      /toolz==0\.12\.0 and toolz==0\.12\.1|toolz==0\.12\.1 and toolz==0\.12\.0/
    )
  },
  LIMIT
)

test(
  'auto uses the uv on PATH if pip is not configured, and pip if uv fails',
  async () => {
    const root = repository({})
    const need = { what: '', hint: '', cwd: root }
    const uv = await toolProgram(TOOL, ['--version'], need, MACHINE)
    const { path } = await findPython(undefined, ['3.9', '3.10', '3.11'], process.env, root)
    const base = { path, version: '3.9.18' }
    const PATH = `${dirname(uv)}:${process.env['PATH'] ?? ''}`
    const chosen = async (env: NodeJS.ProcessEnv, lines = ['a']) =>
      machineUv('auto', base, await readRequirements(root, lines, undefined), root, {
        ...MACHINE,
        env: { ...WITHOUT_INDEXES, PATH, ...env }
      })
    const like = { program: uv, variables: {}, orPip: true }
    expect(await chosen({})).toEqual(like)
    expect(await chosen({ UV_CACHE_DIR: join(root, 'cache') })).toEqual(like)
    expect(await chosen({ PATH: process.env['PATH'] })).toBeUndefined()
    expect(await chosen({ PIP_EXTRA_INDEX_URL: 'https://x.test' })).toBeUndefined()
    expect(await chosen({ UV_EXCLUDE_NEWER: '2020-01-01' })).toBeUndefined()
    expect(await chosen({}, ['--pre', 'a'])).toBeUndefined()
    const folder = join(temporaryFolder(), 'kept')
    const lines: string[] = []
    await ensureVirtualEnvironment(
      {
        folder,
        base,
        cwd: root,
        env: WITHOUT_INDEXES,
        // uv requires constraints with pins and hashes; this one has neither.
        runs: [
          {
            file: 'a.txt',
            args: ['--no-deps'],
            hashed: true,
            texts: new Map([
              ['a.txt', `inflection==0.5.1 ${INFLECTION_HASH}\n-c b.txt\n`],
              ['b.txt', 'toolz<2\n']
            ])
          }
        ],
        uv: like
      },
      reason => new Error(reason) as never,
      Object.assign(silentLog(), { info: (line: string) => lines.push(line) })
    )
    expect(lines).toEqual(["uv can't install these packages: pip installs them"])
    const program = programOf(folder, 'python')
    expect(await run(program, ['-c', 'import inflection'])).toMatchObject({ code: 0 })
  },
  LIMIT
)

test(
  'uv is refused if only pip’s configuration names the index, and on a Python that it does not run on',
  async () => {
    const root = repository({})
    const { path } = await findPython(undefined, PYTHONS, process.env, root)
    const asked = async (version: string) =>
      machineUv('uv', { path, version }, await readRequirements(root, [], undefined), root, {
        ...MACHINE,
        env: { ...WITHOUT_INDEXES, PIP_INDEX_URL: 'https://x.test' }
      })
    await expect(asked('3.9.18')).rejects.toMatchObject({
      code: 'DEPENDENCY_INSTALL',
      hint: expect.stringContaining('UV_DEFAULT_INDEX')
    })
    await expect(asked('3.7.16')).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  },
  LIMIT
)

test(
  'interpreters are kept in the tool cache, where @actions/tool-cache finds them',
  async () => {
    const [cache, root] = [temporaryFolder(), repository({})]
    const { path, python: minor } = await findPython(undefined, PYTHONS, process.env, root)
    const lines: string[] = []
    const key = '01234567890123456789'
    const load = (more: NodeJS.ProcessEnv = {}) =>
      loadingPython(
        {
          python: path,
          prefectVersion: '1.4.1',
          sources: noSources(root),
          cwd: root,
          cache,
          env: { ...process.env, ...more },
          requirements: requirementsOf({ lines: [], file: undefined, texts: new Map() }),
          exact: {
            key,
            python: minor,
            packages: { inflection: '0.5.1' }
          }
        },
        Object.assign(silentLog(), { info: (line: string) => lines.push(line) })
      )
    const python = await load()
    expect(await run(python, ['-c', 'import inflection'])).toMatchObject({ code: 0 })
    process.env['RUNNER_TOOL_CACHE'] = cache
    const found = find('flowstore-python', `1.0.0-key${key}`)
    expect(findAllVersions('flowstore-python')).toEqual([`1.0.0-key${key}`])
    expect(python).toBe(programOf(found, 'python'))
    expect(cachedPython(cache, key)).toBe(python)
    // Nothing is installed again: there is no index to install from.
    expect(await load({ PIP_INDEX_URL: 'http://127.0.0.1:9', PIP_NO_INDEX: '1' })).toBe(python)
    expect(lines.filter(line => line.startsWith('Installing'))).toHaveLength(1)
    // Without its marker file an entry is not used.
    rmSync(`${found}.complete`)
    expect([cachedPython(cache, key), find('flowstore-python', `1.0.0-key${key}`)]).toEqual([
      undefined,
      ''
    ])
  },
  LIMIT
)

const UV = {
  ...TOOLS,
  'jobs/pyproject.toml': `[project]
name = "jobs"
version = "0"
requires-python = ">=3.7"
dependencies = ["inflection==0.5.1; python_version < '3.14'", "tools"]
[dependency-groups]
dev = ["iniconfig"]
[tool.uv.sources]
tools = { path = "../libs/tools", editable = true }
`,
  'jobs/uv.lock': `version = 1
revision = 3
requires-python = ">=3.7"

[[package]]
name = "inflection"
version = "0.5.1"
source = { registry = "https://pypi.org/simple" }
wheels = [
    { url = "https://files.pythonhosted.org/packages/59/91/aa6bde563e0085a02a435aa99b49ef75b0a4b062635e606dab23ce18d720/inflection-0.5.1-py2.py3-none-any.whl", hash = "sha256:f38b2b640938a4f35ade69ac3d053042959b62a0f1076a5bbaa1b9526605a8a2", size = 9454 },
]

[[package]]
name = "iniconfig"
version = "2.0.0"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "jobs"
version = "0"
source = { virtual = "." }
dependencies = [
    { name = "inflection", marker = "python_full_version < '3.14'" },
    { name = "tools" },
]

[package.dev-dependencies]
dev = [{ name = "iniconfig" }]

[[package]]
name = "tools"
version = "1"
source = { editable = "../libs/tools" }
`
}

test(
  'uv.lock is exported by uv: only main dependencies, with paths from the working directory',
  async () => {
    const { freeze, root, python } = await installed(UV, [], 'jobs/uv.lock')
    expect(freeze).toEqual(expect.arrayContaining(['inflection==0.5.1', 'tools==1']))
    expect(freeze.join(' ')).not.toMatch(/iniconfig|jobs/)
    const { stdout } = await run(python, ['-c', 'import tools; print(tools.__file__)'])
    expect(stdout).toContain(join(root, 'libs/tools'))
  },
  LIMIT
)

/** A member of a workspace of uv, and its entry in the lock file. */
const member = (name: string, dependency: string) => ({
  project: `[project]
name = "${name}"
version = "1"
requires-python = ">=3.9"
dependencies = ["shared", "${dependency}"]
[tool.uv.sources]
shared = { workspace = true }
`,
  locked: `[[package]]
name = "${name}"
version = "1"
source = { virtual = "teams/${name}" }
dependencies = [{ name = "shared" }, { name = "${dependency}" }]
`
})

test(
  'of the uv.lock of a workspace, the member in the working directory gets what it needs',
  async () => {
    const [a, b] = [member('a', 'toolz'), member('b', 'six')]
    const registry = 'source = { registry = "https://pypi.org/simple" }'
    const root = repository({
      'pyproject.toml': '[tool.uv.workspace]\nmembers = ["teams/*", "libs/*"]\n',
      'teams/a/pyproject.toml': a.project,
      'teams/b/pyproject.toml': b.project,
      'libs/shared/pyproject.toml':
        '[project]\nname = "shared"\nversion = "1"\nrequires-python = ">=3.9"\n[build-system]\nrequires = ["setuptools"]\n',
      'uv.lock': [
        'version = 1\nrevision = 3\nrequires-python = ">=3.9"\n',
        '[manifest]\nmembers = ["a", "b", "shared"]\n',
        a.locked,
        b.locked,
        '[[package]]\nname = "shared"\nversion = "1"\nsource = { editable = "libs/shared" }\n',
        `[[package]]\nname = "six"\nversion = "1.17.0"\n${registry}\n`,
        `[[package]]\nname = "toolz"\nversion = "1.0.0"\n${registry}\n`
      ].join('\n')
    })
    const linesIn = async (cwd: string, file: string) =>
      requirementLines(await readRequirements(join(root, cwd), [], file, MACHINE))
    expect(await linesIn('teams/a', '../../uv.lock')).toEqual([
      '-e ../../libs/shared',
      'toolz==1.0.0'
    ])
    expect(await linesIn('.', 'uv.lock')).toEqual([
      '-e ./libs/shared',
      'six==1.17.0',
      'toolz==1.0.0'
    ])
  },
  LIMIT
)

test(
  'a lock file that can’t be exported is an error with the message of uv',
  async () => {
    const root = repository({ 'uv.lock': 'version = 1\n' })
    await expect(readRequirements(root, [], 'uv.lock', MACHINE)).rejects.toMatchObject({
      code: 'DEPENDENCY_INSTALL',
      message: "uv.lock can't be exported",
      detail: expect.stringContaining('pyproject.toml')
    })
  },
  LIMIT
)

const POETRY = {
  ...TOOLS,
  'jobs/pyproject.toml': `[tool.poetry]
name = "flows"
version = "0"
description = ""
authors = []
package-mode = false

[tool.poetry.requires-plugins]
no-such-plugin-of-ours = "*"

[tool.poetry.dependencies]
python = ">=3.7,<3.14"
inflection = "0.5.1"
tools = { path = "../libs/tools", develop = true }

[tool.poetry.group.dev.dependencies]
iniconfig = "*"
`,
  'jobs/poetry.lock': `[[package]]
name = "inflection"
version = "0.5.1"
description = ""
optional = false
python-versions = ">=3.5"
groups = ["main"]
files = [
    {file = "inflection-0.5.1-py2.py3-none-any.whl", hash = "sha256:f38b2b640938a4f35ade69ac3d053042959b62a0f1076a5bbaa1b9526605a8a2"},
]

[[package]]
name = "iniconfig"
version = "2.0.0"
description = ""
optional = false
python-versions = ">=3.7"
groups = ["dev"]
files = []

[[package]]
name = "tools"
version = "1"
description = ""
optional = false
python-versions = "*"
groups = ["main"]
files = []
develop = true

[package.source]
type = "directory"
url = "../libs/tools"

[metadata]
lock-version = "2.1"
python-versions = ">=3.7,<3.14"
content-hash = "06946a50f75c125ce77983a0d37ca962309e18dc34ca5323cc8882f4a988bc3e"
`
}

test(
  'poetry.lock is exported by poetry: only the group main, without the project’s plugins',
  async () => {
    const root = repository(POETRY)
    const found = await readRequirements(root, [], 'jobs/poetry.lock', MACHINE)
    const lines = requirementLines(found)
    expect(lines).toHaveLength(2)
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^inflection==0\.5\.1 ; python_version .* --hash=sha256:f38b2b64/),
        expect.stringMatching(/^-e \.\/libs\/tools ; python_version /)
      ])
    )
    expect(found.local).toHaveLength(1)
  },
  LIMIT
)

test(
  'a poetry.lock that is older than its project is an error with the message of poetry',
  async () => {
    const root = repository({
      ...POETRY,
      'jobs/poetry.lock': POETRY['jobs/poetry.lock'].replace(
        /content-hash = ".*"/,
        'content-hash = "old"'
      )
    })
    await expect(readRequirements(root, [], 'jobs/poetry.lock', MACHINE)).rejects.toMatchObject({
      code: 'DEPENDENCY_INSTALL',
      detail: expect.stringContaining('pyproject.toml changed significantly')
    })
  },
  LIMIT
)

test(
  'two processes create an environment only once, and a lock of a killed process is ignored',
  async () => {
    const cache = temporaryFolder()
    const build = () =>
      flowstore(
        [
          ...['build', 'flow.py', '--storage', 'memory', '--prefect-version', '1.4.1'],
          ...['--python-dependencies', 'inflection==0.5.1', '--healthcheck', 'false']
        ],
        repository({ 'flow.py': `import inflection\n${oneFlow('a')}` }),
        { ...process.env, XDG_CACHE_HOME: cache }
      )
    const ended = await Promise.all([build(), build()])
    expect(ended.map(({ code, stderr }) => (code === 0 ? '' : stderr))).toEqual(['', ''])
    const waiting = ended.filter(({ stderr }) => stderr.includes('Waiting for another process'))
    const kept = readdirSync(join(cache, 'flowstore/flowstore-python'))
    expect([waiting.length, kept]).toEqual([
      1,
      [expect.stringMatching(/^1\.0\.0-key[0-9a-f]{20}$/)]
    ])

    // A killed process leaves half an environment, and a lock that nobody holds.
    const folder = join(cache, 'flowstore/flowstore-python', kept[0] ?? '', process.arch)
    rmSync(`${folder}.complete`)
    rmSync(join(folder, 'bin/python'))
    mkdirSync(`${folder}.lock`)
    const again = await build()
    expect({ code: again.code, why: again.code === 0 ? '' : again.stderr }).toEqual({
      code: 0,
      why: ''
    })
  },
  LIMIT
)
