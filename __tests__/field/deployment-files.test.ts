import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { field } from '../helpers/field.js'
import { describeWith } from '../helpers/test-bed.js'

const flow = (name: string) => `from prefect import flow


@flow
def ${name}(n: int = 1):
    return n
`

const entry = (name: string, entrypoint: string, hour: number) => `deployments:
  - name: ${name}
    entrypoint: ${entrypoint}
    work_pool: { name: pool }
    schedules: [{ cron: "0 ${hour} * * *" }]
`

describeWith(['docker', 'registry', 'prefect:3.9.1'], 'files with deployments', bed => {
  test('an edited schedule is written and told once, and nothing is loaded or built', async () => {
    const { flowstore, root, write } = field({
      'flows/orders.py': flow('orders'),
      'flows/stock.py': flow('stock'),
      'deploys/orders.yaml': entry('main', 'flows/orders.py:orders', 5),
      'prefect.yaml': entry('main', 'flows/stock.py:stock', 5)
    })
    // The environment image of an earlier run is found; these flows are new.
    const name = 'deployment-files'
    const tag = `main-${process.pid}-${Date.now()}`
    write('flows/stock.py', `${flow('stock')}\n\nRUN = '${tag}'\n`)
    const build = async () => {
      const ran = await flowstore(
        [
          ...['build', 'flows', '--registry-url', `${bed.registry.url}/field`, '--tags', tag],
          ...['--image-name', name, '--base-image', bed.prefectImages['3.9.1']],
          ...['--prefect-file', 'deploys/orders.yaml', '--prefect-file', 'prefect.yaml']
        ],
        { DOCKER_HOST: bed.dockerHost }
      )
      expect([ran.code, ran.text]).toEqual([0, expect.any(String)])
      const text = readFileSync(join(root, '.flowstore/deployments.json'), 'utf8')
      const { image, deployments } = JSON.parse(text) as {
        image: string
        deployments: { flow: string; changed: boolean; image: string; body: object }[]
      }
      const changed = deployments.filter(one => one.changed).map(one => one.flow)
      return { text: ran.text, image, changed, written: JSON.stringify(deployments) }
    }
    const first = await build()
    expect(first.changed).toEqual(['orders', 'stock'])

    write('deploys/orders.yaml', entry('main', 'flows/orders.py:orders', 6))
    const edited = await build()
    expect(edited).toMatchObject({ image: first.image, changed: ['orders'] })
    expect(edited.text).toContain('Unchanged: the registry already has this image')
    expect(edited.written).toContain('0 6 * * *')
    expect((await build()).changed).toEqual([])

    // An edit back is a change too.
    write('deploys/orders.yaml', entry('main', 'flows/orders.py:orders', 5))
    expect(await build()).toMatchObject({ image: first.image, changed: ['orders'] })
    expect((await build()).changed).toEqual([])
  }, 180_000)
})
