import { expect, test } from '@jest/globals'
import { Marks, withoutMarks } from '../../../../src/python/protocol/marks.js'

const flow = (index: number, name: string) =>
  `\u001eflow ${JSON.stringify({ index, name, file: 'a.py', line: 3 })}\u001e\n`

/** Marks that have followed a text, byte by byte. */
function after(text: string): Marks {
  const marks = new Marks()
  for (const char of text) marks.follow(char)
  return marks
}

test('a load imports the last marked module, then serializes the last marked flow', () => {
  const text = 'one\n\u001e0/1 a.py\u001e\ntwo\n'
  expect(after(text).load).toEqual({ kind: 'import', name: 'a.py', file: 'a.py' })
  const imported = `${text}\u001e1/1 \u001e\n`
  expect(after(imported).load).toBeUndefined()
  const serializing = `${imported}${flow(0, 'x')}three\n${flow(1, 'y')}`
  expect(after(serializing).load).toEqual({ kind: 'serialize', name: 'y', file: 'a.py', line: 3 })
  expect(after(`${serializing}\u001eflow \u001e\n`).load).toBeUndefined()
  expect(withoutMarks(serializing)).toBe('one\ntwo\nthree\n')
})

test('a check reads the last marked flow back, which is known by its position', () => {
  const flows = ['x', 'y'].map((name, index) => ({
    ...({ kind: 'file', name, path: '', content: 'pickle' } as const),
    ...{ module: `${name}.py`, line: index }
  }))
  const marks = after(flow(1, 'y'))
  expect(marks.checkOf(flows)).toEqual({ kind: 'read', name: 'y', file: 'y.py', line: 1 })
  marks.reset()
  expect(marks.checkOf(flows)).toBeUndefined()
})

test('what a process does after its work has been ended says nothing', () => {
  const text = `\u001e0/2 a.py\u001e\n\u001eended\u001e\n\u001e1/2 b.py\u001e\n${flow(0, 'x')}`
  const marks = after(text)
  expect(marks.load).toMatchObject({ name: 'a.py' })
  marks.reset()
  marks.follow('\u001e1/2 b.py\u001e\n')
  expect(marks.load).toMatchObject({ name: 'b.py' })
})

test('what modules print like a mark of a flow says nothing', () => {
  for (const text of ['{', '{"index":"a"}', '9'])
    expect(after(`\u001eflow ${text}\u001e\n`).load).toBeUndefined()
  expect(after(flow(7, 'x')).checkOf([])).toBeUndefined()
})
