import { writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, expect, jest, test } from '@jest/globals'
import { tarOf, type TarEntry } from '../../src/util/tar.js'
import { reportOf } from '../helpers/builds.js'
import { flowstore, oneFlow, repository, temporaryFolder } from '../helpers/flowstore.js'
import { OCI } from '../helpers/images.js'
import { bearer, digestOf, serveRegistry, type RegistryServer } from '../helpers/registry-server.js'
import { describeWith } from '../helpers/test-bed.js'
import { uvProgram, WITHOUT_INDEXES } from '../helpers/uv.js'

jest.setTimeout(300_000)

const SITE = 'usr/local/lib/python3.9/site-packages'

const folder = (path: string): TarEntry => ({ path, folder: true })
const program = (path: string, content = ''): TarEntry => ({ path, content, mode: 0o755 })

const GLIBC: TarEntry = {
  path: 'lib/libc.so.6',
  content: 'GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.\n'
}
const MUSL = program('lib/ld-musl-x86_64.so.1')

/** What of a base image with Python 3.9 is read: it is never started. */
const PYTHON: readonly TarEntry[] = [
  ...['lib', 'usr', 'usr/local', 'usr/local/bin', 'usr/local/lib'].map(folder),
  ...['usr/local/lib/python3.9', SITE].map(folder),
  { path: 'usr/local/bin/python', link: 'python3.9' },
  program('usr/local/bin/python3.9', '\x003.9.18\0'),
  { path: 'usr/local/lib/python3.9/os.py', content: '' },
  folder(`${SITE}/pip-23.0.1.dist-info`),
  { path: `${SITE}/pip-23.0.1.dist-info/METADATA`, content: 'Name: pip\nVersion: 23.0.1\n' },
  { path: `${SITE}/pip-23.0.1.dist-info/RECORD`, content: 'pip-23.0.1.dist-info/METADATA,,\n' }
]

interface Base {
  readonly reference: string
  readonly layer: string
}

/** Puts a base image of one layer into a registry. */
async function putBase(registry: RegistryServer, entries: readonly TarEntry[]): Promise<Base> {
  const archive = await tarOf(entries)
  const layer = registry.putBlob(gzipSync(archive))
  const config = registry.putBlob(
    JSON.stringify({
      ...{ architecture: process.arch === 'arm64' ? 'arm64' : 'amd64', os: 'linux' },
      config: { Env: ['PATH=/usr/local/bin:/usr/bin:/bin'] },
      rootfs: { type: 'layers', diff_ids: [digestOf(archive)] }
    })
  )
  const manifest = {
    ...{ schemaVersion: 2, mediaType: OCI.manifest },
    config: { mediaType: OCI.config, ...config },
    layers: [{ mediaType: OCI.layer, ...layer }]
  }
  registry.put('base', OCI.manifest, JSON.stringify(manifest), '1')
  return { reference: `${registry.host}/base:1`, layer: layer.digest }
}

describeWith(['python:3.9'], 'a base image for a build without a daemon', () => {
  let env: NodeJS.ProcessEnv

  beforeAll(async () => {
    env = {
      ...WITHOUT_INDEXES,
      PATH: [join(await uvProgram(), '..'), WITHOUT_INDEXES['PATH']].join(':'),
      DOCKER_HOST: 'unix:///nowhere/docker.sock',
      XDG_CACHE_HOME: temporaryFolder(),
      UV_CACHE_DIR: process.env['UV_CACHE_DIR'] ?? join(homedir(), '.cache/uv')
    }
  })

  const root = repository({ 'flow.py': oneFlow('nightly') })
  const build = (
    registry: RegistryServer,
    base: string,
    args: readonly string[] = [],
    variables: NodeJS.ProcessEnv = {}
  ) =>
    flowstore(
      [
        ...['build', 'flow.py', '--registry-url', registry.host, '--image-name', 'flows'],
        ...['--base-image', base, '--prefect-version', '1.4.1', '--load-in', 'runner', '--json'],
        ...args
      ],
      root,
      { ...env, ...variables }
    )

  test.each<[string, readonly TarEntry[], string]>([
    [
      'without Python',
      [GLIBC],
      "the environment image can't be built without one: the base image has no python on its PATH"
    ],
    [
      'with the Python of its distribution',
      [
        ...PYTHON,
        GLIBC,
        { path: 'usr/local/lib/python3.9/EXTERNALLY-MANAGED', content: '[externally-managed]\n' }
      ],
      "the base image's Python /usr/local/bin/python3.9 is the distribution's own"
    ],
    [
      'whose Python does not tell its version',
      [
        ...PYTHON.filter(({ path }) => path !== 'usr/local/bin/python3.9'),
        program('usr/local/bin/python3.9', 'none'),
        GLIBC
      ],
      "the version of the base image's Python 3.9 can't be read from its files"
    ]
  ])('%s needs a daemon, and the error says why', async (_title, entries, why) => {
    const registry = await serveRegistry()
    const base = await putBase(registry, entries)
    const { code, stderr } = await build(registry, base.reference)
    expect(stderr).toMatch(/error DAEMON: /)
    expect([code, stderr]).toEqual([7, expect.stringContaining(why)])
    expect([...registry.manifests.keys()].filter(key => key.startsWith('flows'))).toEqual([])
  })

  test('needs a daemon if it has a package without a list of its files that has to be replaced', async () => {
    const registry = await serveRegistry()
    const base = await putBase(registry, [
      ...PYTHON,
      GLIBC,
      folder(`${SITE}/tabulate-0.8.0-py3.9.egg-info`),
      { path: `${SITE}/tabulate-0.8.0-py3.9.egg-info/PKG-INFO`, content: 'Name: tabulate\n' }
    ])
    const { code, stderr } = await build(registry, base.reference, [
      ...['--builder', 'direct', '--python-dependencies', 'tabulate==0.9.0']
    ])
    expect([code, stderr]).toEqual([
      4,
      expect.stringMatching(
        /error DIRECT_BUILD: .*the base image has tabulate 0\.8\.0 without a list of its files/
      )
    ])
    expect([...registry.manifests.keys()].filter(key => key.startsWith('flows'))).toEqual([])
  })

  test('with musl gets no wheels for glibc, and the error names the package and its platforms', async () => {
    const registry = await serveRegistry()
    const base = await putBase(registry, [...PYTHON, MUSL])
    const { code, stderr } = await build(registry, base.reference, [
      ...['--python-dependencies', 'mkl==2021.4.0']
    ])
    expect([code, stderr]).toEqual([
      4,
      expect.stringMatching(
        /DEPENDENCY_INSTALL: .*x86_64-unknown-linux-musl[^]*mkl==2021\.4\.0 has no wheels[^]*manylinux1_x86_64/
      )
    ])
    expect([...registry.manifests.keys()].filter(key => key.startsWith('flows'))).toEqual([])
  })

  test('in another registry is read once, and each registry gets its own login', async () => {
    const from = await serveRegistry(bearer('of-base'))
    const to = await serveRegistry(bearer('of-flows'))
    const base = await putBase(from, [...PYTHON, GLIBC])
    const config = temporaryFolder()
    const logins = { [from.host]: 'reader:base-password', [to.host]: 'writer:flows-password' }
    const auths = Object.entries(logins).map(([host, login]) => [
      host,
      { auth: Buffer.from(login).toString('base64') }
    ])
    writeFileSync(
      join(config, 'config.json'),
      JSON.stringify({ auths: Object.fromEntries(auths) as object })
    )
    const reads = () => from.log.filter(line => line === `GET /v2/base/blobs/${base.layer} 200`)
    const loginsOf = ({ asked }: RegistryServer) => [
      ...new Set(
        asked
          .filter(({ path }) => path.startsWith('/token'))
          .map(({ headers: { authorization = '' } }) =>
            Buffer.from(authorization.replace('Basic ', ''), 'base64').toString()
          )
      )
    ]

    const built = await build(to, base.reference, [], { DOCKER_CONFIG: config })
    expect(reportOf(built).environment).toMatchObject({ builder: 'direct' })
    expect(to.blobs.get(base.layer)).toEqual(from.blobs.get(base.layer))
    expect(loginsOf(from)).toEqual(['reader:base-password'])
    expect(loginsOf(to)).toEqual(['writer:flows-password'])
    // For what it tells, and for its copy.
    expect(reads()).toHaveLength(2)

    const again = await build(to, base.reference, ['--env-vars', 'A=1'], { DOCKER_CONFIG: config })
    expect(reportOf(again).environment).toMatchObject({ builder: 'direct' })
    expect(reads()).toHaveLength(2)
  })
})
