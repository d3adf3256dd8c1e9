import { dirname, join } from 'node:path'
import { expect, test } from '@jest/globals'
import { describeWithPrefect, field } from '../helpers/field.js'
import { oneFlow, run } from '../helpers/flowstore.js'

/** A package with a flow module and a neighbour of it. */
const packageWith = (statement: string) => ({
  'flows/__init__.py': '',
  'flows/etl.py': `${statement}\n${oneFlow('etl').replace('return 1', 'return helpers.ROWS')}`,
  'flows/helpers.py': 'ROWS = 3\n'
})

await describeWithPrefect(
  '1.4.1',
  'a flow module in a package that imports a neighbour',
  python => {
    const build = ['--storage', 'bytes', '--python', python]

    /** Whether real Prefect loads it. */
    const prefectLoads = async (root: string, folder: string, path: string) => {
      const args = ['build', '-p', path, '-o', join(root, 'flows.json')]
      const ended = await run(join(dirname(python), 'prefect'), args, join(root, folder))
      return ended.code === 0
    }

    test.each([
      ['the repository', '.', 'flows/etl.py'],
      ['the folder', 'flows', 'etl.py']
    ])(
      'by its own name is loaded from %s, as by Prefect',
      async (_, folder, path) => {
        const { root, flowstore } = field(packageWith('import helpers'))
        expect(await prefectLoads(root, folder, path)).toBe(true)
        const ended = await flowstore(['build', path, '--working-directory', folder, ...build])
        expect([ended.code, ended.text]).toEqual([0, expect.stringContaining('1 flow')])
        const storage = join(folder, '.flowstore/storage.json')
        const flow = await flowstore(['run', storage, '--python', python])
        expect([flow.code, flow.text]).toEqual([0, expect.stringContaining('etl: Success')])
      },
      60_000
    )

    test.each(['from . import helpers', 'from flows import helpers'])(
      'with `%s` is loaded, although Prefect does not load it',
      async statement => {
        const { root, flowstore } = field(packageWith(statement))
        expect(await prefectLoads(root, '.', 'flows/etl.py')).toBe(false)
        const ended = await flowstore(['build', 'flows', ...build])
        expect([ended.code, ended.text]).toEqual([0, expect.stringContaining('1 flow')])
      },
      60_000
    )

    test('in another folder is loaded by neither, and the hint names the flag', async () => {
      const { 'flows/etl.py': etl, ...others } = packageWith('import helpers')
      const { root, flowstore } = field({
        ...others,
        'flows/daily/__init__.py': '',
        'flows/daily/etl.py': etl
      })
      expect(await prefectLoads(root, '.', 'flows/daily/etl.py')).toBe(false)
      const ended = await flowstore(['build', 'flows/daily', ...build])
      expect([ended.code, ended.text]).toEqual([
        3,
        expect.stringContaining('in the folder `flows`: set `--python-path flows`')
      ])
      const remedied = await flowstore(['build', 'flows/daily', '--python-path', 'flows', ...build])
      expect(remedied).toMatchObject({ code: 0 })
    }, 60_000)
  }
)
