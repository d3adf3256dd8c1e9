import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, jest, test } from '@jest/globals'
import { parseIndex } from '../../src/image/oci/documents.js'
import { readImage } from '../../src/image/oci/read.js'
import type { PublishedReport } from '../../src/publish/outputs.js'
import { RegistryClient } from '../../src/registry/client.js'
import { digestOf } from '../helpers/registry-server.js'
import { reportOf } from '../helpers/builds.js'
import { flowstore, freshName, mustRun, oneFlow, repository } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'

jest.setTimeout(180_000)

const TITLE = 'org.opencontainers.image.title'

describeWith(['docker', 'registry', 'prefect:1.4.1'], 'what a pushed image says of itself', bed => {
  const name = freshName('attest')
  const root = repository({ 'flow.py': oneFlow('nightly') })
  const client = new RegistryClient(bed.registry.url, undefined, { access: 'pull,push' })
  let first: PublishedReport

  const git = (...args: readonly string[]) =>
    mustRun('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], root)

  const commit = async (message: string) => {
    await git('add', '.')
    await git('commit', '-q', '-m', message)
    return git('rev-parse', 'HEAD')
  }

  const build = async (...more: readonly string[]) =>
    reportOf(
      await flowstore(
        [
          ...['build', 'flow.py', '--registry-url', bed.registry.url, '--image-name', name],
          ...['--base-image', bed.prefectBase, '--tags', 'latest', '--attach', '--json', ...more]
        ],
        root
      )
    )

  const file = (path: string) => readFileSync(path, 'utf8')

  /** The artifacts under the tag that stands for the list of referrers: this registry has no such list. */
  const attachedTo = async (digest: string) => {
    expect(await client.referrers(name, digest)).toBeUndefined()
    const index = await client.manifest(name, digest.replace(':', '-'))
    return index === undefined ? [] : parseIndex(index).manifests
  }

  beforeAll(async () => {
    writeFileSync(join(root, '.gitignore'), '.flowstore\n')
    await git('init', '-q', '-b', 'main')
    await git('remote', 'add', 'origin', 'https://token@git.example/acme/flows.git')
    await commit('one')
    first = await build('--labels', 'team=data', '--annotations', 'manifest:team=data')
  })

  test('labels and annotations name the commit, its time and the base image', async () => {
    const image = await readImage(client, name, first.outputs.digest)
    const manifest = JSON.parse(image?.manifest.body ?? '') as {
      readonly mediaType: string
      readonly annotations: Readonly<Record<string, string>>
    }
    const time = new Date(Number(await git('show', '-s', '--format=%ct')) * 1000)
    const said = {
      'org.opencontainers.image.source': 'https://git.example/acme/flows',
      'org.opencontainers.image.revision': first.commits?.run,
      'org.opencontainers.image.created': time.toISOString().replace('.000Z', 'Z'),
      'org.opencontainers.image.version': first.outputs['image-tag'],
      [TITLE]: name.split('/').at(-1),
      'org.opencontainers.image.base.name': bed.prefectBase,
      'org.opencontainers.image.base.digest': expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      team: 'data'
    }
    expect(image?.own.config.config?.Labels).toMatchObject(said)
    expect(manifest.annotations).toMatchObject(said)
    expect(image?.own.config['created']).toBe(time.toISOString())
  })

  test('the SBOM has each package of the image, and the flow by its hash', async () => {
    const { components } = JSON.parse(file(first.outputs['sbom-path'])) as {
      readonly components: readonly { readonly type: string; readonly purl?: string }[]
    }
    const printed = await mustRun('docker', [
      ...['run', '--rm', '--network', 'none', first.outputs['image-ref'], 'python', '-c'],
      'import importlib.metadata as m; print(*sorted({d.metadata["Name"].lower().replace("_", "-").replace(".", "-") + "@" + d.version for d in m.distributions()}))'
    ])
    const listed = components.flatMap(({ type, purl }) =>
      type === 'library' ? [purl?.replace('pkg:pypi/', '')] : []
    )
    expect(listed.sort().join(' ')).toBe(printed)
    expect(components.filter(({ type }) => type === 'file')).toMatchObject([
      { name: '/opt/prefect/flows/nightly.prefect', hashes: [{ alg: 'SHA-256' }] }
    ])
  })

  test('both documents are attached, byte for byte, under the digest of the image', async () => {
    const { digest } = first.outputs
    const entries = await attachedTo(digest)
    expect(entries.map(each => each.digest)).toEqual(first.attached.map(each => each.digest))
    const blobs = await Promise.all(
      entries.map(async each => {
        const manifest = await client.manifest(name, each.digest)
        const { subject, layers } = JSON.parse(manifest?.body ?? '') as {
          readonly subject: { readonly digest: string }
          readonly layers: readonly { readonly digest: string }[]
        }
        expect(subject.digest).toBe(digest)
        return layers[0]?.digest
      })
    )
    expect(blobs).toEqual(
      [first.outputs['sbom-path'], first.outputs['provenance-path']].map(path =>
        digestOf(file(path))
      )
    )
  })

  test('an unchanged run keeps the image and its documents, and names both commits', async () => {
    const documents = ['sbom-path', 'provenance-path'] as const
    const before = documents.map(path => file(first.outputs[path]))
    writeFileSync(join(root, 'README.md'), 'more\n')
    const run = await commit('two')
    const second = await build('--labels', 'team=other')
    expect([second.outputs.changed, second.outputs.digest]).toEqual(['false', first.outputs.digest])
    expect(second.commits).toEqual({ image: first.commits?.run, run })
    expect(documents.map(path => file(second.outputs[path]))).toEqual(before)
    expect(await attachedTo(first.outputs.digest)).toHaveLength(2)
  })

  test('the same commit gives the same digest when it is built again', async () => {
    const again = await build('--force', '--image-tag', 'again', '--no-attach')
    const other = await build('--force', '--image-tag', 'again', '--no-attach')
    expect(other.outputs.digest).toBe(again.outputs.digest)
  })

  test('the daemon’s image has the labels, and a warning names the annotations', async () => {
    const { outputs, notices } = await build(
      ...['--assemble', 'build', '--image-tag', 'built', '--annotations', 'a=b']
    )
    const image = await readImage(client, name, outputs.digest)
    expect(image?.own.config.config?.Labels).toMatchObject({
      'org.opencontainers.image.source': 'https://git.example/acme/flows'
    })
    expect(notices.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('annotations are left out')
    )
    expect(await attachedTo(outputs.digest)).toHaveLength(2)
  })
})
