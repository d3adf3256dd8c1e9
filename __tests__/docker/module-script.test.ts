import { expect, test } from '@jest/globals'
import { inImage, reportOf } from '../helpers/builds.js'
import { flowstore, freshName, oneFlow, repository, run } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'

describeWith(['docker', 'registry', 'prefect:1.4.1'], 'a script that a module stores', bed => {
  test.each(['/srv/flows/orders.py', '/srv/flows/orders'])(
    'is appended at %s, which the module sets, in an environment that has its folder',
    async path => {
      const root = repository({
        'orders.py': `from prefect.storage import Docker
${oneFlow('orders')}
flow.storage = Docker(path=${JSON.stringify(path)}, stored_as_script=True)
`
      })
      const name = freshName('script-test')
      const ended = await flowstore(
        [
          ...['build', 'orders.py', '--json', '--assemble', 'auto'],
          ...['--base-image', bed.prefectBase, '--registry-url', bed.registry.url],
          ...['--image-name', name]
        ],
        root
      )
      const report = reportOf(ended)
      expect(report.notices).toEqual([])
      expect(ended.stderr).not.toMatch(/the daemon builds/i)
      expect(JSON.parse(report.outputs.storage)).toMatchObject({
        flows: { orders: path },
        path,
        stored_as_script: true
      })
      const read = `python -W ignore -c "
from prefect.storage import Docker
storage = Docker(path='${path}', stored_as_script=True)
storage.flows['orders'] = '${path}'
print(storage.get_flow('orders').run().is_successful())" 2>&1 | tail -1`
      const image = report.outputs['image-ref']
      expect(await run('docker', ['pull', '--quiet', image])).toMatchObject({ code: 0 })
      expect(await inImage(image, read)).toBe('True\n')
    },
    120_000
  )
})
