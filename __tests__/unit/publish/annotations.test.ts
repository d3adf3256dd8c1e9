import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { FlowstoreError } from '../../../src/errors.js'
import { annotateError, annotateNotice } from '../../../src/publish/annotations.js'

let printed: string

beforeEach(() => {
  printed = ''
  jest.spyOn(process.stdout, 'write').mockImplementation(text => {
    printed += String(text)
    return true
  })
})

afterEach(() => {
  jest.restoreAllMocks()
})

test('a notice is one annotation, and its text no further command', () => {
  annotateNotice({ level: 'warning', message: '::a\n##[b]c', file: 'x\r##[d].py', line: 3 })
  expect(printed).toBe('::warning file=x # #[d].py,line=3::: :a # #[b]c\n')
})

test('an error is one annotation with the lines of its detail', () => {
  annotateError(
    new FlowstoreError('FLOW_SERIALIZE', 'flow "a\n##[b]"', {
      file: '##[c].py',
      line: 7,
      detail: 'Traceback\n::error::d ##[e]',
      hint: 'Rename\n##[f].'
    })
  )
  expect(printed).toBe(
    '::error title=flowstore%3A FLOW_SERIALIZE,file=# #[c].py,line=7::' +
      'flow "a # #[b]"%0ATraceback%0A: :error::d # #[e]%0ARename # #[f].%0A' +
      'See https://github.com/org/flowstore-action/blob/main/docs/errors.md#flow_serialize\n'
  )
})

test('an annotation without a file has no place', () => {
  annotateNotice({ level: 'notice', message: 'a' })
  expect(printed).toBe('::notice::a\n')
})

test('a file is relative to the working directory, and its annotation to the workspace', () => {
  const at = (file: string) => {
    annotateNotice({ level: 'notice', message: 'a', file }, 'teams/a')
  }
  at('flows/x.py')
  at('../../libs/y.py')
  at('/etc/z')
  annotateError(new FlowstoreError('MODULE_IMPORT', 'b', { file: 'x.py' }), 'teams/a')
  expect(printed.split('\n').slice(0, 4)).toEqual([
    '::notice file=teams/a/flows/x.py::a',
    '::notice file=libs/y.py::a',
    '::notice file=/etc/z::a',
    expect.stringMatching(/^::error title=flowstore%3A MODULE_IMPORT,file=teams\/a\/x\.py::b%0A/)
  ])
})
