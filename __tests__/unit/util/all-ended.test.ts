import { setTimeout } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { allEnded } from '../../../src/util/all-ended.js'

test('the results are those of the works, in their order', async () => {
  expect(await allEnded([setTimeout(5, 'slow'), Promise.resolve(1), 'plain'])).toEqual([
    'slow',
    1,
    'plain'
  ])
})

test('an error is thrown when the other works have ended', async () => {
  let hasEnded = false
  const slow = setTimeout(20).then(() => {
    hasEnded = true
  })
  await expect(allEnded([Promise.reject(new Error('first')), slow])).rejects.toThrow('first')
  expect(hasEnded).toBe(true)
})
