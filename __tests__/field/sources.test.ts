import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { buildStorage, loadFlows } from '../../src/index.js'
import { describeWithPrefect, field } from '../helpers/field.js'
import { oneFlow, repository } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'

const FLOWS = {
  '.flowstore/copy.py': oneFlow('copy'),
  'docs/example.py': oneFlow('example'),
  'flows/a.py': oneFlow('a'),
  'flows/old/b.py': oneFlow('b'),
  'flows/older/deep/c.py': oneFlow('c')
}

await describeWithPrefect('1.4.1', 'the lines of flows and sources', python => {
  const build = ['build', '--storage', 'bytes', '--python', python]
  const flowsOf = (root: string): string[] => {
    const text = readFileSync(join(root, '.flowstore/storage.json'), 'utf8')
    return Object.keys((JSON.parse(text) as { flows: object }).flows)
  }

  test('a pattern that leaves out folders leaves out what is below them', async () => {
    const { root, flowstore } = field(FLOWS)
    const ended = await flowstore([...build, '.', '!flows/old*'])
    expect([ended.code, ended.text]).toEqual([0, expect.not.stringContaining('leaves nothing out')])
    expect(flowsOf(root)).toEqual(['a'])
  }, 60_000)

  test('a pattern that matches folders takes the flows below them', async () => {
    const { root, flowstore } = field(FLOWS)
    expect(await flowstore([...build, 'flows/old*'])).toMatchObject({ code: 0 })
    expect(flowsOf(root)).toEqual(['b', 'c'])
  }, 60_000)

  test('the same pattern in sources takes the same files away', async () => {
    const { root, flowstore } = field(FLOWS)
    expect(await flowstore([...build, '.', '--sources', '!flows/old*'])).toMatchObject({ code: 0 })
    expect(flowsOf(root)).toEqual(['a'])
  }, 60_000)

  test.each([
    ['without options', {}],
    ['with the option sources', { sources: ['docs', '!flows/old'] }]
  ])(
    'loadFlows of the library finds the flows of a build, %s',
    async (_, options) => {
      const cwd = repository(FLOWS)
      const { report } = await buildStorage(
        { flows: ['.'], storage: 'bytes', python, ...options },
        { cwd }
      )
      const { flows } = await loadFlows({ flows: ['.'], python, ...options }, { cwd })
      const names = flows.map(({ name }) => name)
      expect(names).toEqual(report.flows.map(({ name }) => name))
      expect(names).toEqual('sources' in options ? ['example', 'a', 'c'] : ['a', 'b', 'c'])
    },
    60_000
  )
})

describeWith(['docker', 'prefect:1.4.1'], 'loadFlows of the library in an image', bed => {
  test('sees the sources of a build, and its error names the line to add', async () => {
    const cwd = repository({
      'flows/a.py': `print(open("README.md").read())\n${oneFlow('a')}`,
      'README.md': ''
    })
    const options = { flows: ['flows'], image: bed.prefectBase }
    await expect(loadFlows(options, { cwd })).rejects.toMatchObject({
      code: 'MODULE_IMPORT',
      hint: expect.stringContaining('Add the line README.md to the option sources')
    })
    const { flows } = await loadFlows({ ...options, sources: ['README.md'] }, { cwd })
    expect(flows.map(({ name }) => name)).toEqual(['a'])
  }, 120_000)
})
