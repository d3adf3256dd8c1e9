import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { interpreterRunner } from '../../../src/flows/runners.js'
import { temporaryFolder } from '../../helpers/flowstore.js'

const runner = interpreterRunner(() => Promise.resolve(process.execPath), process.env)
const RELEASE = '1.4.1'

test('an interpreter refuses a flow that is in an image', () => {
  const flow = { kind: 'image', name: 'nightly', image: 'acme/flows:1', path: '/a' } as const
  expect(() => runner({ ...flow, content: 'envelope' }, RELEASE)).toThrow(
    expect.objectContaining({
      code: 'NOT_SUPPORTED',
      message: 'flow "nightly" is in the image acme/flows:1'
    })
  )
})

test('a flow whose file is not on this machine is refused before anything runs', () => {
  const path = join(temporaryFolder(), 'nightly.prefect')
  expect(() => runner({ kind: 'file', name: 'nightly', path, content: 'pickle' }, RELEASE)).toThrow(
    expect.objectContaining({
      code: 'FILE_NOT_FOUND',
      message: `the flow's file ${path} does not exist`
    })
  )
})

test('a flow whose file can’t be read is an error with the reason', () => {
  const path = join(temporaryFolder(), 'nightly.prefect')
  symlinkSync(path, path)
  expect(() => runner({ kind: 'file', name: 'nightly', path, content: 'pickle' }, RELEASE)).toThrow(
    expect.objectContaining({
      code: 'FILE_UNREADABLE',
      message: expect.stringContaining(`the flow's file ${path} can't be read: ELOOP`)
    })
  )
})

test('the interpreter is looked for only when a flow is run', async () => {
  let lookups = 0
  const noInterpreter = () => {
    lookups += 1
    return Promise.reject(new Error('there is no interpreter'))
  }
  const flow = {
    kind: 'bytes',
    name: 'nightly',
    bytes: Buffer.from(''),
    content: 'pickle'
  } as const
  const nightly = interpreterRunner(noInterpreter, process.env)(flow, RELEASE)
  expect(lookups).toBe(0)
  await expect(nightly.run()).rejects.toThrow('there is no interpreter')
  expect(lookups).toBe(1)
})
