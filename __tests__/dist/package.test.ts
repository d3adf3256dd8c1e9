import { readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from '@jest/globals'
import { run, temporaryFolder } from '../helpers/flowstore.js'

const USE = `import { Bytes, Docker, FlowstoreError, LocalStorage, Memory, type Flow } from 'flowstore-action'

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
console.log(JSON.stringify([docker.name, location, refused, typeof LocalStorage, new Memory().serialize().type]))
`

test('the packed package installs, is typed, and has its three doors', async () => {
  const folder = temporaryFolder()
  const root = process.cwd()
  const done = async (command: string, args: string[], cwd: string) => {
    const ended = await run(command, args, cwd)
    expect({ code: ended.code, why: ended.code === 0 ? '' : ended.stderr + ended.stdout }).toEqual({
      code: 0,
      why: ''
    })
    return ended.stdout
  }
  await done(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.lib.json'], root)
  await done('npm', ['pack', '--pack-destination', folder], root)
  const tarball = readdirSync(folder).find(name => name.endsWith('.tgz')) ?? ''
  writeFileSync(join(folder, 'package.json'), '{"private": true, "type": "module"}')
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']
  await done('npm', ['install', ...quiet, `./${tarball}`], folder)

  expect(
    (await done(process.execPath, ['node_modules/flowstore-action/dist/flowstore.js', '--version'], folder)).trim()
  ).toMatch(/^\d+\.\d+\.\d+$/)
  expect(readdirSync(join(folder, 'node_modules/flowstore-action')).sort()).toEqual(
    ['CHANGELOG.md', 'LICENSE', 'README.md', 'action.yml', 'dist', 'docs', 'lib', 'package.json', 'python', 'shell']
  )
  writeFileSync(join(folder, 'use.ts'), USE)
  const types = resolve('node_modules/@types')
  await done(
    process.execPath,
    [
      resolve('node_modules/typescript/bin/tsc'),
      ...['--strict', '--module', 'nodenext', '--target', 'es2022', '--typeRoots', types],
      ...['--types', 'node', 'use.ts']
    ],
    folder
  )
  expect(JSON.parse(await done(process.execPath, ['use.js'], folder))).toEqual([
    'ghcr.io/acme/flows:v1',
    '/opt/prefect/flows/my-flow-1.prefect',
    'NAME_CONFLICT',
    'function',
    'Memory'
  ])
}, 300_000)
