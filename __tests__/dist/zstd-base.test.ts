import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { beforeAll, expect, jest, test } from '@jest/globals'
import {
  freshName,
  mustRun,
  oneFlow,
  repository,
  run,
  temporaryFolder
} from '../helpers/flowstore.js'
import { OCI } from '../helpers/images.js'
import { registryAt } from '../helpers/registry-api.js'
import { digestOf } from '../helpers/registry-server.js'
import { describeWith } from '../helpers/test-bed.js'
import { WITHOUT_INDEXES } from '../helpers/uv.js'

jest.setTimeout(300_000)

interface Part {
  readonly digest: string
  readonly size: number
}

/** Compresses files with the zstd of a later Node than the one that may run the tests. */
const COMPRESS = `
const { readFileSync, writeFileSync } = require('node:fs')
const { zstdCompressSync } = require('node:zlib')
for (const path of process.argv.slice(1)) writeFileSync(path + '.zst', zstdCompressSync(readFileSync(path)))
`

/** Puts an image into a registry under another name, with its layers compressed by zstd. */
async function putZstd(image: string, name: string, node: string): Promise<void> {
  const [host = '', from = '', tag = ''] = image.split(/\/|:(?=[^:/]+$)/)
  const registry = registryAt(host)
  const { config, layers } = await registry.json<{ config: Part; layers: Part[] }>(
    `${from}/manifests/${tag}`
  )
  await registry.mount(name, config.digest, from)
  const folder = temporaryFolder()
  const compressed = []
  for (const { digest } of layers) {
    const path = join(folder, digest.slice(-12))
    writeFileSync(path, gunzipSync(await registry.body(`${from}/blobs/${digest}`)))
    await mustRun(node, ['-e', COMPRESS, path])
    const content = readFileSync(`${path}.zst`)
    await registry.putBlob(name, content)
    compressed.push({
      mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd',
      digest: digestOf(content),
      size: content.length
    })
  }
  const manifest = {
    ...{ schemaVersion: 2, mediaType: OCI.manifest },
    config: { mediaType: OCI.config, digest: config.digest, size: config.size },
    layers: compressed,
    // What a base image's Python is like is kept for each digest.
    annotations: { name }
  }
  await registry.putManifest(name, 'zstd', OCI.manifest, JSON.stringify(manifest))
}

describeWith(
  ['registry', 'python:3.9', 'node20', 'node22'],
  'a base image whose layers are compressed with zstd, and no daemon',
  bed => {
    const name = freshName('zstd')
    const base = `${bed.registry.url}/${name}-base`
    const root = repository({ 'flow.py': oneFlow('nightly') })
    const build = (node: string, tag: string) =>
      run(
        node,
        [
          ...[resolve('dist/flowstore.js'), 'build', 'flow.py', '--builder', 'direct'],
          ...['--registry-url', bed.registry.url, '--image-name', name, '--image-tag', tag],
          ...['--prefect-version', '1.4.1', '--base-image', `${base}:zstd`],
          ...['--load-in', 'auto', '--json', '--force', '--refresh']
        ],
        root,
        {
          ...WITHOUT_INDEXES,
          DOCKER_HOST: 'unix:///nowhere.sock',
          RUNNER_TOOL_CACHE: temporaryFolder()
        }
      )

    beforeAll(async () => {
      await putZstd(bed.baseImages['3.9'], `${name}-base`, bed.node22)
    })

    test('Node 20 says which Node can', async () => {
      const built = await build(bed.node20, 'node-20')
      expect(built.code).not.toBe(0)
      expect(built.stderr).toContain('compressed with zstd, which Node 20')
    })

    test('Node 22 reads it', async () => {
      const built = await build(bed.node22, 'node-22')
      expect([built.code, built.stderr]).toEqual([0, expect.any(String)])
    })
  }
)
