import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { run, temporaryFolder } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'

const USE = `import {
  buildStorage,
  Bytes,
  deserialize,
  Docker,
  FlowstoreError,
  LocalStorage,
  Memory,
  type Build,
  type BuildStorageOptions,
  type Flow
} from 'flowstore-action'

const flow: Flow = {
  name: 'My Flow #1',
  slug: 'my-flow-1',
  bytes: Buffer.from('pickle'),
  module: 'flows.py',
  line: 1,
  parameters: [],
  versions: { python: '3.9.18', prefect: '1.4.1', cloudpickle: '3.1.2' }
}
const docker = new Docker({ registryUrl: 'ghcr.io/acme', imageName: 'flows', imageTag: 'v1' })
const location: string = docker.addFlow(flow)
const bytes = new Bytes()
bytes.addFlow(flow)
let refused = ''
try {
  bytes.addFlow(flow)
} catch (error) {
  if (error instanceof FlowstoreError) refused = error.code
}
const options: BuildStorageOptions = { flows: 'absent.py', storage: 'bytes', envVars: { TEAM: 'data' } }
const failure: string = await buildStorage(options).then(
  (build: Build) => build.report.storage.type,
  (error: unknown) => (error instanceof FlowstoreError ? error.code : String(error))
)
const again = deserialize(bytes.serialize()).getFlow('My Flow #1').bytes?.toString()
console.log(JSON.stringify([failure, again, docker.name, location, refused, typeof LocalStorage, new Memory().serialize().type]))
`

const USE_3 = `import { mkdirSync, writeFileSync } from 'node:fs'
import {
  buildStorage,
  deploy,
  deserialize,
  FlowstoreError,
  loadFlows,
  LocalStorage,
  Memory,
  type DeploymentsDocument,
  type DeployOptions,
  type DeployResult,
  type FlowRunResult,
  type FlowSources,
  type LibraryFlows,
  flowRunner
} from 'flowstore-action'

const python = process.env['PYTHON'] ?? ''
mkdirSync('flows', { recursive: true })
writeFileSync('flows/orders.py', 'from datetime import date\\nfrom prefect import flow\\n@flow\\ndef orders(day: date):\\n    pass\\n')
writeFileSync('prefect.yaml', 'deployments: [{name: orders, entrypoint: flows/orders.py:orders, work_pool: {name: p}}]')
const { flows, sources }: LibraryFlows = await loadFlows({ flows: 'flows', python })
const given: FlowSources | undefined = sources
const local = new LocalStorage({ release: '3.9.1', directory: 'stored', sources: given })
const locations: string[] = flows.map(flow => local.addFlow(flow))
await local.build()
const storage = deserialize(local.serialize())
const code = (error: unknown): string => (error instanceof FlowstoreError ? error.code : String(error))
let refused = ''
try {
  new Memory({ release: '3.9.1' })
} catch (error) {
  refused = code(error)
}
const run: FlowRunResult = await storage
  .getEnvRunner('flows/orders.py:orders', flowRunner({ python }))
  .run({ parameters: { day: 'never' } })
const build = await buildStorage({ flows: 'flows', storage: 'local', python })
const deployments: DeploymentsDocument | null = build.deployments
const options: DeployOptions = { dryRun: true }
const deployed: string = await (deployments === null ? Promise.reject() : deploy(deployments, options)).then(
  (result: DeployResult) => result.server.url,
  code
)
console.log(JSON.stringify([
  storage.serialize().type,
  locations[0],
  storage.getFlow('orders').entrypoint,
  refused,
  run.message,
  deployments?.deployments.map(({ name, flow, entrypoint }) => [name, flow, entrypoint]),
  deployed
]))
`

const folders: string[] = []
const folder = (): string => {
  const path = temporaryFolder()
  folders.push(path)
  return path
}
afterAll(() => {
  for (const path of folders) rmSync(path, { recursive: true, force: true })
})

/** A copy of the working tree like a fresh clone after `npm ci`: with node_modules, but no other file that git ignores. */
const clone = (): string => {
  const path = folder()
  const files = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'])
  const names = files.toString().split('\0').filter(existsSync)
  for (const name of names) cpSync(name, join(path, name))
  symlinkSync(resolve('node_modules'), join(path, 'node_modules'), 'junction')
  return path
}

const done = async (command: string, args: string[], cwd: string, env?: NodeJS.ProcessEnv) => {
  const ended = await run(command, args, cwd, env)
  expect({ code: ended.code, why: ended.code === 0 ? '' : ended.stderr + ended.stdout }).toEqual({
    code: 0,
    why: ''
  })
  return ended.stdout
}

const QUIET = ['--no-audit', '--no-fund', '--prefer-offline']

describe('the package of a fresh clone', () => {
  const checkout = clone()

  describe('installed in another project', () => {
    const consumer = folder()
    const installed = join(consumer, 'node_modules/flowstore-action')

    // publint and are-the-types-wrong are part of the build.
    beforeAll(async () => {
      await done('npm', ['run', 'build:package', '--', consumer], checkout)
      const tarball = readdirSync(consumer).find(name => name.endsWith('.tgz')) ?? ''
      writeFileSync(join(consumer, 'package.json'), '{"private": true, "type": "module"}')
      await done('npm', ['install', '--ignore-scripts', ...QUIET, `./${tarball}`], consumer)
    }, 300_000)

    test('the CLI prints its version', async () => {
      const version = await done(
        process.execPath,
        [join(installed, 'dist/flowstore.js'), '--version'],
        consumer
      )
      expect(version.trim()).toMatch(/^\d+\.\d+\.\d+$/)
    })

    test('the package has only the files that users need', () => {
      expect(readdirSync(installed).sort()).toEqual([
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'action.yml',
        'dist',
        'docs',
        'lib',
        'package.json',
        'python',
        'shell'
      ])
    })

    /** Checks the types of a module that uses the library, and runs it. */
    const used = async (name: string, text: string, env?: NodeJS.ProcessEnv): Promise<unknown> => {
      writeFileSync(join(consumer, `${name}.ts`), text)
      const types = resolve('node_modules/@types')
      await done(
        process.execPath,
        [
          resolve('node_modules/typescript/bin/tsc'),
          ...['--strict', '--module', 'nodenext', '--target', 'es2022', '--typeRoots', types],
          ...['--types', 'node', `${name}.ts`]
        ],
        consumer
      )
      return JSON.parse(await done(process.execPath, [`${name}.js`], consumer, env))
    }

    test('the library has types and runs', async () => {
      expect(await used('use', USE)).toEqual([
        'MODULE_NOT_FOUND',
        'pickle',
        'ghcr.io/acme/flows:v1',
        '/opt/prefect/flows/my-flow-1.prefect',
        'NAME_CONFLICT',
        'function',
        'Memory'
      ])
    }, 60_000)

    describeWith(['venv:3.9.1'], 'with Prefect 3', bed => {
      test('the library stores flows with entrypoints, has their deployments and types for both', async () => {
        const env = { ...process.env, PYTHON: bed.venvs['3.9.1'], PREFECT_API_URL: '' }
        expect(await used('use3', USE_3, env)).toEqual([
          'Local',
          'flows/orders.py:orders',
          'flows/orders.py:orders',
          'NOT_SUPPORTED',
          'day: Input should be a valid date or datetime, input is too short',
          [['orders', 'orders', 'flows/orders.py:orders']],
          'MISSING_OPTION'
        ])
      }, 120_000)
    })
  })

  test.each([
    [
      'no code',
      { noEmit: true, noCheck: true },
      /default is \.\/lib\/index\.js but the file does not exist/
    ],
    [
      'no types',
      { noEmit: false, declaration: false, noCheck: true },
      /attw: the package has no types/
    ]
  ])(
    'no package is left if lib/ has %s',
    async (_what, compilerOptions, finding) => {
      const target = folder()
      const settings = { extends: './tsconfig.json', compilerOptions }
      writeFileSync(join(checkout, 'tsconfig.lib.json'), JSON.stringify(settings))
      const ended = await run('npm', ['run', 'build:package', '--', target], checkout)
      expect(ended.code).toBe(1)
      expect(ended.stderr).toMatch(finding)
      expect(readdirSync(target)).toEqual([])
    },
    180_000
  )
})
