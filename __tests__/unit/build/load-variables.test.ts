import { expect, test } from '@jest/globals'
import { loadVariables, variablesHash } from '../../../src/build/load-variables.js'
import { imageKey } from '../../../src/build/look-up.js'
import { inputsOf, plannedImage } from '../../helpers/stages.js'
import { serveRegistry } from '../../helpers/registry-server.js'

test('a name without a value takes that of the environment', () => {
  const env = { B: 'theirs', C: '', D: 'not asked for' }
  const loadEnvVars = { A: 'mine', B: null, C: null }
  expect(loadVariables({ loadEnvVars }, { env })).toEqual({ A: 'mine', B: 'theirs', C: '' })
})

test('each name that the environment lacks is an error', () => {
  const loadEnvVars = { A: null, B: null }
  expect(() => loadVariables({ loadEnvVars }, { env: {} })).toThrow(
    expect.objectContaining({
      errors: ['A', 'B'].map(name =>
        expect.objectContaining({
          code: 'INVALID_OPTION',
          message: expect.stringContaining(`lists ${name}, which is not set`)
        })
      )
    })
  )
})

test('a long name that the environment lacks is not shown: it may be part of a secret', () => {
  const loadEnvVars = { [`M${'x'.repeat(63)}`]: null }
  expect(() => loadVariables({ loadEnvVars }, { env: {} })).toThrow('a name of 64 characters')
})

test('the hash has no value in the clear, and depends on each, not on their order', async () => {
  const hash = await variablesHash({ A: 'hunter2', B: '1' })
  expect(hash).toMatch(/^[0-9a-f]{64}$/)
  expect(await variablesHash({ B: '1', A: 'hunter2' })).toBe(hash)
  expect(await variablesHash({ A: 'hunter3', B: '1' })).not.toBe(hash)
  expect(await variablesHash({})).toBeNull()
})

test('the key of an image depends on the variables for the load', async () => {
  const { environment } = await plannedImage(await serveRegistry())
  const keyOf = (value: string) =>
    imageKey({ ...inputsOf(), loadVariables: { A: value } }, environment)
  expect(await keyOf('one')).toBe(await keyOf('one'))
  expect(await keyOf('one')).not.toBe(await keyOf('two'))
  expect(await keyOf('one')).not.toBe(await imageKey(inputsOf(), environment))
})
