import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from '@jest/globals'
import type { DeploymentsDocument } from '../../src/deployments/document.js'
import { freshName, repository, flowstore, writeFiles } from '../helpers/flowstore.js'
import { digestOfTag } from '../helpers/registry-digest.js'
import { describeWith } from '../helpers/test-bed.js'

const flow = (name: string, result: number) => `
from prefect import flow

@flow
def ${name}():
    return ${result}
`

const PREFECT_FILE = `
deployments:
  - name: default
    entrypoint: orders.py:orders
    work_pool: {name: docker}
  - name: default
    entrypoint: stock.py:stock
    work_pool: {name: docker}
`

describeWith(
  ['docker', 'registry', 'prefect:3.9.1'],
  'deployments of an image whose own tag moves',
  bed => {
    const LIMIT = 180_000
    const name = freshName('deployed')
    const image = `${bed.registry.url}/${name}`
    const root = repository({
      'orders.py': flow('orders', 1),
      'stock.py': flow('stock', 1),
      'prefect.yaml': PREFECT_FILE
    })
    const build = async (more: readonly string[] = ['--compare-with', 'main']) => {
      const ended = await flowstore(
        [
          ...['build', 'orders.py', 'stock.py', '--registry-url', bed.registry.url],
          ...['--image-name', name, '--image-tag', 'main'],
          ...['--base-image', bed.prefectImages['3.9.1'], ...more]
        ],
        root,
        { DOCKER_HOST: bed.dockerHost }
      )
      if (ended.code !== 0) throw new Error(ended.stderr)
      const text = readFileSync(join(root, '.flowstore/deployments.json'), 'utf8')
      const { deployments } = JSON.parse(text) as DeploymentsDocument
      return Object.fromEntries(deployments.map(each => [each.flow, each.image ?? '']))
    }
    const digest = (reference = '') =>
      digestOfTag(bed.registry.url, name, reference.slice(image.length + 1))

    let first: Readonly<Record<string, string>>
    beforeAll(async () => {
      first = await build()
    }, LIMIT)

    test('name it by the key of its content', async () => {
      expect(first['orders']).toMatch(/:[0-9a-f]{20}$/)
      expect(first['stock']).toBe(first['orders'])
      expect(await digest(first['orders'])).toBe(await digest(`${image}:main`))
    })

    test(
      'keep an image that is still there when the tag has moved on',
      async () => {
        const before = await digest(first['stock'])
        writeFiles(root, { 'orders.py': flow('orders', 2) })
        const second = await build()
        expect(second['stock']).toBe(first['stock'])
        expect(second['orders']).not.toBe(first['orders'])
        expect(await digest(second['orders'])).toBe(await digest(`${image}:main`))
        expect([await digest(second['stock']), before]).toEqual([before, expect.any(String)])
        expect(before).not.toBe(await digest(`${image}:main`))
      },
      LIMIT
    )

    test(
      'have the tag again when a registry has lost it, though nothing has changed',
      async () => {
        const { orders = '' } = await build()
        const [tag, moved] = [orders.slice(image.length + 1), await digest(orders)]
        // A registry deletes no tag alone: the manifest goes, and comes back under the other tag.
        const manifests = `http://${bed.registry.url}/v2/${name}/manifests`
        const accept = 'application/vnd.docker.distribution.manifest.v2+json'
        const answer = await fetch(`${manifests}/main`, { headers: { accept } })
        const manifest = await answer.text()
        await fetch(`${manifests}/${moved}`, { method: 'DELETE' })
        expect(await digest(orders)).toBeNull()
        const headers = { 'content-type': accept }
        await fetch(`${manifests}/main`, { method: 'PUT', headers, body: manifest })
        expect((await build())['orders']).toBe(`${image}:${tag}`)
        expect(await digest(orders)).toBe(moved)
      },
      LIMIT
    )

    test(
      'have only the own tag of an image that is not pushed',
      async () => {
        expect(await build(['--no-push'])).toEqual({
          orders: `${image}:main`,
          stock: `${image}:main`
        })
      },
      LIMIT
    )
  }
)
