import { expect, test } from '@jest/globals'
import { pickledFlowLine } from '../../../src/prefect/pickled-flow-line.js'

async function* texts(modules: Record<string, string>) {
  for (const module of Object.entries(modules)) yield await Promise.resolve(module)
}

const IMPORT = 'from prefect import Flow, task\n'

test.each([
  ['at the top', 'with Flow("a") as flow:\n', 2, 'with Flow("a")'],
  ['in a function', 'def make():\n    with prefect.Flow("a"):\n', 3, 'with prefect.Flow("a")'],
  ['over several lines', '\nwith Flow(\n    "a"\n):\n', 3, 'with Flow(']
])('a flow of Prefect 1 %s is found', async (_where, code, line, text) => {
  const found = await pickledFlowLine(texts({ 'no.py': '', 'a.py': `${IMPORT}${code}` }))
  expect(found).toEqual({ file: 'a.py', line, text })
})

test.each([
  ['no flow', IMPORT],
  ['a comment', `${IMPORT}# with Flow("a"):\n`],
  [
    'a flow of Prefect 2 and one of Prefect 1',
    'with Flow("a"):\n  pass\n@flow(name="b")\ndef b(): ...\n'
  ],
  ['an import of flow', 'from prefect import task, flow\n"""\nwith Flow("a")\n"""\n']
])('modules with %s show nothing', async (_what, text) => {
  expect(await pickledFlowLine(texts({ 'a.py': text }))).toBeUndefined()
})
