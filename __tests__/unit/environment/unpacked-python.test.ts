import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync
} from 'node:fs'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import tar from 'tar-stream'
import { environmentInRegistry, oneKey } from '../../../src/environment/environment.js'
import {
  environmentLabels,
  type EnvironmentFacts
} from '../../../src/environment/environment-labels.js'
import { cachedPython } from '../../../src/environment/loading-python.js'
import { unpackedPython, type UnpackedPython } from '../../../src/environment/unpacked-python.js'
import { readImage } from '../../../src/image/oci/read.js'
import { OCI } from '../../../src/registry/media-types.js'
import { cacheFolder } from '../../../src/packages/machine/virtual-environment.js'
import { temporaryFolder } from '../../helpers/flowstore.js'
import { serveRegistry, type RegistryServer, type Rule } from '../../helpers/registry-server.js'
import { environmentFacts, logWithLines, repositoryIn } from '../../helpers/stages.js'

const SITE = '/usr/local/lib/python3.9/site-packages'
const PACKAGES = { prefect: '1.4.1', cloudpickle: '3.1.2' }
const WHEEL = 'Tag: py3-none-any\n'

type Files = Readonly<Record<string, string>>

const packageFiles = (name: string, version: string, wheel = WHEEL): Files => ({
  [`${SITE}/${name}/__init__.py`]: `version = "${version}"\n`,
  [`${SITE}/${name}-${version}.dist-info/WHEEL`]: wheel
})

const PREFECT = packageFiles('prefect', '1.4.1')
const CLOUDPICKLE = packageFiles('cloudpickle', '3.1.2')

async function layerOf(files: Files): Promise<Buffer> {
  const pack = tar.pack()
  for (const [path, content] of Object.entries(files)) pack.entry({ name: path.slice(1) }, content)
  pack.finalize()
  return gzipSync(await buffer(pack))
}

/** An interpreter that says what it is. */
function interpreter(facts: Readonly<Record<string, string>> = {}): string {
  const path = join(temporaryFolder(), 'python3')
  const answer = {
    executable: path,
    version: '3.9.18',
    minor: '3.9',
    machine: 'x86_64',
    libc: 'glibc 2.39',
    ...facts
  }
  const script = `#!/bin/sh\ncase "$*" in *json*) echo '${JSON.stringify(answer)}' ;; *) echo ${answer.minor} ;; esac\n`
  writeFileSync(path, script, { mode: 0o755 })
  return path
}

/** An environment image, and this machine. */
interface Situation {
  /** The layers, from the lowest one. */
  readonly layers: readonly Files[]
  readonly site?: Partial<NonNullable<EnvironmentFacts['site']>> | 'unknown'
  readonly python?: string
  readonly rules?: readonly Rule[]
  /** Changes what the registry has. */
  readonly damage?: (registry: RegistryServer, digests: readonly string[]) => void
}

async function situation({
  layers,
  site = {},
  python = interpreter(),
  rules = [],
  damage
}: Situation) {
  const registry = await serveRegistry(...rules)
  const repository = await repositoryIn(registry)
  const facts: EnvironmentFacts = {
    ...environmentFacts('e'),
    ...(site === 'unknown'
      ? {}
      : { site: { folders: [SITE], baseLayers: 1, libc: 'glibc 2.36', ...site } })
  }
  const config = registry.putBlob(
    JSON.stringify({
      ...{ architecture: 'amd64', os: 'linux', config: { Labels: environmentLabels(facts) } },
      rootfs: { type: 'layers', diff_ids: layers.map(() => 'sha256:0') }
    })
  )
  const blobs = []
  for (const files of layers) blobs.push(registry.putBlob(await layerOf(files)))
  const manifest = {
    ...{ schemaVersion: 2, mediaType: OCI.manifest },
    config: { mediaType: OCI.config, ...config },
    layers: blobs.map(blob => ({ mediaType: OCI.layer, ...blob }))
  }
  registry.put(repository.path, OCI.manifest, JSON.stringify(manifest), 'env-e')
  const image = await readImage(repository.client, repository.path, 'env-e')
  const environment = image && environmentInRegistry(image, repository.name, oneKey('e'))
  if (environment === undefined) throw new Error('no environment image')
  const digests = blobs.map(({ digest }) => digest)
  damage?.(registry, digests)
  registry.log.splice(0)
  const cache = temporaryFolder()
  const { log, lines } = logWithLines()
  const unpack = (option?: string): Promise<UnpackedPython> =>
    unpackedPython(
      {
        ...{ environment, repository, packages: PACKAGES, python: option, cacheKey: 'key' },
        ...{ cwd: cache, cache, env: { PATH: `${dirname(python)}:/usr/bin:/bin` } }
      },
      log
    )
  const fetched = () =>
    registry.log
      .map(line => digests.findIndex(digest => line.includes(digest)))
      .filter(index => index >= 0)
  /** What the cache has of it: nothing after a failure. */
  const left = () => readdirSync(dirname(cacheFolder(cache, 'python', 'key')))
  return { cache, python, lines, unpack, fetched, left }
}

const text = (...path: string[]) => readFileSync(join(...path), 'utf8')

test('an interpreter of this machine gets the packages of the image, and is found in the cache', async () => {
  const { unpack, cache, python, lines, fetched } = await situation({
    layers: [{ '/etc/os': 'x' }, { ...PREFECT, ...CLOUDPICKLE, '/usr/local/bin/prefect': 'x' }]
  })
  const folder = cacheFolder(cache, 'python', 'key')
  expect(await unpack()).toEqual({ kind: 'unpacked', path: join(folder, 'bin/python') })
  expect(cachedPython(cache, 'key')).toBe(join(folder, 'bin/python'))
  expect(text(folder, 'lib/python3.9/site-packages/prefect/__init__.py')).toContain('1.4.1')
  expect(readlinkSync(join(folder, 'bin/python'))).toBe(python)
  expect(text(folder, 'pyvenv.cfg')).toContain(`home = ${dirname(python)}\n`)
  expect(existsSync(join(folder, 'bin/prefect'))).toBe(false)
  expect(lines.join()).toContain(`for ${python}`)
  // Not the base image.
  expect(fetched()).toEqual([1])
})

test('layers of the base image are read from the top until every package is there', async () => {
  const { unpack, fetched } = await situation({
    layers: [{ '/etc/os': 'x' }, { ...PREFECT }, { '/opt/x': 'x' }, { ...CLOUDPICKLE }],
    site: { baseLayers: 3 }
  })
  expect((await unpack()).kind).toBe('unpacked')
  expect(fetched()).toEqual([3, 2, 1])
})

test('two runs at once unpack once', async () => {
  const { unpack, fetched, left } = await situation({
    layers: [{}, { ...PREFECT, ...CLOUDPICKLE }]
  })
  const [one, other] = await Promise.all([unpack(), unpack()])
  expect(one).toEqual(other)
  expect(fetched()).toEqual([1])
  expect(left().sort()).toEqual(
    ['x64', 'x64.complete'].map(name => name.replace('x64', process.arch))
  )
})

test('folders that the image’s packages add to the path of imports are there too', async () => {
  const more = '/usr/lib/python3/dist-packages'
  const { unpack, cache } = await situation({
    layers: [
      {},
      {
        ...PREFECT,
        ...CLOUDPICKLE,
        [`${SITE}/own.pth`]: `${more}\nimport os\n`,
        [`${SITE}/flowstore.pth`]: 'import sys; sys.path += ["/opt/flowstore"]\n',
        [`${more}/apt.py`]: 'x'
      }
    ],
    site: { folders: [SITE, more] }
  })
  await unpack()
  const folder = cacheFolder(cache, 'python', 'key')
  const site = join(folder, 'lib/python3.9/site-packages')
  expect(text(site, 'own.pth')).toBe('import os\n')
  expect(text(site, 'flowstore.pth')).toBe(`${join(folder, 'folders/1')}\n`)
  expect(text(folder, 'folders/1/apt.py')).toBe('x')
})

const BOTH = [{}, { ...PREFECT, ...CLOUDPICKLE }]

test.each<[string, Situation, string]>([
  [
    'the label of an older image does not say where they are',
    { layers: BOTH, site: 'unknown' },
    'the labels of the environment image do not say where its packages are'
  ],
  [
    'the layers lack a package',
    { layers: [{}, { ...PREFECT }] },
    'its layers have no cloudpickle 3.1.2'
  ],
  [
    'this machine is another',
    { layers: BOTH, python: interpreter({ machine: 'aarch64' }) },
    'its packages are for x86_64, and '
  ],
  [
    'this machine has another C library',
    { layers: BOTH, python: interpreter({ libc: 'musl' }) },
    'its packages are for glibc 2.36, and '
  ],
  [
    'a wheel needs a newer C library',
    {
      layers: [
        {},
        {
          ...PREFECT,
          ...packageFiles('cloudpickle', '3.1.2', 'Tag: cp39-cp39-manylinux_2_41_x86_64\n')
        }
      ]
    },
    'cloudpickle-3.1.2 needs glibc 2.41, and this machine has glibc 2.39'
  ],
  [
    'a package is editable',
    {
      layers: [
        {},
        { ...PREFECT, ...CLOUDPICKLE, [`${SITE}/__editable__.a.pth`]: 'import __editable___a' }
      ]
    },
    '__editable__.a.pth is of a package that was installed as editable'
  ]
])('nothing is unpacked if %s', async (_what, given, why) => {
  const { unpack, cache } = await situation(given)
  expect(await unpack()).toEqual({ kind: 'impossible', why: expect.stringContaining(why) })
  expect(cachedPython(cache, 'key')).toBeUndefined()
})

test('nothing is unpacked for an interpreter of another Python', async () => {
  const { unpack, python } = await situation({
    layers: BOTH,
    python: interpreter({ minor: '3.8', version: '3.8.18' })
  })
  expect(await unpack(python)).toEqual({
    kind: 'impossible',
    why: `${python} is Python 3.8, not 3.9`
  })
})

test('a layer with another content is an error, and nothing of it is left', async () => {
  const { unpack, left } = await situation({
    layers: BOTH,
    damage: (registry, [, digest = '']) => {
      registry.blobs.set(digest, gzipSync('other'))
    }
  })
  await expect(unpack()).rejects.toMatchObject({
    code: 'REGISTRY',
    message: expect.stringContaining('instead of sha256:')
  })
  expect(left()).toEqual([])
})

test('a layer that the registry lacks is an error with its digest', async () => {
  const { unpack, left } = await situation({
    layers: BOTH,
    damage: (registry, [, digest = '']) => {
      registry.blobs.delete(digest)
    }
  })
  await expect(unpack()).rejects.toMatchObject({ code: 'REGISTRY' })
  expect(left()).toEqual([])
})

test('what a run that was killed left is replaced', async () => {
  const { unpack, cache } = await situation({ layers: BOTH })
  const folder = cacheFolder(cache, 'python', 'key')
  mkdirSync(join(`${folder}.unpacking`, 'lib/python3.9/site-packages/evil'), { recursive: true })
  expect((await unpack()).kind).toBe('unpacked')
  expect(existsSync(join(folder, 'lib/python3.9/site-packages/evil'))).toBe(false)
  expect(lstatSync(folder).isDirectory()).toBe(true)
})

test('a connection that breaks is opened again', async () => {
  let blobs = 0
  const { unpack, fetched } = await situation({
    layers: BOTH,
    rules: [
      ({ method, path }) => {
        if (method !== 'GET' || !path.includes('/blobs/')) return undefined
        blobs += 1
        // The first is the configuration.
        return blobs === 2 ? 'reset' : undefined
      }
    ]
  })
  expect((await unpack()).kind).toBe('unpacked')
  expect(fetched()).toContain(1)
  expect(blobs).toBe(3)
})
