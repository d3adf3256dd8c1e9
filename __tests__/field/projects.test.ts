import { mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from '@jest/globals'
import { fieldIn, describeWithPrefect, type Field } from '../helpers/field.js'
import { inImage } from '../helpers/builds.js'
import { oneFlow, run, temporaryFolder } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'
import { SETUPTOOLS, uncompiled, uvProgram, uvProject, WITHOUT_INDEXES } from '../helpers/uv.js'

const LIMIT = 240_000

/** A workspace with the flows of the member `orders`, which needs the member `common`. */
const WORKSPACE = {
  'pyproject.toml': `[project]
name = "shop"
version = "0.1"
requires-python = ">=3.9"
[tool.uv.workspace]
members = ["packages/*", "libs/*"]
`,
  'packages/orders/pyproject.toml': `[project]
name = "orders"
version = "0.1"
requires-python = ">=3.9"
dependencies = ["acme-common", "prefect==1.4.1", "marshmallow<4", "urllib3<2", "setuptools<80"]
[project.optional-dependencies]
plots = ["toolz"]
[dependency-groups]
dev = ["iniconfig"]
reports = ["inflection"]
[tool.uv.sources]
acme-common = { workspace = true }
${SETUPTOOLS}`,
  'packages/orders/src/orders/__init__.py': 'NAME = "orders"\n',
  'packages/orders/flows/nightly.py': `import acme_common, inflection, orders, toolz\n${oneFlow('nightly')}`,
  'libs/common/pyproject.toml': `[project]
name = "acme-common"
version = "0.1"
requires-python = ">=3.9"
dependencies = ["six"]
${SETUPTOOLS}`,
  'libs/common/src/acme_common/__init__.py': 'import six\n'
}

const CHOICE = ['--requirements-file', 'uv.lock', '--package', 'orders']
const ALL = [...CHOICE, '--extras', 'plots', '--groups', 'reports']

let project: Field
let machine: NodeJS.ProcessEnv
let cache: string

beforeAll(async () => {
  project = fieldIn(await uvProject(WORKSPACE))
  cache = temporaryFolder()
  const bin = join(cache, 'bin')
  mkdirSync(bin)
  symlinkSync(await uvProgram(), join(bin, 'uv'))
  machine = {
    ...WITHOUT_INDEXES,
    PIP_FIND_LINKS: undefined,
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    XDG_CACHE_HOME: cache
  }
}, LIMIT)

await describeWithPrefect('1.4.1', 'a uv workspace, loaded by an interpreter', python => {
  const build = ['build', 'packages/orders/flows', '--storage', 'bytes', '--installer', 'uv']

  test(
    'a member has what it needs, its extras and its groups, and all of it is compiled',
    async () => {
      const ended = await project.flowstore([...build, ...ALL, '--python', python], machine)
      expect([ended.code, ended.text]).toEqual([0, expect.stringContaining('1 flow')])
      const kept = join(cache, 'flowstore/flowstore-python')
      const [key = ''] = readdirSync(kept)
      const interpreter = join(kept, key, process.arch, 'bin/python')
      const { stdout } = await run(interpreter, ['-c', uncompiled('prefect')])
      expect(stdout).toBe('checked True\n')
    },
    LIMIT
  )

  test(
    'a name that the member does not have is named, with those that it has',
    async () => {
      const args = [...build, ...CHOICE, '--extras', 'plot', '--python', python]
      const { code, text } = await project.flowstore(args, machine)
      expect([code, text]).toEqual([2, expect.stringContaining('INVALID_OPTION')])
      expect(text).toContain(
        "the option '--extras' names 'plot', which uv.lock does not have; did you mean 'plots'?"
      )
      expect(text).toContain('It has plots.')
    },
    LIMIT
  )

  test('a choice without a project is refused before anything is installed', async () => {
    const { code, text } = await project.flowstore(
      [...build, '--groups', 'reports', '--python', python],
      machine
    )
    expect([code, text]).toEqual([2, expect.stringContaining('INVALID_OPTION')])
    expect(text).toContain("the option '--groups' needs the option '--requirements-file'")
  })

  test('a line that is no name is refused', async () => {
    const { code, text } = await project.flowstore([...build, ...CHOICE, '--extras', '-x y'])
    expect([code, text]).toEqual([2, expect.stringContaining("has '-x y', which is not a name")])
  })
})

describeWith(['docker', 'registry', 'python:3.9'], 'a uv workspace, in an image', bed => {
  test(
    'its members are packages of the image, and an import of Prefect compiles nothing',
    async () => {
      rmSync(join(project.root, '.flowstore'), { recursive: true, force: true })
      const { code, text } = await project.flowstore([
        ...['build', 'packages/orders/flows', ...ALL, '--installer', 'uv', '--push', 'false'],
        ...['--base-image', bed.baseImages['3.9'], '--image-name', 'flowstore-test'],
        ...['--image-tag', 'uv-workspace']
      ])
      expect([code, text]).toEqual([0, expect.stringContaining('1 flow')])
      expect(text).not.toContain('becomes a normal install')
      const image = 'flowstore-test:uv-workspace'
      expect(await inImage(image, `python -c '${uncompiled('prefect')}'`)).toBe('checked True\n')
      const files = await inImage(
        image,
        'cd / && python -c "import acme_common, orders; print(acme_common.__file__, orders.__file__)"'
      )
      expect(files.trim()).toMatch(/site-packages\/acme_common\/.*site-packages\/orders\//)
    },
    LIMIT
  )
})
