import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import type { PublishedReport as Report } from '../../src/publish/outputs.js'
import { EXAMPLE_FLOWS } from '../helpers/examples.js'
import { flowstore, oneFlow, repository, run, temporaryFolder } from '../helpers/flowstore.js'
import { examplePythons } from '../helpers/pythons.js'

/** Reads the storage through Prefect's own schema, gets each flow from it and runs it. */
const READ_BACK = `
import json, sys
import prefect
from prefect.serialization.storage import StorageSchema
document = json.load(open(sys.argv[1]))
storage = StorageSchema().load(document)
by_name = sys.argv[2] == "name"
states = {}
if document["type"] != "Memory":
    assert storage.serialize() == document, storage.serialize()
    for name, location in storage.flows.items():
        flow = storage.get_flow(name if by_name else location)
        states[name] = flow.run(run_on_schedule=False).is_successful()
print("\\n" + json.dumps(states))
`

const RELEASES = [
  { release: '0.5.4', examples: 'examples/prefect-0.5', localBy: 'location', bytes: true },
  { release: '1.4.1', examples: 'examples/prefect-1', localBy: 'name', bytes: false }
]

const pythons = await examplePythons()

describe.each(RELEASES)(
  'the examples with Prefect $release',
  ({ release, examples, localBy, bytes }) => {
    const python = pythons.get(release)
    const check = python === undefined ? test.skip : test
    const folder = temporaryFolder()
    const build = async (storage: string, more: string[] = []) =>
      flowstore([
        'build',
        `${examples}/flows`,
        ...['--storage', storage, '--requirements-file', `${examples}/requirements.txt`],
        ...['--output-directory', join(folder, storage), '--json', ...more]
      ])
    // In an empty folder: no module of the repository can be imported there.
    const readBack = async (storage: string, by: string) => {
      const script = join(folder, 'read_back.py')
      writeFileSync(script, READ_BACK)
      const ended = await run(
        python ?? '',
        [script, join(folder, storage, 'storage.json'), by],
        temporaryFolder()
      )
      expect(ended.stderr).not.toContain('Traceback')
      return JSON.parse(ended.stdout.trim().split('\n').pop() ?? '') as Record<string, boolean>
    }

    for (const storage of ['local', ...(bytes ? ['bytes'] : [])]) {
      check(
        `flowstore run runs a flow of a ${storage} storage`,
        async () => {
          const directory = storage === 'local' ? ['--directory', join(folder, 'run')] : []
          expect(await build(storage, directory)).toMatchObject({ code: 0 })
          const ended = await flowstore([
            ...['run', join(folder, storage, 'storage.json'), '--flow', 'orders by region'],
            ...['--python', python ?? '', '--param', 'minimum=1', '--json']
          ])
          expect(JSON.parse(ended.stdout)).toMatchObject({
            flow: 'orders by region',
            state: 'Success',
            exitCode: ended.code
          })
        },
        300_000
      )
    }

    check(
      'Prefect reads a local storage and runs every flow from it',
      async () => {
        const ended = await build('local', ['--directory', join(folder, 'flow-files')])
        expect(ended.stderr).not.toContain('error')
        const report = JSON.parse(ended.stdout) as Report
        expect(report.versions.prefect).toBe(release)
        expect(report.flows.map(flow => flow.name).sort()).toEqual(EXAMPLE_FLOWS)
        for (const flow of report.flows) expect(readFileSync(flow.location)).toHaveLength(flow.size)
        expect(JSON.parse(report.outputs.storage)).toEqual(
          JSON.parse(readFileSync(report.outputs['storage-path'], 'utf8'))
        )
        expect(report.outputs['flows-path']).toBe(bytes ? '' : join(folder, 'local/flows.json'))
        expect(await readBack('local', localBy)).toEqual(
          Object.fromEntries(EXAMPLE_FLOWS.map(name => [name, true]))
        )
      },
      300_000
    )

    check(
      'Prefect reads a bytes storage and runs every flow; a release without the class gets a notice',
      async () => {
        const ended = await build('bytes')
        expect(ended.code).toBe(0)
        expect(ended.stderr.includes("can't read this storage.json")).toBe(!bytes)
        expect(existsSync(join(folder, 'bytes/flows.json'))).toBe(false)
        if (!bytes) return
        expect(await readBack('bytes', 'name')).toEqual(
          Object.fromEntries(EXAMPLE_FLOWS.map(name => [name, true]))
        )
      },
      300_000
    )

    check(
      'the JSON of a memory storage is the one that Prefect writes',
      async () => {
        const ended = await build('memory')
        expect(ended.code).toBe(0)
        const document: unknown = JSON.parse(
          readFileSync(join(folder, 'memory/storage.json'), 'utf8')
        )
        expect(document).toEqual({
          ...(bytes ? {} : { secrets: [] }),
          __version__: release,
          type: 'Memory'
        })
        if (bytes) expect(await readBack('memory', 'name')).toEqual({})
      },
      300_000
    )
  }
)

describe('invalid input', () => {
  const python = pythons.get('1.4.1')
  const check = python === undefined ? test.skip : test
  const build = async (root: string, args: string[], env?: NodeJS.ProcessEnv) =>
    flowstore(
      [
        'build',
        ...args,
        '--storage',
        'local',
        '--python',
        python ?? '',
        '--directory',
        'flow-files'
      ],
      root,
      env
    )
  const one = (name: string) => `from prefect import Flow\nflow = Flow(${JSON.stringify(name)})\n`

  check(
    'every invalid module is reported with file and line, and nothing is written',
    async () => {
      const root = repository({
        'a.py': one('a'),
        'b.py': 'import prefect\nfrom nowhere_to_be_found import x\n',
        'c.py': 'def broken(:\n'
      })
      const { code, stderr } = await build(root, ['.'])
      expect(code).toBe(3)
      expect(stderr).toContain('error MODULE_IMPORT: ModuleNotFoundError')
      expect(stderr).toContain('(b.py:2)')
      expect(stderr).toMatch(/error MODULE_SYNTAX: .*\(c\.py:1\)/)
      expect(stderr).toContain('python-dependencies')
      expect(readdirSync(join(root, '.flowstore'))).toEqual(['failure.json'])
      expect(existsSync(join(root, 'flow-files'))).toBe(false)
    },
    60_000
  )

  check(
    'two flows with the same name are an error with both lines',
    async () => {
      const root = repository({ 'a.py': one('same'), 'b.py': `\n${one('same')}` })
      const { code, stderr } = await build(root, ['.'])
      expect(code).toBe(3)
      expect(stderr).toMatch(
        /NAME_CONFLICT.*a\.py:2[\s\S]*b\.py:3|NAME_CONFLICT.*b\.py:3[\s\S]*a\.py:2/
      )
    },
    60_000
  )

  check(
    'a module without a flow is an error',
    async () => {
      const root = repository({ 'a.py': 'x = 1\n' })
      const { code, stderr } = await build(root, ['a.py'])
      expect([code, stderr.includes('FLOW_NOT_FOUND')]).toEqual([3, true])
    },
    60_000
  )

  check(
    'a module does not see the credentials of the runner',
    async () => {
      const root = repository({
        'a.py': `import os\nassert "GITHUB_TOKEN" not in os.environ\nassert os.environ["MODE"] == "ci"\n${one('a')}`
      })
      const { code, stderr } = await build(root, ['a.py', '--env-vars', 'MODE=ci'], {
        ...process.env,
        GITHUB_TOKEN: 'secret'
      })
      expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    },
    60_000
  )

  test('a dependency that can’t be installed is an error with the lines of pip', async () => {
    const root = repository({ 'a.py': one('a') })
    const { code, stderr } = await flowstore(
      ['build', 'a.py', '--storage', 'local', '--python-dependencies', 'prefect==1.4.99'],
      root
    )
    expect(code).toBe(4)
    expect(stderr).toMatch(
      /DEPENDENCY_INSTALL[\s\S]*No matching distribution found for prefect==1\.4\.99/
    )
    expect(readdirSync(join(root, '.flowstore'))).toEqual(['failure.json'])
  }, 120_000)
})

describe('the Action', () => {
  const python = pythons.get('1.4.1')
  const check = python === undefined ? test.skip : test

  check(
    'the Action sets every output and writes the summary',
    async () => {
      const folder = temporaryFolder()
      const [output, summary] = [join(folder, 'output'), join(folder, 'summary')]
      writeFileSync(output, '')
      writeFileSync(summary, '')
      const ended = await run(process.execPath, [resolve('dist/action.js')], process.cwd(), {
        ...process.env,
        INPUT_FLOWS: 'examples/prefect-1/flows/orders.py',
        INPUT_STORAGE: 'local',
        INPUT_PYTHON: python ?? '',
        INPUT_DIRECTORY: join(folder, 'flows'),
        'INPUT_OUTPUT-DIRECTORY': folder,
        'INPUT_UPLOAD-ARTIFACT': 'false',
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary
      })
      expect({ code: ended.code, errors: ended.stdout.includes('::error') }).toEqual({
        code: 0,
        errors: false
      })
      const outputs = readFileSync(output, 'utf8')
      expect(outputs).toContain(`${folder}/storage.json`)
      expect(outputs).toMatch(/storage<<.*\n\{"flows":\{"orders by region":/)
      expect(readFileSync(summary, 'utf8')).toMatch(/\| orders by region \| .*orders\.py:\d+ \|/)
    },
    60_000
  )

  test('an unknown input is an annotation, and the exit code is 2', async () => {
    const ended = await run(process.execPath, [resolve('dist/action.js')], process.cwd(), {
      ...process.env,
      INPUT_FLOW: 'x.py'
    })
    expect(ended.code).toBe(2)
    expect(ended.stdout).toContain(
      "::error title=flowstore%3A UNKNOWN_OPTION::there is no option 'flow'%0ADid you mean 'flows'?"
    )
  })
})

describe('a module that is stored as a script', () => {
  const python = pythons.get('1.4.1')
  const check = python === undefined ? test.skip : test
  const root = repository({
    'alone.py': oneFlow('a'),
    'needs.py': `import helper\n${oneFlow('a')}`,
    'helper.py': 'x = 1\n'
  })
  const build = (module: string, path: string) =>
    flowstore(
      [
        ...['build', module, '--storage', 'local', '--directory', 'flows'],
        ...['--python', python ?? '', '--stored-as-script', 'true', '--path', path]
      ],
      root
    )

  check(
    'a flow of the script runs',
    async () => {
      expect(await build('alone.py', join(root, 'alone.py'))).toMatchObject({ code: 0 })
      const ran = await flowstore(
        ['run', join(root, '.flowstore/storage.json'), '--python', python ?? ''],
        temporaryFolder()
      )
      expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining('a: Success')])
    },
    60_000
  )

  check(
    'a script that imports a module of the repository fails the healthcheck',
    async () => {
      const { code, stderr } = await build('needs.py', 'needs.py')
      expect([code, stderr]).toEqual([
        5,
        expect.stringMatching(
          /HEALTHCHECK: flow "a" does not load back: .*No module named 'helper'/
        )
      ])
    },
    60_000
  )

  check(
    'a script whose path does not exist here is checked in the repository, with a warning',
    async () => {
      const { code, stderr } = await build('alone.py', '/srv/not/there.py')
      expect([code, stderr]).toEqual([0, expect.stringContaining('alone.py is checked instead')])
      expect(await build('needs.py', '/srv/not/there.py')).toMatchObject({ code: 5 })
    },
    60_000
  )
})
