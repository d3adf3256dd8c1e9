import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { ERROR_CODES, FlowstoreError, type ErrorCode } from '../../../src/errors.js'
import { annotateError } from '../../../src/publish/annotations.js'
import { terminalError } from '../../../src/publish/terminal.js'
import { capturePrinted } from '../../helpers/printed.js'

const printed = capturePrinted()

const sections = readFileSync('docs/errors.md', 'utf8')
  .split(/^### /m)
  .slice(1)
  .map(section => ({
    code: /^.*/.exec(section)?.[0] ?? '',
    exitCode: Number(/^Exit code (\d+)[.,] /m.exec(section)?.[1]),
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

test('every printed error ends with the address of the section of its code', () => {
  const { homepage } = JSON.parse(readFileSync('package.json', 'utf8')) as { homepage: string }
  const page = `${homepage.replace('#readme', '')}/blob/main/docs/errors.md`
  for (const { code } of sections) {
    const error = new FlowstoreError(code as ErrorCode, 'x')
    const see = `See ${page}#${code.toLowerCase()}`
    expect(terminalError(error).split('\n').at(-1)).toBe(`  ${see}`)
    annotateError(error)
    expect(printed.text()).toMatch(new RegExp(`%0A${see.replaceAll('.', '\\.')}\n$`))
  }
})
