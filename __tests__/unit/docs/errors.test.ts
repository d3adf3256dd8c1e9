import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { ERROR_CODES } from '../../../src/errors.js'

const sections = readFileSync('docs/errors.md', 'utf8')
  .split(/^### /m)
  .slice(1)
  .map(section => ({
    code: /^.*/.exec(section)?.[0] ?? '',
    exitCode: Number(/^Exit code (\d)\. /m.exec(section)?.[1]),
    examples: [...section.matchAll(/^error (\w+): /gm)].map(match => match[1])
  }))

test('docs/errors.md has one section for each code, with its exit code', () => {
  const documented = sections.map(({ code, exitCode }) => [code, exitCode])
  expect(Object.fromEntries(documented)).toEqual(ERROR_CODES)
  expect(documented).toHaveLength(Object.keys(ERROR_CODES).length)
})

test('each example in docs/errors.md is in the section of its code', () => {
  for (const { code, examples } of sections) {
    expect(examples).toEqual(examples.map(() => code))
  }
})
