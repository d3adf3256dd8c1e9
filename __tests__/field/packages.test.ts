import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from '@jest/globals'
import { describeWithPrefect, field, type Field } from '../helpers/field.js'
import { oneFlow } from '../helpers/flowstore.js'
import { programAt } from '../helpers/programs.js'
import { describeWith } from '../helpers/test-bed.js'
import { SETUPTOOLS } from '../helpers/uv.js'

const LIMIT = 60_000

const PROJECT = `${SETUPTOOLS}
[project]
name = "acme-jobs"
version = "1.2"
`

const SEE = 'See https://github.com/org/flowstore-action/blob/main/docs/errors.md'

/** Puts a program on PATH. */
function program({ root }: Field, name: string, text: string): NodeJS.ProcessEnv {
  const folder = dirname(programAt(join(root, '.bin', name), text))
  return { PATH: `${folder}:${process.env['PATH'] ?? ''}` }
}

await describeWithPrefect('1.4.1', 'packages', python => {
  const build = ['build', 'flows', '--storage', 'bytes', '--python', python]

  test("a module that asks for the version of the repository's package is told what installs it", async () => {
    const { flowstore } = field({
      'pyproject.toml': PROJECT,
      'flows/a.py': `from importlib.metadata import version\nVERSION = version("acme-jobs")\n${oneFlow('a')}`
    })
    const { code, text } = await flowstore(build)
    expect([code, text]).toEqual([3, expect.stringContaining('MODULE_IMPORT')])
    expect(text).toContain('add `.` to --python-dependencies')
    expect(text).toContain(`${SEE}#module_import`)
  }, 60_000)

  test('a package below src is imported without an installation', async () => {
    const { flowstore } = field({
      'pyproject.toml': PROJECT,
      'src/acme/__init__.py': '',
      'flows/a.py': `import acme\n${oneFlow('a')}`
    })
    const { code, text } = await flowstore(build)
    expect([code, text]).toEqual([0, expect.stringContaining('1 flow')])
  }, 60_000)

  test('a module that imports a package of another folder is told what finds it', async () => {
    const { flowstore } = field({
      'libs/jobs/pyproject.toml': PROJECT,
      'libs/jobs/src/acme/__init__.py': '',
      'flows/a.py': `import acme\n${oneFlow('a')}`
    })
    const { code, text } = await flowstore(build)
    expect([code, text]).toEqual([
      3,
      expect.stringContaining('set `--python-path libs/jobs/src`, or install')
    ])
    expect(text).toContain('add `./libs/jobs` to --python-dependencies')
  }, 60_000)

  test('a range of Prefect in the requirements is a version', async () => {
    const { flowstore } = field({
      'flows/a.py': oneFlow('a'),
      'requirements.txt': 'prefect>=1.2,<2\nmarshmallow<4\n'
    })
    const args = ['build', 'flows', '--storage', 'bytes', '--requirements-file', 'requirements.txt']
    const { code, text } = await flowstore([...args, '--python', python])
    expect([code, text]).toEqual([0, expect.stringContaining('Prefect 1.4.1')])
  }, 180_000)

  test('a range that allows Prefect 3 is refused for flows of Prefect 1, before anything is installed', async () => {
    const { flowstore } = field({ 'flows/a.py': oneFlow('a'), 'requirements.txt': 'prefect\n' })
    const args = ['build', 'flows', '--storage', 'bytes', '--requirements-file', 'requirements.txt']
    const { code, text } = await flowstore(args)
    expect([code, text]).toEqual([
      3,
      expect.stringMatching(
        /error OTHER_GENERATION: `with Flow\("a"\)` is of Prefect 0\.5 to 1\.4, and the requirement 'prefect' installs Prefect 3/
      )
    ])
    expect(text).toContain('such as prefect==1.4.1, or set `--prefect-version 1.4.1`')
  }, 60_000)

  test('a range without a supported release is refused with its line', async () => {
    const { flowstore } = field({
      'flows/a.py': oneFlow('a'),
      'requirements.txt': '\nprefect>=4\n'
    })
    const { code, text } = await flowstore([...build, '--requirements-file', 'requirements.txt'])
    expect([code, text]).toEqual([
      2,
      expect.stringContaining(
        "'prefect>=4' allows no release of Prefect that this version of flowstore knows"
      )
    ])
    expect(text).toContain('(requirements.txt:2)')
    expect(text).toContain(`${SEE}#unsupported_prefect`)
  }, 60_000)

  test('a token in the requirements is refused by name, with the way that there is', async () => {
    const { flowstore } = field({
      'flows/a.py': oneFlow('a'),
      'requirements.txt': '--extra-index-url https://x:${TOKEN}@pypi.acme.test/simple\nacme\n'
    })
    const args = [...build, '--requirements-file', 'requirements.txt']
    const { code, text } = await flowstore(args, { TOKEN: 'not-for-pip' })
    expect([code, text]).toEqual([
      2,
      expect.stringContaining('requirements.txt needs the variable ${TOKEN}')
    ])
    expect(text).toContain('set --index-url or --extra-index-urls')
    expect(text).not.toContain('not-for-pip')
  }, 60_000)

  test('a lock file that poetry refuses comes with what to do', async () => {
    const repository = field({
      'flows/a.py': oneFlow('a'),
      'pyproject.toml': '[tool.poetry]\nname = "a"\n',
      'poetry.lock': '[metadata]\nlock-version = "2.1"\n'
    })
    const env = program(
      repository,
      'poetry',
      '#!/bin/sh\ncase "$*" in *--help*) exit 0 ;; esac\necho "pyproject.toml changed significantly since poetry.lock was last generated." >&2\nexit 1\n'
    )
    const args = [...build, '--requirements-file', 'poetry.lock']
    const { code, text } = await repository.flowstore(args, env)
    expect([code, text]).toEqual([4, expect.stringContaining("poetry.lock can't be exported")])
    expect(text).toContain('Run `poetry lock` and commit poetry.lock')
  }, 60_000)
})

describeWith(['docker', 'prefect:1.4.1'], "the repository's package in an image", bed => {
  test(
    'is installed with its version, and an edit of a flow outside it does not build the environment again',
    async () => {
      const flow = `import acme\n${oneFlow('a')}`
      const { flowstore, write } = field({
        'pyproject.toml': PROJECT,
        'src/acme/__init__.py':
          'from importlib.metadata import version\nVERSION = version("acme-jobs")\n',
        'flows/a.py': flow,
        'requirements.txt': '-e .\n'
      })
      const args = [
        ...['build', 'flows', '--push', 'false', '--image-name', 'flowstore-test-own'],
        ...['--base-image', bed.prefectBase, '--requirements-file', 'requirements.txt']
      ]
      const first = await flowstore(args)
      expect([first.code, first.text]).toEqual([0, expect.stringContaining('1 flow')])
      write('flows/a.py', `${flow}# edited\n`)
      const second = await flowstore(args)
      expect([second.code, second.text]).toEqual([0, expect.stringContaining('the daemon has it')])
      expect(second.text).not.toContain('building it on')
    },
    3 * LIMIT
  )
})

describeWith(['docker', 'registry', 'prefect:1.4.1'], 'an edit of the package', bed => {
  test(
    'builds its layer alone: the dependencies come from the registry',
    async () => {
      const { flowstore, write } = field({
        'pyproject.toml': `${PROJECT}dependencies = ["six==1.16.0"]\n`,
        // A daemon that has the environment image would not ask for the dependencies.
        'src/acme/__init__.py': `RUN = ${Date.now()}\n`,
        'flows/a.py': `import acme\n${oneFlow('a')}`
      })
      const args = [
        ...['build', 'flows', '--python-dependencies', '.', '--base-image', bed.prefectBase],
        // Not a fresh name: its registry has the layers of the base image already.
        ...['--registry-url', bed.registry.url, '--image-name', 'flowstore-test/own-package']
      ]
      const first = await flowstore(args)
      expect([first.code, first.text]).toEqual([0, expect.stringContaining('1 flow')])
      write('src/acme/__init__.py', `EDITED = ${Date.now()}\n`)
      const second = await flowstore(args)
      expect([second.code, second.text]).toEqual([0, expect.stringContaining('building it on')])
      expect(second.text).toMatch(/Dependencies \w+: the registry has them/)
    },
    3 * LIMIT
  )
})

/** A project of poetry, with a lock file that has Prefect alone: the base image has the packages that it needs. */
const POETRY = {
  'pyproject.toml': `[project]
name = "flows"
version = "0"
requires-python = ">=3.10,<3.15"
dependencies = ["prefect (>=3.9,<4)"]

[tool.poetry]
package-mode = false
`,
  'poetry.lock': `[[package]]
name = "prefect"
version = "3.9.1"
description = ""
optional = false
python-versions = ">=3.10,<3.15"
groups = ["main"]
files = []

[metadata]
lock-version = "2.1"
python-versions = ">=3.10,<3.15"
content-hash = "7f0900e710c996d3c1d64b2390ead326bf2657d0f066e5cb63758a2d2f42be4c"
`
}

describeWith(['docker', 'prefect:3.9.1'], 'the Prefect of an image', bed => {
  test.each<[string, string, Record<string, string>]>([
    ['a range', 'requirements.txt', { 'requirements.txt': 'prefect>=3,<4\n' }],
    ['a poetry.lock', 'poetry.lock', POETRY]
  ])(
    'is what %s asks for',
    async (_what, file, files) => {
      const { flowstore, root } = field({
        ...files,
        'flows/a.py': 'from prefect import flow\n@flow\ndef daily(n: int = 1):\n    pass\n'
      })
      const built = await flowstore(
        [
          ...['build', 'flows', '--push', 'false', '--image-name', 'flowstore-test-asked'],
          ...['--base-image', bed.prefectImages['3.9.1'], '--requirements-file', file]
        ],
        { DOCKER_HOST: bed.dockerHost }
      )
      expect([built.code, built.text]).toEqual([0, expect.stringContaining('1 flow')])
      const report = JSON.parse(readFileSync(join(root, '.flowstore/report.json'), 'utf8')) as {
        versions: { prefect: string }
      }
      expect(report.versions.prefect).toBe('3.9.1')
    },
    4 * LIMIT
  )
})
