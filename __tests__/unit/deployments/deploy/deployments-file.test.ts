import { expect, test } from '@jest/globals'
import {
  parseDeployments,
  readDeployments
} from '../../../../src/deployments/deploy/deployments-file.js'
import { errorsOf } from '../../../../src/errors.js'
import { repository } from '../../../helpers/flowstore.js'
import { documentOf, entry } from '../../../helpers/deploy-documents.js'

function problems(value: unknown): readonly string[] {
  try {
    parseDeployments(typeof value === 'string' ? value : JSON.stringify(value), 'd.json')
  } catch (error) {
    const errors = errorsOf(error)
    expect(
      errors.every(({ code, file }) => code === 'DEPLOYMENTS_INVALID' && file === 'd.json')
    ).toBe(true)
    return errors.map(({ message }) => message)
  }
  return []
}

test('a file of a build is read', () => {
  expect(problems(documentOf(entry('a'), entry('b'), entry('a', {}, { flow: 'other' })))).toEqual(
    []
  )
})

test.each([
  ['[', 'it is no JSON'],
  [[], "it has no 'deployments'"],
  [{ type: 'Docker', flows: {} }, "it has no 'deployments'"],
  [{ ...documentOf(), deployments: {} }, "'deployments' must be a list, not an object"],
  [{ ...documentOf(), version: 2 }, "'version' is not valid"],
  [
    documentOf(entry('a', { tags: [3] })),
    `'deployments.0.body.tags.0' (deployment "a") must be a text, not a number`
  ],
  [
    documentOf(entry('a'), entry('b', { schedules: [{ cron: 'x' }] })),
    `'deployments.1.body.schedules.0.schedule' (deployment "b") is missing`
  ],
  [documentOf(entry('a', { job_variable: {} })), 'Unrecognized key: "job_variable"'],
  [documentOf(entry('a'), entry('a')), 'the flow "orders" has two deployments "a"']
])('%j is refused with its field', (value, words) => {
  expect(problems(value)).toEqual([expect.stringContaining(words)])
})

test('every wrong field is said', () => {
  expect(problems(documentOf(entry('a', { tags: 1, path: 2 })))).toHaveLength(2)
})

test('a folder stands for the deployments.json in it', async () => {
  const folder = repository({ 'out/deployments.json': JSON.stringify(documentOf(entry('a'))) })
  expect((await readDeployments(folder, 'out')).deployments).toHaveLength(1)
  await expect(readDeployments(folder, '.')).rejects.toMatchObject({
    message: "the file of deployments 'deployments.json' does not exist"
  })
})

test('a file that is absent is said', async () => {
  await expect(readDeployments('/', 'no-such.json')).rejects.toMatchObject({
    code: 'FILE_NOT_FOUND',
    hint: expect.stringContaining('deployments.json')
  })
})
