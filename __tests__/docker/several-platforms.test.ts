import { createHash } from 'node:crypto'
import { join, posix } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, gzipSync } from 'node:zlib'
import { beforeAll, expect, jest, test } from '@jest/globals'
import { extract, type Header } from 'tar-stream'
import type { Verification } from '../../src/build/verify.js'
import { tarOf } from '../../src/util/tar.js'
import { reportOf } from '../helpers/builds.js'
import { flowstore, freshName, oneFlow, repository, type Ended } from '../helpers/flowstore.js'
import { OCI } from '../helpers/images.js'
import { registryAt } from '../helpers/registry-api.js'
import { digestOf } from '../helpers/registry-server.js'
import { describeWith } from '../helpers/test-bed.js'
import { uvProgram, WITHOUT_INDEXES } from '../helpers/uv.js'

jest.setTimeout(600_000)

const [OWN, FOREIGN] = process.arch === 'arm64' ? ['arm64', 'amd64'] : ['amd64', 'arm64']

/** The machine in the header of an ELF file. */
const ELF_MACHINES: Readonly<Record<string, number>> = { amd64: 62, arm64: 183 }

interface Entry {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly platform: { readonly os: string; readonly architecture: string }
}
type Blob = Pick<Entry, 'digest' | 'size'>
interface Manifest {
  readonly config: { readonly digest: string; readonly size: number }
  readonly layers: readonly { readonly digest: string; readonly size: number }[]
  readonly manifests: readonly Entry[]
}

/**
 * Puts a base image of two platforms into a registry. Both have the layers of this machine's: the test bed has no other,
 * and a build for the foreign platform only reads its files.
 *
 * @param image such as `127.0.0.1:5000/python:3.9`
 */
async function putBase(image: string, name: string): Promise<void> {
  const [host = '', from = '', tag = ''] = image.split(/\/|:(?=[^:/]+$)/)
  const registry = registryAt(host)
  const manifest = await registry.text(`${from}/manifests/${tag}`)
  const { config, layers } = JSON.parse(manifest) as Manifest
  for (const { digest } of [config, ...layers]) await registry.mount(name, digest, from)
  const own = await registry.json<object>(`${from}/blobs/${config.digest}`)
  const foreign = JSON.stringify({ ...own, architecture: FOREIGN })
  await registry.putBlob(name, foreign)
  const document = JSON.parse(manifest) as Manifest & { readonly mediaType: string }
  const other = JSON.stringify({
    ...document,
    config: { ...config, digest: digestOf(foreign), size: foreign.length }
  })
  const manifests = []
  for (const [content, architecture] of [
    [manifest, OWN],
    [other, FOREIGN]
  ] as const) {
    const digest = digestOf(content)
    await registry.putManifest(name, digest, document.mediaType, content)
    const platform = { os: 'linux', architecture }
    manifests.push({ mediaType: document.mediaType, digest, size: content.length, platform })
  }
  const index = { schemaVersion: 2, mediaType: OCI.index, manifests }
  await registry.putManifest(name, 'both', OCI.index, JSON.stringify(index))
}

interface LayerFile {
  readonly content: Buffer
  readonly header: Header
}

/** The entries of a layer by their paths. */
async function entriesOf(layer: Buffer): Promise<Map<string, LayerFile>> {
  const files = new Map<string, LayerFile>()
  const entries = extract()
  const read = (async () => {
    for await (const entry of entries) {
      const parts: Buffer[] = []
      for await (const part of entry) parts.push(part as Buffer)
      files.set(entry.header.name, { content: Buffer.concat(parts), header: entry.header })
    }
  })()
  await pipeline(Readable.from([layer]), createGunzip(), entries)
  await read
  return files
}

/** The lines of a RECORD: path, hash and size; the last two are empty for the RECORD itself. */
const recordLines = (record: string): string[][] =>
  [...record.matchAll(/^(?:"([^"]*)"|([^,\n]*)),(?:sha256=([\w-]*))?,(\d*)\r?$/gm)].map(
    ([, quoted, plain = '', hash = '', size = '']) => [quoted ?? plain, hash, size]
  )

describeWith(
  ['docker', 'registry', 'python:3.9'],
  'an image for two platforms, on a base image whose foreign platform has the files of this one',
  bed => {
    const name = freshName('several')
    const baseName = `${name}-base`
    const base = `${bed.registry.url}/${baseName}:both`
    const registry = registryAt(bed.registry.url)
    const root = repository({ 'flow.py': oneFlow('nightly') })
    let env: NodeJS.ProcessEnv
    let built: Ended

    const build = (...args: string[]) =>
      flowstore(
        [
          ...['build', 'flow.py', '--registry-url', bed.registry.url],
          ...(args.includes('--image-name') ? [] : ['--image-name', name]),
          ...['--prefect-version', '1.4.1', '--platforms', 'linux/amd64,linux/arm64', '--json'],
          ...(args.includes('--base-image') ? [] : ['--base-image', base]),
          ...args
        ],
        root,
        env
      )

    beforeAll(async () => {
      const path = [join(await uvProgram(), '..'), WITHOUT_INDEXES['PATH']].join(':')
      env = { ...WITHOUT_INDEXES, DOCKER_HOST: bed.dockerHost, PATH: path }
      await putBase(bed.baseImages['3.9'], baseName)
      built = await build('--tags', 'v1')
    })

    test('is one index under its tags, and the outputs name the digest of it', async () => {
      const { outputs } = reportOf(built)
      const body = await registry.text(`${name}/manifests/v1`)
      expect(digestOf(body)).toBe(outputs.digest)
      const { manifests } = JSON.parse(body) as Manifest
      expect(manifests.map(({ platform }) => platform)).toEqual([
        { os: 'linux', architecture: 'amd64' },
        { os: 'linux', architecture: 'arm64' }
      ])
      expect(await registry.text(`${name}/manifests/${outputs['image-tag']}`)).toBe(body)
    })

    test('says for each platform its digest, and on which the flows were read back', async () => {
      const { manifests } = await registry.json<Manifest>(`${name}/manifests/v1`)
      const { platforms } = JSON.parse(built.stdout) as { platforms: unknown }
      expect(platforms).toEqual(
        manifests.map(({ digest, platform: { architecture } }) => ({
          platform: `linux/${architecture}`,
          digest,
          checked: architecture === OWN
        }))
      )
    })

    /** The entries of all layers that the image of a platform has above its base image. */
    const added = async (architecture: string): Promise<Map<string, LayerFile>> => {
      const { manifests } = await registry.json<Manifest>(`${name}/manifests/v1`)
      const entry = manifests.find(({ platform }) => platform.architecture === architecture)
      const { layers } = await registry.json<Manifest>(`${name}/manifests/${entry?.digest ?? ''}`)
      const both = await registry.json<Manifest>(`${baseName}/manifests/both`)
      const base = await registry.json<Manifest>(
        `${baseName}/manifests/${both.manifests[0]?.digest ?? ''}`
      )
      const files = new Map<string, LayerFile>()
      for (const { digest } of layers.slice(base.layers.length)) {
        for (const file of await entriesOf(await registry.body(`${name}/blobs/${digest}`))) {
          files.set(...file)
        }
      }
      return files
    }

    test.each([OWN, FOREIGN])(
      'has the native code of %s in every package, and the flow on it',
      async architecture => {
        const files = await added(architecture)
        const libraries = [...files].filter(([path]) => /\.so(\.|$)/.test(path))
        for (const [path, { content }] of libraries) {
          expect([path, content.readUInt16LE(18)]).toEqual([path, ELF_MACHINES[architecture]])
        }
        expect(libraries.length).toBeGreaterThan(5)
        expect([...files.keys()]).toEqual(
          expect.arrayContaining([
            'opt/prefect/flows/nightly.prefect',
            'usr/local/lib/python3.9/site-packages/prefect/__init__.py'
          ])
        )
      }
    )

    test.each([OWN, FOREIGN])(
      'has on %s each file that the records of its packages list, as they list it',
      async architecture => {
        const files = await added(architecture)
        const records = [...files].filter(([path]) => path.endsWith('.dist-info/RECORD'))
        expect(records.length).toBeGreaterThan(20)
        for (const [path, record] of records) {
          const site = posix.dirname(posix.dirname(path))
          const listed = recordLines(record.content.toString())
          expect(listed.length).toBeGreaterThan(3)
          for (const [file = '', hash, size] of listed) {
            const content = files.get(posix.join(site, file))?.content
            // The RECORD itself has neither.
            const isHashed = hash !== ''
            const found = content && [
              isHashed ? createHash('sha256').update(content).digest('base64url') : '',
              isHashed ? String(content.length) : ''
            ]
            expect([file, found]).toEqual([file, [hash, size]])
          }
        }
      }
    )

    test.each([OWN, FOREIGN])(
      'has on %s scripts for the Python of the base image, and bytecode that is valid',
      async architecture => {
        const files = await added(architecture)
        const scripts = [...files].filter(([path]) => /^usr\/local\/bin\/./.test(path))
        const starts = scripts.map(([, { content, header }]) => [
          content.toString().split('\n')[0],
          header.mode
        ])
        expect(scripts.length).toBeGreaterThan(3)
        for (const start of starts) {
          expect(start).toEqual([expect.stringMatching(/^#!\/usr\/local\/bin\/python/), 0o755])
        }
        // The sources of the library are in the base image.
        const compiled = [...files].filter(([path]) =>
          /site-packages\/.*\.cpython-39\.pyc$/.test(path)
        )
        expect(compiled.length).toBeGreaterThan(100)
        for (const [path, { content }] of compiled) {
          const folder = posix.dirname(posix.dirname(path))
          const source = files.get(posix.join(folder, `${posix.basename(path).split('.')[0]}.py`))
          // PEP 552: no flags, then time and size of the source.
          const facts = [content.readUInt32LE(4), content.readUInt32LE(8), content.readUInt32LE(12)]
          const time = (source?.header.mtime?.getTime() ?? 0) / 1000
          expect([path, ...facts]).toEqual([path, 0, time, source?.content.length])
        }
        for (const [path, { header }] of files) {
          expect([path, header.uid, header.gid, header.mtime]).toEqual([path, 0, 0, new Date(0)])
        }
      }
    )

    test('runs its flow from the storage of the build', async () => {
      const { code, stdout } = await flowstore(
        ['run', join(root, '.flowstore', 'storage.json')],
        root,
        env
      )
      expect([code, stdout]).toEqual([0, expect.stringContaining('nightly: Success')])
    })

    test('is found by a second run, which reads one platform of it', async () => {
      const again = await build('--tags', 'v2')
      expect(reportOf(again).outputs).toMatchObject({
        changed: 'false',
        digest: reportOf(built).outputs.digest
      })
      expect(JSON.parse(again.stdout)).toHaveProperty(
        'platforms',
        (JSON.parse(built.stdout) as { platforms: unknown }).platforms
      )
      expect(await registry.text(`${name}/manifests/v2`)).toBe(
        await registry.text(`${name}/manifests/v1`)
      )
    })

    const verify = async (...args: string[]) => {
      const { code, stdout } = await flowstore(['verify', ...args, '--json'], root, env)
      const { facts, flows } = JSON.parse(stdout) as Verification
      return { code, failed: facts.filter(({ ok }) => !ok), facts, flows }
    }

    test('is verified on each platform, and read back on that of the daemon', async () => {
      const { code, failed, facts, flows } = await verify('.flowstore/storage.json')
      expect({ code, failed }).toEqual({ code: 0, failed: [] })
      expect(flows).toEqual([
        expect.objectContaining({
          ...{ name: 'nightly', file: 'recorded', failure: '' },
          platforms: ['linux/amd64', 'linux/arm64']
        })
      ])
      expect(facts).toContainEqual({
        ...{ name: 'healthcheck', ok: true },
        found: `the flows were read back on linux/${OWN}; not on linux/${FOREIGN}, since the daemon runs linux/${OWN}`
      })
    })

    /** Pushes the index with another image for the foreign platform. */
    const withForeign = async (
      tag: string,
      change: (
        foreign: Manifest,
        put: (content: string | Buffer) => Promise<Blob>
      ) => Promise<object>
    ): Promise<string> => {
      const index = await registry.json<Manifest>(`${name}/manifests/v1`)
      const put = async (content: string | Buffer) => {
        await registry.putBlob(name, content)
        return { digest: digestOf(content), size: content.length }
      }
      const manifests = []
      for (const entry of index.manifests) {
        if (entry.platform.architecture === OWN) {
          manifests.push(entry)
          continue
        }
        const old = await registry.json<Manifest>(`${name}/manifests/${entry.digest}`)
        const body = JSON.stringify({ ...old, ...(await change(old, put)) })
        await registry.putManifest(name, digestOf(body), entry.mediaType, body)
        manifests.push({ ...entry, digest: digestOf(body), size: body.length })
      }
      const body = JSON.stringify({ ...index, manifests })
      await registry.putManifest(name, tag, OCI.index, body)
      return `${bed.registry.url}/${name}:${tag}`
    }

    test('is found to be wrong if the foreign platform alone has another file of a flow', async () => {
      const target = await withForeign('other-file', async ({ layers }, put) => {
        const path = 'opt/prefect/flows/nightly.prefect'
        const layer = await put(gzipSync(await tarOf([{ path, content: 'broken' }])))
        return { layers: [...layers, { ...layers.at(-1), ...layer }] }
      })
      const { code, failed, flows } = await verify(target)
      expect({ code, failed }).toEqual({ code: 5, failed: [] })
      expect(flows).toEqual([
        expect.objectContaining({
          ...{ name: 'nightly', file: 'differs', failure: '' },
          platforms: [`linux/${FOREIGN}`]
        })
      ])
    })

    test('is found to be wrong if the labels of the foreign platform alone are others', async () => {
      const target = await withForeign('other-labels', async ({ config }, put) => {
        const old = await registry.json<{ config: { Labels: Record<string, string> } }>(
          `${name}/blobs/${config.digest}`
        )
        const label = 'io.flowstore.storage'
        const Labels = {
          ...old.config.Labels,
          [label]: (old.config.Labels[label] ?? '').replaceAll('nightly', 'daily')
        }
        const changed = JSON.stringify({ ...old, config: { ...old.config, Labels } })
        return { config: { ...config, ...(await put(changed)) } }
      })
      const { code, failed } = await verify(target, '--no-healthcheck')
      expect({ code, failed }).toEqual({
        code: 5,
        failed: [
          {
            ...{ name: 'labels', ok: false },
            found: `those of linux/${FOREIGN} describe another build than those of linux/${OWN}`
          }
        ]
      })
    })

    test.each<[string, string[], RegExp]>([
      [
        'a base image without one of the platforms',
        ['--base-image', bed.baseImages['3.9']],
        new RegExp(
          `BASE_IMAGE_PULL: the base image \\S+ is for linux/${OWN}, not for linux/${FOREIGN}`
        )
      ],
      [
        'a package that has to be built',
        ['--python-dependencies', './'],
        /DIRECT_BUILD: the image can't be built for several platforms: the requirement '.\/' is built from the repository together with what it depends on/
      ]
    ])('is refused before anything is pushed for %s', async (_title, args, message) => {
      const { code, stderr } = await build('--image-name', `${name}-refused`, ...args)
      expect([code, stderr]).toEqual([4, expect.stringMatching(message)])
      await expect(registry.text(`${name}-refused/tags/list`)).rejects.toThrow('404')
    })
  }
)

describeWith(
  ['registry', 'python:3.9'],
  'a package without a wheel for one of two platforms',
  bed => {
    test('is named with the platforms that it has, and nothing is pushed', async () => {
      const name = freshName('several-wheels')
      await putBase(bed.baseImages['3.9'], `${name}-base`)
      const path = [join(await uvProgram(), '..'), WITHOUT_INDEXES['PATH']].join(':')
      const { code, stderr } = await flowstore(
        [
          ...['build', 'flow.py', '--registry-url', bed.registry.url, '--image-name', name],
          ...[
            '--base-image',
            `${bed.registry.url}/${name}-base:both`,
            '--prefect-version',
            '1.4.1'
          ],
          ...['--platforms', 'linux/amd64,linux/arm64', '--python-dependencies', 'mkl==2021.4.0'],
          ...['--load-in', 'runner', '--python', '3.9']
        ],
        repository({ 'flow.py': oneFlow('nightly') }),
        { ...WITHOUT_INDEXES, PATH: path, DOCKER_HOST: 'unix:///nowhere/docker.sock' }
      )
      expect([code, stderr]).toEqual([
        4,
        expect.stringMatching(
          /mkl==2021\.4\.0 has no wheels[^]*manylinux1_x86_64[^]*hint: Every package needs a wheel for linux\/arm64/
        )
      ])
      await expect(registryAt(bed.registry.url).text(`${name}/tags/list`)).rejects.toThrow('404')
    })
  }
)
