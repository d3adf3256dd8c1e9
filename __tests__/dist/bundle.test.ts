import { execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { OUTPUT_NAMES, type PublishedReport as Report } from '../../src/publish/outputs.js'
import { VERSION } from '../../src/version.js'
import { commandsIn } from '../helpers/commands.js'
import { EXAMPLE_FLOWS } from '../helpers/examples.js'
import { oneFlow } from '../helpers/flowstore.js'
import { ResultsService } from '../helpers/results-service.js'
import { describeWith } from '../helpers/test-bed.js'

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const folders: string[] = []
const folder = (name: string): string => {
  const path = mkdtempSync(join(tmpdir(), `flowstore-${name}-`))
  folders.push(path)
  return path
}
afterAll(() => {
  for (const path of folders) rmSync(path, { recursive: true, force: true })
})

// A release as the runner has it: without node_modules and sources.
const released = folder('released')
for (const part of ['dist', 'python', 'shell', 'action.yml', 'package.json']) {
  cpSync(part, join(released, part), { recursive: true })
}

/** A command that the Action itself prints: a group, or debugging text with all of its lines. */
const OWN_COMMAND = /^::(?:group::[\w ]+|endgroup::|debug::(?!.*##\w*\[).*)$/

/** A repository with the flows of an example. */
const repository = (): string => {
  const path = folder('repository')
  cpSync('examples/prefect-1', path, { recursive: true })
  return path
}

describeWith(
  ['node20', 'node22', 'node24', 'venv:1.4.1'],
  'the bundle without node_modules',
  bed => {
    const python = bed.venvs['1.4.1']

    describe.each([
      { major: '20', node: bed.node20 },
      { major: '22', node: bed.node22 },
      { major: '24', node: bed.node24 }
    ])('on Node $major', ({ major, node }) => {
      const run = (script: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = {}) =>
        new Promise<Ended>(done => {
          execFile(
            node,
            [join(released, 'dist', script), ...args],
            { cwd, env: { ...process.env, ...env }, maxBuffer: 1 << 26 },
            (error, stdout, stderr) => {
              done({ code: error ? Number(error.code) || 1 : 0, stdout, stderr })
            }
          )
        })
      const flowstore = (args: string[], cwd = released) => run('flowstore.js', args, cwd)

      test('the tests run with that Node', async () => {
        const version = await new Promise(done => {
          execFile(node, ['--version'], (_error, stdout) => {
            done(stdout)
          })
        })
        expect(version).toMatch(new RegExp(`^v${major}\\.`))
      })

      test('flowstore --help prints the flags', async () => {
        const help = await flowstore(['--help'])
        expect([help.code, help.stderr]).toEqual([0, ''])
        expect(help.stdout).toMatch(/^Usage: flowstore COMMAND/)
        expect(help.stdout).toContain('--requirements-file')
      })

      test('flowstore --version prints the version', async () => {
        const version = await flowstore(['--version'])
        expect(version).toEqual({ code: 0, stdout: `${VERSION}\n`, stderr: '' })
      })

      test('an unknown option has the exit code 2 and writes nothing', async () => {
        const cwd = repository()
        const before = readdirSync(cwd)
        const ended = await flowstore(
          ['build', 'flows', '--storage', 'local', '--registry', 'x'],
          cwd
        )
        expect([ended.code, ended.stdout]).toEqual([2, ''])
        expect(ended.stderr).toContain("error UNKNOWN_OPTION: there is no option '--registry'")
        expect(ended.stderr).toContain("Did you mean '--registry-url'?")
        expect(readdirSync(cwd)).toEqual(before)
      })

      const BUILD = [
        ...['build', 'flows', '--storage', 'local', '--directory', 'build/flows'],
        ...['--python', python, '--requirements-file', 'requirements.txt']
      ]

      test('flowstore build --json prints the report as JSON and nothing else', async () => {
        const cwd = repository()
        const json = await flowstore([...BUILD, '--json'], cwd)
        expect({ code: json.code, stderr: json.code === 0 ? '' : json.stderr }).toEqual({
          code: 0,
          stderr: ''
        })
        const report = JSON.parse(json.stdout) as Report
        expect(report.flows.map(flow => flow.name).sort()).toEqual(EXAMPLE_FLOWS)
        expect(JSON.parse(readFileSync(join(cwd, '.flowstore/storage.json'), 'utf8'))).toEqual(
          JSON.parse(report.outputs.storage)
        )
        for (const flow of report.flows) expect(readFileSync(flow.location)).toHaveLength(flow.size)
      }, 120_000)

      test('flowstore build prints the flows and the path of the storage', async () => {
        const cwd = repository()
        const text = await flowstore(BUILD, cwd)
        expect(text.code).toBe(0)
        expect(text.stdout).toMatch(/^7 flows \(Python 3\./)
        const json = readFileSync(join(cwd, '.flowstore/report.json'), 'utf8')
        const { outputs } = JSON.parse(json) as Report
        expect(text.stdout).toContain(`Storage: ${outputs['storage-path']}`)
      }, 120_000)

      test('dist/action.js builds from inputs, and writes outputs and summary', async () => {
        const cwd = repository()
        const job = folder('job')
        const [output, summary] = [join(job, 'output'), join(job, 'summary')]
        for (const file of [output, summary]) writeFileSync(file, '')
        mkdirSync(join(job, 'tool-cache'))
        const ended = await run('action.js', [], cwd, {
          INPUT_FLOWS: 'flows/orders.py',
          INPUT_STORAGE: 'local',
          INPUT_DIRECTORY: 'build/flows',
          INPUT_PYTHON: python,
          // The runner gives an empty text for an input that a workflow leaves out.
          'INPUT_REQUIREMENTS-FILE': '',
          'INPUT_UPLOAD-ARTIFACT': 'false',
          'INPUT_ARTIFACT-NAME': 'flowstore-storage',
          GITHUB_OUTPUT: output,
          GITHUB_STEP_SUMMARY: summary,
          RUNNER_TOOL_CACHE: join(job, 'tool-cache')
        })
        expect([ended.code, ended.stdout.match(/^::error.*/gm)]).toEqual([0, null])
        const written = readFileSync(output, 'utf8').matchAll(/^([\w-]+)<<(\S+)\n([^]*?)\n\2$/gm)
        const outputs = Object.fromEntries(
          [...written].map(([, name = '', , value = '']) => [name, value])
        ) as Record<string, string>
        expect(Object.keys(outputs)).toEqual([...OUTPUT_NAMES])
        expect(Object.keys(JSON.parse(outputs['flows'] ?? '') as object)).toEqual([
          'orders by region'
        ])
        expect(existsSync(outputs['storage-path'] ?? '')).toBe(true)
        expect(readFileSync(summary, 'utf8')).toContain('| orders by region | ')
      }, 60_000)

      test('names that look like commands are none in the log, the terminal and --json', async () => {
        const cwd = folder('hostile')
        const module = 'a ##[add-mask]b.py'
        const name = '::set-output name=image-ref::x\n##[add-mask]y'
        writeFileSync(join(cwd, module), `print("::error::z\\n##[error]z")\n${oneFlow(name)}`)
        const args = [
          ...['build', module, '--storage', 'local', '--directory', 'build ##[x]'],
          ...['--python', python]
        ]
        const text = await flowstore(args, cwd)
        const json = await flowstore([...args, '--json'], cwd)
        const output = join(folder('job'), 'output')
        writeFileSync(output, '')
        const job = await run('action.js', [], cwd, {
          INPUT_FLOWS: module,
          INPUT_STORAGE: 'local',
          INPUT_DIRECTORY: 'build ##[x]',
          INPUT_PYTHON: python,
          'INPUT_UPLOAD-ARTIFACT': 'false',
          GITHUB_OUTPUT: output
        })
        const ended = [text, json, job]
        expect(ended.map(({ code }) => code)).toEqual([0, 0, 0])
        const commands = ended.flatMap(({ stdout, stderr }) => commandsIn(stdout + stderr))
        expect(commands.filter(line => !OWN_COMMAND.test(line))).toEqual([])
        expect((JSON.parse(json.stdout) as Report).flows[0]).toMatchObject({ name, module })
      }, 60_000)

      test('no outputs and no files are left if the artifact can’t be uploaded', async () => {
        const cwd = repository()
        const job = folder('job')
        const output = join(job, 'output')
        writeFileSync(output, '')
        const service = await ResultsService.start()
        try {
          const ended = await run('action.js', [], cwd, {
            INPUT_FLOWS: 'flows/orders.py',
            INPUT_STORAGE: 'local',
            INPUT_DIRECTORY: 'build/flows',
            INPUT_PYTHON: python,
            GITHUB_OUTPUT: output,
            ...service.env,
            ACTIONS_RUNTIME_TOKEN: `${service.token}-of-another-day`
          })
          expect(ended.code).toBe(7)
          expect(ended.stdout).toMatch(/^::error title=flowstore%3A WRITE_FAILED::the artifact/m)
        } finally {
          await service.stop()
        }
        const outputs = readFileSync(output, 'utf8')
        expect(outputs.replaceAll(/^[\w-]+<<(\S+)\n\n\1\n/gm, '')).toBe('')
        const written = readdirSync(cwd, { recursive: true, withFileTypes: true })
          .filter(entry => entry.isFile())
          .map(entry => relative(cwd, join(entry.parentPath, entry.name)))
        expect(written.filter(path => !/^(flows\/|requirements)/.test(path))).toEqual([
          '.flowstore/failure.json'
        ])
      }, 60_000)

      test('dist/action.js fails with an annotation for an invalid input', async () => {
        const cwd = repository()
        const ended = await run('action.js', [], cwd, {
          INPUT_FLOWS: 'flows',
          INPUT_STORAGE: 'disk'
        })
        expect(ended.code).toBe(2)
        expect(ended.stdout).toMatch(/^::error title=flowstore%3A INVALID_OPTION::.*'disk'/m)
        expect(existsSync(join(cwd, '.flowstore'))).toBe(false)
      })
    })
  }
)
