import { expect, test } from '@jest/globals'
import { healthcheck } from '../../../src/flows/check.js'
import { PROTOCOL } from '../../../src/python/protocol/protocol.js'
import type { PythonChecker } from '../../../src/python/loader.js'
import type { Flow } from '../../../src/flows/flow.js'
import type { ReadableFlow } from '../../../src/python/protocol/readable-flow.js'

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

test('a failing healthcheck names the line of the flow if no import of the module is known', async () => {
  for (const module of ['numpy', 'constructor']) {
    const checked = healthcheck(without(module), [flow], stored)
    await expect(checked).rejects.toMatchObject({
      file: 'flows/nightly.py',
      line: 9,
      hint: expect.stringContaining(`'${module}' at run time`)
    })
  }
})

test('a flow that comes back under another name fails the healthcheck', async () => {
  const python: PythonChecker = {
    check: flows =>
      Promise.resolve({
        protocol: PROTOCOL,
        action: 'check',
        flows: flows.map(() => ({
          name: 'nightly',
          ok: true,
          error: null,
          missingModule: null,
          detail: null
        }))
      })
  }
  await healthcheck(python, [flow], stored)
  const both = [flow, { ...flow, name: 'hourly' }]
  await expect(healthcheck(python, both, stored)).rejects.toMatchObject({
    code: 'HEALTHCHECK',
    message: 'flow "hourly" does not load back: no reason given'
  })
})

test('Python gets a flow’s file or its bytes, and the form of their content', async () => {
  const asked: unknown[] = []
  const python: PythonChecker = {
    check: flows => {
      asked.push(...flows)
      return Promise.resolve({ protocol: PROTOCOL, action: 'check', flows: [] })
    }
  }
  const name = 'nightly'
  const bytes = Buffer.from('content')
  const forms: ReadableFlow[] = [
    { kind: 'file', name, path: '/opt/nightly.prefect', content: 'envelope' },
    { kind: 'bytes', name, bytes, content: 'pickle' },
    { kind: 'bytes', name, bytes, content: 'source' }
  ]
  for (const form of forms) await healthcheck(python, [flow], () => form).catch(() => undefined)
  expect(asked).toEqual(forms)
})
