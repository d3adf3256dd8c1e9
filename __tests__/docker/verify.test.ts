import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, jest, test } from '@jest/globals'
import { gzipLayer } from '../../src/image/oci/compressed-layer.js'
import type { Verification } from '../../src/build/verify.js'
import { RegistryClient } from '../../src/registry/client.js'
import { layersOf } from '../../src/image/oci/image.js'
import { readImage } from '../../src/image/oci/read.js'
import { tarOf } from '../../src/util/tar.js'
import { appendLayer } from '../helpers/append-layer.js'
import { reportOf } from '../helpers/builds.js'
import { flowstore, freshName, oneFlow, repository } from '../helpers/flowstore.js'
import { registryProxy } from '../helpers/registry-proxy.js'
import { describeWith } from '../helpers/test-bed.js'

jest.setTimeout(120_000)

const ENTRYPOINT_FLOW = `from prefect import flow


@flow
def orders(day: str = "today"):
    return day
`

describeWith(['docker', 'registry', 'prefect:1.4.1', 'prefect:3.9.1'], 'flowstore verify', bed => {
  const name = freshName('verify')
  const root = repository({ 'flow.py': oneFlow('nightly') })
  const client = new RegistryClient(bed.registry.url, undefined, { access: 'pull,push' })
  let image = ''

  const build = (base: string, ...more: string[]) =>
    flowstore(
      [
        ...['build', 'flow.py', '--registry-url', bed.registry.url, '--image-name', name],
        ...['--base-image', base, '--json', ...more]
      ],
      root
    )

  const verify = async (...args: string[]) => {
    const { code, stdout, stderr } = await flowstore(['verify', ...args, '--json'], root)
    const { facts, flows } = JSON.parse(stdout) as Verification
    return { code, stderr, failed: facts.filter(({ ok }) => !ok), flows }
  }

  /** Pushes the image with one more layer, and its labels. */
  const tampered = async (files: Readonly<Record<string, string>>, tag: string) => {
    const built = await readImage(client, name, image.split(':').at(-1) ?? '')
    if (built === undefined) throw new Error('the image is gone')
    const entries = Object.entries(files).map(([path, content]) => ({ path, content }))
    const layer = { layer: await gzipLayer(await tarOf(entries)), createdBy: 'test' }
    const labels = built.own.config.config?.Labels ?? {}
    await appendLayer(client, name, built, layer, labels, [tag], { created: new Date(0) })
    return `${bed.registry.url}/${name}:${tag}`
  }

  beforeAll(async () => {
    image = reportOf(await build(bed.prefectBase)).outputs.image
  })

  test('an image is what was built, by its storage and by its name', async () => {
    for (const target of ['.flowstore/storage.json', image]) {
      const { code, stderr, failed, flows } = await verify(target)
      expect({ code, stderr, failed }).toEqual({ code: 0, stderr: expect.any(String), failed: [] })
      expect(flows).toEqual([
        expect.objectContaining({ name: 'nightly', file: 'recorded', failure: '' })
      ])
    }
  })

  test('another file of a flow is found by its hash, and a flow that is broken by reading it', async () => {
    const target = await tampered({ 'opt/prefect/flows/nightly.prefect': 'broken' }, 'broken')
    const { code, failed, flows } = await verify(target)
    expect({ code, failed }).toEqual({ code: 5, failed: [] })
    expect(flows).toEqual([
      expect.objectContaining({ file: 'differs', failure: expect.stringMatching(/\w/) })
    ])
  })

  test('a tag that was moved is found, since the report names the digest', async () => {
    await tampered({ 'etc/more': '' }, image.split(':').at(-1) ?? '')
    const { code, failed } = await verify('.flowstore', '--no-healthcheck')
    expect({ code, failed }).toEqual({
      code: 5,
      failed: [
        {
          name: 'digest',
          ok: false,
          found: expect.stringMatching(/names sha256:\w+, the report names/)
        }
      ]
    })
  })

  test('a storage that differs from the labels is found', async () => {
    const file = join(root, 'other.json')
    const text = readFileSync(join(root, '.flowstore/storage.json'), 'utf8')
    writeFileSync(file, text.replaceAll('nightly', 'daily'))
    const { code, failed } = await verify(file, '--no-healthcheck')
    expect({ code, names: failed.map(each => each.name) }).toEqual({ code: 5, names: ['labels'] })
  })

  test('a report with another key of a flow is found', async () => {
    const folder = join(root, 'other-key')
    cpSync(join(root, '.flowstore'), folder, { recursive: true })
    const report = readFileSync(join(folder, 'report.json'), 'utf8')
    const key = (JSON.parse(report) as { flows: { key: string }[] }).flows[0]?.key ?? ''
    writeFileSync(join(folder, 'report.json'), report.replaceAll(key, '0'.repeat(key.length)))
    // The tag was moved by a test before this one.
    const { failed } = await verify('other-key/storage.json', '--no-healthcheck')
    expect(failed).toContainEqual({
      ...{ name: 'key', ok: false },
      found: 'the report has another key of the flow "nightly"'
    })
  })

  test('the layer of the flows that the registry lost is found, and their files', async () => {
    const report = readFileSync(join(root, '.flowstore/report.json'), 'utf8')
    const { digest } = (JSON.parse(report) as { outputs: { digest: string } }).outputs
    const built = await readImage(client, name, digest)
    const lost = built && layersOf(built.own).at(-1)?.digest
    const proxy = await registryProxy(bed.registry.url)
    proxy.rules.push(({ path }) => (path.endsWith(lost ?? '?') ? { status: 404 } : undefined))
    const target = `${proxy.host}/${name}@${digest}`
    const { code, failed, flows } = await verify(target, '--no-healthcheck')
    expect({ code, failed }).toMatchObject({ code: 5, failed: [{ name: 'content' }] })
    expect(failed[0]?.found).toBe(`the registry lacks ${lost}`)
    expect(flows).toMatchObject([{ name: 'nightly', file: 'missing' }])
  })

  test('a layer that the registry lost is found', async () => {
    const proxy = await registryProxy(bed.registry.url)
    let lost = ''
    proxy.rules.push(({ method, path }) => {
      if (method !== 'HEAD' || !path.includes('/blobs/')) return undefined
      lost ||= path
      return path === lost ? { status: 404 } : undefined
    })
    const target = image.replace(bed.registry.url, proxy.host)
    const { code, failed } = await verify(target, '--no-healthcheck')
    expect({ code, failed }).toEqual({
      code: 5,
      failed: [{ name: 'content', ok: false, found: expect.stringContaining('lacks sha256:') }]
    })
  })

  test('an image that is not there is found', async () => {
    const { code, failed } = await verify(`${bed.registry.url}/${name}:nothing`)
    expect({ code, names: failed.map(each => each.name) }).toEqual({ code: 5, names: ['image'] })
  })

  test('flows of Prefect 3 are modules: each is hashed, and found by its entrypoint', async () => {
    writeFileSync(join(root, 'flow.py'), ENTRYPOINT_FLOW)
    const base = bed.prefectImages['3.9.1']
    const { outputs } = reportOf(await build(base, '--output-directory', 'out3'))
    const { code, failed, flows } = await verify('out3/storage.json')
    expect({ code, failed }).toEqual({ code: 0, failed: [] })
    expect(flows).toEqual([
      { name: 'orders', location: 'flow.py:orders', file: 'recorded', failure: '' }
    ])
    expect(outputs.digest).toMatch(/^sha256:/)
  })

  test('an image whose labels alone have changed since is what was built', async () => {
    const deployment = (cron: string) => {
      writeFileSync(
        join(root, 'prefect.yaml'),
        `deployments:\n- name: nightly\n  entrypoint: flow.py:orders\n  work_pool: {name: docker}\n  schedules: [{cron: ${cron}}]\n`
      )
      return build(bed.prefectImages['3.9.1'], '--output-directory', 'out3', '--tags', 'latest')
    }
    reportOf(await deployment('0 5 * * *'))
    const { outputs } = reportOf(await deployment('0 6 * * *'))
    expect(outputs.changed).toBe('false')
    const { code, failed } = await verify('out3/storage.json', '--no-healthcheck')
    expect({ code, failed }).toEqual({ code: 0, failed: [] })
  })
})
