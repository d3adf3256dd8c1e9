import { expect, test } from '@jest/globals'
import { healthcheck } from '../../../src/flows/check.js'
import { missingNotice } from '../../../src/flows/load.js'
import { loadResultSchema, PROTOCOL } from '../../../src/python/protocol.js'
import type { PythonChecker } from '../../../src/python/loader.js'
import type { Flow } from '../../../src/flows/flow.js'
import type { ReadableFlow } from '../../../src/flows/stored.js'

const flow: Flow = {
  name: 'nightly',
  slug: 'nightly',
  bytes: Buffer.alloc(0),
  module: 'flows/nightly.py',
  line: 9,
  parameters: [],
  versions: { python: '3.9.18', prefect: '1.4.1', cloudpickle: '3.1.2' },
  imports: { pandas: { file: 'flows/helpers.py', line: 2 } }
}

const stored = ({ name, bytes }: Flow): ReadableFlow => ({
  kind: 'bytes',
  name,
  bytes,
  content: 'pickle'
})

/** A Python in which flows don't load back, because it lacks a module. */
const without = (module: string): PythonChecker => {
  return {
    check: flows =>
      Promise.resolve({
        protocol: PROTOCOL,
        action: 'check',
        flows: flows.map(({ name }) => ({
          name,
          ok: false,
          error: `ModuleNotFoundError: No module named '${module}'`,
          missingModule: module,
          detail: null
        }))
      })
  }
}

test('a failing healthcheck names the module, the flow, and the line that imports it', async () => {
  const checked = healthcheck(without('pandas'), [flow], stored)
  await expect(checked).rejects.toMatchObject({
    code: 'HEALTHCHECK',
    message: `flow "nightly" does not load back: ModuleNotFoundError: No module named 'pandas'`,
    file: 'flows/helpers.py',
    line: 2,
    hint: expect.stringContaining("'pandas', which flows/helpers.py:2 imports,")
  })
})

test('where the import is not known, the error names the line of the flow', async () => {
  for (const module of ['numpy', 'constructor']) {
    const checked = healthcheck(without(module), [flow], stored)
    await expect(checked).rejects.toMatchObject({
      file: 'flows/nightly.py',
      line: 9,
      hint: expect.stringContaining(`'${module}' at run time`)
    })
  }
})

test('an import that nothing resolves is a warning on its line', () => {
  const missing = { module: 'pandas', flows: ['a'], file: 'flows/a.py', line: 3 }
  expect(missingNotice(missing)).toEqual({
    level: 'warning',
    message:
      `the module 'pandas' is neither in the repository nor installed, and flow "a" may import it ` +
      'at run time: add its package to python-dependencies',
    file: 'flows/a.py',
    line: 3
  })
  const many = missingNotice({ ...missing, flows: ['a', 'b', 'c', 'd', 'e', 'f'] })
  expect(many.message).toContain('flows "a", "b", "c", "d", "e", ... (6) may import it')
})

test('a load’s result says what is missing', () => {
  const { missing, flows } = loadResultSchema.shape
  expect(missing.safeParse([{ module: 'a', flows: [], file: 'b.py', line: 1 }]).success).toBe(true)
  expect(missing.safeParse([{ module: 'a', flows: 'b', file: 'b.py', line: 1 }]).success).toBe(
    false
  )
  expect(flows.element.shape.imports.safeParse({ a: { file: 'b.py', line: 'c' } }).success).toBe(
    false
  )
})
