import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readRequirements } from '../../src/packages/read-requirements.js'
import { CODE, codeName, RUN_CODE } from '../helpers/doc-blocks.js'
import {
  freshName,
  mustRun,
  oneFlow,
  repository,
  run,
  temporaryFolder,
  writeFiles,
  type Ended
} from '../helpers/flowstore.js'
import { PrefectApi } from '../helpers/prefect-api.js'
import { program } from '../helpers/programs.js'
import { prefectPython } from '../helpers/pythons.js'
import { describeWith, testBed } from '../helpers/test-bed.js'

type Name = (typeof RUN_CODE)[number]

const tested = new Set<string>()

/** The text of code in the pages, with parts of it replaced: each must be there. */
function code(name: Name, replaced: Readonly<Record<string, string>> = {}): string {
  tested.add(name)
  let { text } = CODE.find(block => codeName(block) === name) ?? { text: '' }
  for (const [part, other] of Object.entries(replaced)) {
    if (!text.includes(part)) throw new Error(`${name} has no ${part}`)
    text = text.replaceAll(part, other)
  }
  return text
}

/** A flow with a parameter, which prints it and a variable. */
const flowNamed = (name: string, parameter: string) => `import os
from prefect import Flow, Parameter, task

@task
def show(value):
    print("value %s in mode %s" % (value, os.environ.get("MODE")))

with Flow(${JSON.stringify(name)}) as flow:
    show(Parameter(${JSON.stringify(parameter)}, default=1))
`

const REQUIREMENTS = 'prefect==1.4.1\nmarshmallow<4\n'

/** A reader's repository, beside a checkout of flowstore in `dist` and `examples`. */
function readersRepository(): string {
  const root = repository({
    'flows/orders.py': flowNamed('orders', 'minimum'),
    'flows/nightly.py': flowNamed('nightly', 'limit'),
    'requirements.txt': REQUIREMENTS
  })
  symlinkSync(resolve('dist'), join(root, 'dist'))
  cpSync('examples', join(root, 'examples'), { recursive: true })
  return root
}

/** Runs shell code with `flowstore`, and with the `prefect`, `python` and `pip` of an environment. */
function shell(python: string, text: string, cwd: string, env: NodeJS.ProcessEnv = process.env) {
  const command = program(
    'flowstore',
    `#!/bin/sh\nexec '${process.execPath}' '${resolve('dist/flowstore.js')}' "$@"\n`
  )
  const path = [dirname(command), dirname(python), process.env['PATH']].join(delimiter)
  return run('sh', ['-euc', text], cwd, { ...env, HOME: process.env['HOME'], PATH: path })
}

/** The package as `npm install` puts it into a project, with the library built from the sources. */
async function installedPackage(): Promise<string> {
  const project = temporaryFolder()
  const folder = join(project, 'node_modules/flowstore-action')
  mkdirSync(folder, { recursive: true })
  for (const name of ['dist', 'python', 'shell', 'node_modules', 'package.json']) {
    symlinkSync(resolve(name), join(folder, name))
  }
  const compiler = resolve('node_modules/typescript/bin/tsc')
  const options = ['-p', 'tsconfig.lib.json', '--outDir', join(folder, 'lib'), '--noCheck']
  await mustRun(process.execPath, [compiler, ...options, '--declaration', 'false'])
  return project
}

let project = ''
let api: PrefectApi

beforeAll(async () => {
  project = await installedPackage()
  api = await PrefectApi.start()
}, 120_000)
afterAll(() => api.stop())

/** Runs code of the pages against the built package. */
function library(text: string, cwd: string, python: string) {
  const file = join(cwd, 'block.mjs')
  writeFileSync(file, text)
  symlinkSync(join(project, 'node_modules'), join(cwd, 'node_modules'))
  return shell(python, `'${process.execPath}' block.mjs`, cwd)
}

const build = (python: string, cwd: string, ...args: string[]) =>
  shell(python, `flowstore build flows --python '${python}' ${args.join(' ')}`, cwd)

/** A reader's repository after a build. */
async function builtRepository(python: string, storage: string): Promise<string> {
  const root = readersRepository()
  expect(await build(python, root, `--storage ${storage}`)).toMatchObject({ code: 0 })
  return root
}

const expectPrinted = ({ code, stdout }: Ended, text: string) => {
  expect([code, stdout]).toEqual([0, expect.stringContaining(text)])
}

const DOUBLE = 'with real Prefect and a double of its API'

const RUN_OF_PREFECT_3 =
  "README.md: node dist/flowstore.js run examples/prefect-3/.flowstore/storage.json --flow 'Daily orders' --param minimum=4 --requirements-file examples/prefect-3/requirements.txt"

describeWith(['venv:3.9.1'], 'the code of the pages with Prefect 3', bed => {
  const python = bed.venvs['3.9.1']

  test('README: the build of the example without Docker, and a run of its flow', async () => {
    const root = readersRepository()
    const built = await shell(
      python,
      code(
        'README.md: node dist/flowstore.js build flows --working-directory examples/prefect-3 --storage local --requirements-file requirements.txt'
      ),
      root
    )
    expectPrinted(built, 'Daily orders')
    expectPrinted(await shell(python, code(RUN_OF_PREFECT_3), root), 'Completed')
  }, 300_000)
})

describeWith(
  ['docker', 'registry', 'prefect:3.9.1', 'venv:3.9.1'],
  'the code of the pages with Prefect 3 and Docker',
  bed => {
    test('README: a build of the example without a push, and a run of its flow in the image', async () => {
      const root = readersRepository()
      const script = code(
        'README.md: node dist/flowstore.js build flows --working-directory examples/prefect-3 --requirements-file requirements.txt --push false'
      )
      const python = bed.venvs['3.9.1']
      const onBase = `${script.trim()} --base-image '${bed.prefectImages['3.9.1']}'`
      expectPrinted(await shell(python, onBase, root), 'Daily orders')
      expectPrinted(await shell(python, code(RUN_OF_PREFECT_3), root), 'Completed')
    }, 300_000)

    test('options: the library builds an image of flows with entrypoints, and runs one of them', async () => {
      const root = repository({
        'flows/orders.py':
          'from datetime import date\nfrom prefect import flow\n@flow\ndef orders(day: date):\n    assert day.year == 2026\n'
      })
      const text = code(
        "docs/options.md: import { deserialize, Docker, loadFlows } from 'flowstore-action'",
        {
          'prefecthq/prefect:3.9.1-python3.12': bed.prefectImages['3.9.1'],
          'ghcr.io/acme': `${bed.registry.url}/${freshName('docs')}`
        }
      )
      const ended = await library(text, root, bed.venvs['3.9.1'])
      expect([ended.code, ended.stdout, ended.stderr]).toEqual([
        0,
        expect.stringMatching(
          /name: 'orders'[^]*entrypoint: 'flows\/orders.py:orders'[^]*Completed/
        ),
        ''
      ])
    }, 300_000)
  }
)

describeWith(['venv:1.4.1'], 'the code of the pages without Docker', bed => {
  const python = bed.venvs['1.4.1']

  test('README: the first build without Docker, and a run of its flow', async () => {
    const root = readersRepository()
    const built = await shell(
      python,
      code(
        'README.md: node dist/flowstore.js build examples/prefect-1/flows --storage local --directory .flowstore/flows --requirements-file examples/prefect-1/requirements.txt'
      ),
      root
    )
    expectPrinted(built, 'storage.json')
    const ended = await shell(
      python,
      code(
        "README.md: node dist/flowstore.js run .flowstore/storage.json --flow 'orders by region' --param minimum=5"
      ),
      root
    )
    expectPrinted(ended, 'Success')
  }, 300_000)

  test(`README: prefect register --json registers the flows of flows.json, ${DOUBLE}`, async () => {
    const root = await builtRepository(python, 'local')
    const register = code(
      'README.md: prefect register --json .flowstore/flows.json --project my-project'
    )
    const { ended, registered } = await api.during(env => shell(python, register, root, env))
    expectPrinted(ended, '2 registered')
    const flows = JSON.parse(readFileSync(join(root, '.flowstore/flows.json'), 'utf8')) as {
      readonly flows: readonly object[]
    }
    expect(registered.map(({ flow }) => flow)).toEqual(flows.flows)
  }, 60_000)

  test(`options: the workflow registers flows.json, ${DOUBLE}`, async () => {
    const root = await builtRepository(python, 'local')
    const steps = code("docs/options.md: pip install prefect==1.4.1 'marshmallow<4'")
    const FLOWS = join(root, '.flowstore/flows.json')
    const { ended, registered } = await api.during(env =>
      // The environment of the test bed has what pip would install, and stays as it is.
      shell(python, steps, root, { ...env, FLOWS, PIP_DRY_RUN: '1' })
    )
    expectPrinted(ended, '2 registered')
    expect(registered.map(({ flow }) => flow.name)).toEqual(['nightly', 'orders'])
  }, 60_000)

  test('options: the path of the storage is an output', async () => {
    const root = readersRepository()
    const built = await build(python, root, '--storage local', '--json')
    const { outputs } = JSON.parse(built.stdout) as { outputs: Record<string, string> }
    const shown = await shell(
      python,
      code('docs/options.md: cat "${{ steps.storage.outputs.storage-path }}"', {
        '${{ steps.storage.outputs.storage-path }}': outputs['storage-path'] ?? ''
      }),
      root
    )
    expect(JSON.parse(shown.stdout)).toMatchObject({ flows: { orders: expect.anything() } })
  }, 60_000)

  test('options: flowstore run takes a parameter and a variable, and the library runs the same flow', async () => {
    const root = await builtRepository(python, 'bytes')
    const ended = await shell(
      python,
      code(
        'docs/options.md: flowstore run .flowstore/storage.json --flow nightly --param limit=3 --env MODE=test'
      ),
      root
    )
    expectPrinted(ended, 'nightly: Success')
    expect(ended.stderr).toContain('value 3 in mode test')
    cpSync(join(root, '.flowstore/storage.json'), join(root, 'storage.json'))
    const text = code("docs/options.md: import { readFile } from 'node:fs/promises'")
    const inLibrary = await library(`${text}\nconsole.log(state, successful)`, root, python)
    expect([inLibrary.code, inLibrary.stdout]).toEqual([0, 'Success true\n'])
  }, 120_000)

  test('development: the pattern of the unit tests matches some', async () => {
    const command = code(
      'docs/development.md: npm run jest -- --selectProjects unit --testPathPattern unit/registry'
    )
    const listed = await shell(python, `${command.trim()} --listTests`, resolve('.'))
    expectPrinted(listed, 'unit/registry/')
  }, 60_000)

  test.each(['README.md: echo "$IMAGE"', 'docs/options.md: echo "$IMAGE"'] as const)(
    '%s prints the image',
    async name => {
      const env = { IMAGE: `ghcr.io/acme/flows@sha256:${'0'.repeat(64)}` }
      expect(await shell(python, code(name), '/', env)).toMatchObject({ stdout: `${env.IMAGE}\n` })
    }
  )
})

describe(`README: a flow is registered with storage.json, ${DOUBLE}`, () => {
  // In 0.5.4, the method has another name.
  test.each([
    ['0.5.4', '3.7', 'flow.deploy'],
    ['0.12.6', '3.8', 'flow.register'],
    ['1.4.1', '3.10', 'flow.register']
  ])(
    'of Prefect %s',
    async (release, minor, method) => {
      const requirements = await readRequirements(process.cwd(), [], undefined)
      const python = await prefectPython(release, {
        python: minor,
        prefectVersion: release,
        requirements
      })
      if (python === undefined) return
      const root = await builtRepository(python, 'local')
      const text = code('README.md: import json', { 'flow.register': method })
      writeFileSync(join(root, 'register.py'), text)
      const { ended, registered } = await api.during(env =>
        shell(python, 'python register.py', root, env)
      )
      if (ended.code !== 0) throw new Error(ended.stdout + ended.stderr)
      const storage: unknown = JSON.parse(
        readFileSync(join(root, '.flowstore/storage.json'), 'utf8')
      )
      expect(registered.map(({ flow }) => [flow.name, flow['storage']])).toEqual([
        ['orders', storage]
      ])
    },
    180_000
  )
})

describeWith(
  ['docker', 'registry', 'prefect:1.4.1', 'venv:1.4.1'],
  'the code of the pages with Docker, on the base image and in the registry of the test bed',
  bed => {
    const python = bed.venvs['1.4.1']
    const registry = `${bed.registry.url}/${freshName('docs')}`
    const onBase = (text: string) => `${text.trim()} --base-image '${bed.prefectBase}'`

    test('README: the library builds and pushes an image', async () => {
      const root = readersRepository()
      writeFiles(root, { 'flows/legacy/old.py': oneFlow('old') })
      const text = code(
        "README.md: import { buildStorage, publishToDirectory } from 'flowstore-action'",
        {
          "registryUrl: 'ghcr.io/acme'": `registryUrl: '${registry}', baseImage: '${bed.prefectBase}'`
        }
      )
      const ended = await library(text, root, python)
      expectPrinted(ended, 'sha256:')
      const storage = readFileSync(join(root, '.flowstore/storage.json'), 'utf8')
      expect(JSON.parse(storage)).toMatchObject({ registry_url: registry, image_name: 'flows' })
      expect(storage).not.toContain('old')
    }, 180_000)

    test('options: the script of a job of GitLab builds and pushes an image', async () => {
      const root = readersRepository()
      const script = code(
        'docs/options.md: node /opt/flowstore-action/dist/flowstore.js build flows/ --registry-url "$CI_REGISTRY_IMAGE" --image-name flows --requirements-file requirements.txt',
        { '/opt/flowstore-action': resolve('.') }
      )
      const ended = await shell(python, onBase(script), root, {
        ...process.env,
        CI_REGISTRY_IMAGE: registry
      })
      expect([ended.code, ended.stderr]).toEqual([0, expect.anything()])
      expect(ended.stdout).toContain(`${registry}/flows`)
    }, 180_000)

    test(`options: with register: changed, the workflow registers the changed flow alone, ${DOUBLE}`, async () => {
      const root = readersRepository()
      const build = onBase(`flowstore build flows --registry-url ${registry} --image-name changed`)
      const first = await shell(python, `${build} --tags registered`, root)
      expectPrinted(first, '2 flows')
      const orders = join(root, 'flows/orders.py')
      writeFileSync(orders, `${readFileSync(orders, 'utf8')}\n# changed\n`)
      const second = `${build} --register changed --compare-with registered`
      expectPrinted(await shell(python, second, root), 'Changed flows: orders')
      const steps = code("docs/options.md: pip install prefect==1.4.1 'marshmallow<4'")
      const FLOWS = join(root, '.flowstore/flows.json')
      const { ended, registered } = await api.during(env =>
        shell(python, steps, root, { ...env, FLOWS, PIP_DRY_RUN: '1' })
      )
      expectPrinted(ended, '1 registered')
      expect(registered.map(({ flow }) => flow.name)).toEqual(['orders'])
    }, 180_000)

    test('README: a build of the examples without a push', async () => {
      const script = code(
        'README.md: node dist/flowstore.js build examples/prefect-1/flows --requirements-file examples/prefect-1/requirements.txt --push false'
      )
      const ended = await shell(python, onBase(script), readersRepository())
      expectPrinted(ended, '7 flows')
    }, 180_000)

    test('errors: the line of a Dockerfile is one', async () => {
      const line = code('docs/errors.md: ENV PATH=/opt/conda/envs/env/bin:$PATH')
      const root = repository({ Dockerfile: `FROM ${bed.prefectBase}\n${line}` })
      const env = { ...process.env, DOCKER_BUILDKIT: '0' }
      expect(await run('docker', ['build', '-q', root], root, env)).toMatchObject({ code: 0 })
    }, 60_000)
  }
)

test('all code that is listed as run was run', () => {
  // Parts of the test bed may be missing, with their tests.
  const isWhole = Object.keys(testBed().skipped).length === 0
  expect(isWhole ? RUN_CODE.filter(name => !tested.has(name)) : []).toEqual([])
})
