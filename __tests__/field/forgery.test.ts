import { expect, test } from '@jest/globals'
import { describeWithPrefect, field } from '../helpers/field.js'
import { forgingModule, type Ending } from '../helpers/forging.js'

await describeWithPrefect('1.4.1', 'modules that try to forge the healthcheck', python => {
  test.each<[Ending, RegExp]>([
    ['raise ValueError(1)', /flow "ways: " does not load back/],
    ['os._exit(0)', /flow "ways: " does not load back: it ended Python with exit code 0/]
  ])('in a cell, a flow that does `%s` when it is read is refused', async (end, words) => {
    const { flowstore } = field({ 'flows/forging.py': forgingModule(end) })
    const { code, text } = await flowstore([
      'build',
      'flows/',
      '--storage',
      'bytes',
      '--python',
      python
    ])
    expect(text).toMatch(words)
    expect(code).not.toBe(0)
  })
})
