import { createHash } from 'node:crypto'
import {
  cpSync,
  createReadStream,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { findPython } from '../../src/python/find-python.js'
import type { PublishedReport as Report } from '../../src/publish/outputs.js'
import { flowstore, mustRun, run, temporaryFolder } from '../helpers/flowstore.js'
import { uvProgram } from '../helpers/uv.js'

const LIMIT = 300_000

/** Copies what an interpreter needs into the layout of python-build-standalone: `python/bin`, `python/lib`. */
const COPY = `
import os, shutil, sys, sysconfig
target, (major, minor) = sys.argv[1], sys.version_info[:2]
library = "python%d.%d" % (major, minor)
os.makedirs(os.path.join(target, "python", "bin"))
shutil.copy(os.path.join(sys.base_prefix, "bin", library), os.path.join(target, "python", "bin", library))
shutil.copytree(
    os.path.dirname(os.__file__),
    os.path.join(target, "python", "lib", library),
    ignore=shutil.ignore_patterns("__pycache__", "test", "site-packages", "dist-packages", "config-*", "idlelib"),
)
print("%d.%d.%d" % sys.version_info[:3])
`

/** An archive of a real interpreter of this machine, and what uv has to know of it. */
interface Archive {
  readonly file: string
  /** Such as `3.12.1`. */
  readonly version: string
  readonly minor: string
  readonly name: string
}

let uv: string
let archive: Archive
let server: Server
const asked: string[] = []

const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const machineName = process.arch === 'arm64' ? 'aarch64' : 'x86_64'

async function makeArchive(): Promise<Archive> {
  const found = await findPython(undefined, ['3.12', '3.13', '3.14'], process.env, process.cwd())
  const folder = temporaryFolder()
  const { stdout, stderr, code } = await run(found.path, ['-c', COPY, folder])
  expect([code, stderr]).toEqual([0, ''])
  const version = stdout.trim()
  symlinkSync(`python${found.python}`, join(folder, 'python/bin/python3'))
  const name = `cpython-${version}+20260203-${machineName}-unknown-linux-gnu-install_only_stripped.tar.gz`
  const file = join(folder, name)
  const packed = await run('tar', ['czf', file, 'python'], folder)
  expect(packed.code).toBe(0)
  return { file, version, minor: found.python, name }
}

/** The list of interpreters that uv gets instead of its own, whose hashes no archive of ours has. */
function downloads({ file, version, name }: Archive, sha256?: string): string {
  const [major, minor, patch] = version.split('.').map(Number)
  const path = join(temporaryFolder(), 'downloads.json')
  const entry = {
    name: 'cpython',
    arch: { family: machineName, variant: null },
    os: 'linux',
    libc: 'gnu',
    major,
    minor,
    patch,
    prerelease: '',
    url: `https://github.com/astral-sh/python-build-standalone/releases/download/20260203/${encodeURIComponent(name)}`,
    sha256: sha256 ?? createHash('sha256').update(readFileSync(file)).digest('hex'),
    variant: null,
    build: '20260203'
  }
  writeFileSync(path, JSON.stringify({ [`cpython-${version}-linux-${machineName}-gnu`]: entry }))
  return path
}

/** A machine that has uv and no Python. */
function bareMachine(more: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const home = temporaryFolder()
  mkdirSync(join(home, 'bin'))
  symlinkSync(uv, join(home, 'bin/uv'))
  return { PATH: join(home, 'bin'), HOME: home, UV_HTTP_RETRIES: '0', ...more }
}

beforeAll(async () => {
  uv = await uvProgram()
  archive = await makeArchive()
  server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '')
    asked.push(path)
    if (path === `/20260203/${archive.name}`) createReadStream(archive.file).pipe(response)
    else response.writeHead(404).end()
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
}, LIMIT)

afterAll(() => {
  server.close()
})

test(
  'uv downloads an interpreter from a mirror, and compiles its standard library',
  async () => {
    const env = bareMachine({
      UV_PYTHON_INSTALL_MIRROR: address(),
      UV_PYTHON_DOWNLOADS_JSON_URL: downloads(archive)
    })
    const found = await findPython(archive.minor, undefined, env, '/')
    expect(found).toMatchObject({ python: archive.minor, foundIn: 'uv' })
    expect(found.path.startsWith(env['HOME'] ?? '-')).toBe(true)
    expect(asked).toContain(`/20260203/${archive.name}`)
    const script =
      'import asyncio, json, os, sys; print(os.path.exists(asyncio.__cached__), os.path.exists(json.__cached__), sys.prefix)'
    const { stdout } = await run(found.path, ['-c', script])
    expect(stdout.trim()).toBe(`True True ${dirname(dirname(found.path))}`)
  },
  LIMIT
)

test(
  'the example of Prefect 3 is built and run on a machine that has nothing but Node and uv',
  async () => {
    const root = temporaryFolder()
    cpSync('examples/prefect-3', join(root, 'examples/prefect-3'), { recursive: true })
    const env = {
      // Packages come from where this machine gets them.
      ...process.env,
      PYENV_ROOT: undefined,
      RUNNER_TOOL_CACHE: undefined,
      XDG_CACHE_HOME: undefined,
      XDG_DATA_HOME: undefined,
      UV_CACHE_DIR: await mustRun(uv, ['cache', 'dir']),
      ...bareMachine({
        UV_PYTHON_INSTALL_MIRROR: address(),
        UV_PYTHON_DOWNLOADS_JSON_URL: downloads(archive)
      })
    }
    const before = asked.length
    const built = await flowstore(
      [
        ...['build', 'flows', '--working-directory', 'examples/prefect-3', '--storage', 'local'],
        ...['--requirements-file', 'requirements.txt']
      ],
      root,
      env
    )
    expect([built.code, built.stdout]).toEqual([0, expect.stringContaining('Daily orders')])
    expect(asked.slice(before)).toContain(`/20260203/${archive.name}`)
    const folder = join(root, 'examples/prefect-3/.flowstore')
    const { versions } = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report
    expect(versions).toMatchObject({ python: archive.version, prefect: '3.9.1' })
    const ended = await flowstore(
      [
        ...['run', join(folder, 'storage.json'), '--flow', 'Daily orders', '--param', 'minimum=4'],
        ...['--requirements-file', 'examples/prefect-3/requirements.txt']
      ],
      root,
      env
    )
    expect([ended.code, ended.stdout, ended.stderr]).toEqual([
      0,
      expect.stringContaining('Daily orders: Completed'),
      // What the build has installed.
      expect.stringContaining('cached environment')
    ])
  },
  LIMIT
)

test.each([
  ['has no such file', () => ({ UV_PYTHON_INSTALL_MIRROR: `${address()}/wrong` }), /404/],
  [
    'can not be reached',
    () => ({ UV_PYTHON_INSTALL_MIRROR: 'http://127.0.0.1:9' }),
    /127\.0\.0\.1:9\/20260203[\s\S]*Connection refused/
  ],
  [
    'has another file',
    () => ({
      UV_PYTHON_INSTALL_MIRROR: address(),
      UV_PYTHON_DOWNLOADS_JSON_URL: downloads(archive, '0'.repeat(64))
    }),
    /Hash mismatch/
  ]
])(
  'a mirror that %s is an error that says so',
  async (_name, variables, reason) => {
    const list = { UV_PYTHON_DOWNLOADS_JSON_URL: downloads(archive) }
    const env = bareMachine({ ...list, ...variables() })
    await expect(findPython(archive.minor, undefined, env, '/')).rejects.toMatchObject({
      code: 'PYTHON_NOT_FOUND',
      message: `no Python ${archive.minor} is on this machine`,
      hint: expect.stringContaining('the address in UV_PYTHON_INSTALL_MIRROR: check it'),
      detail: expect.stringMatching(reason)
    })
  },
  LIMIT
)
