import { expect, test } from '@jest/globals'
import { plainLine, plainLines, printableJson } from '../../../src/util/plain-text.js'

test.each([
  ['::set-output name=image-ref::x', ': :set-output name=image-ref::x'],
  [' \t\u00a0::add-mask::x', '  \u00a0: :add-mask::x'],
  ['\n::error::x', ' : :error::x'],
  ['\ufeff::error::x', ' : :error::x'],
  [':::error::x', ': ::error::x'],
  ['x ##[add-mask]', 'x # #[add-mask]'],
  ['##[group]a##[endgroup]', '# #[group]a# #[endgroup]'],
  ['###[error]x', '## #[error]x'],
  ['x ##vso[task.setvariable variable=a]b', 'x # #vso[task.setvariable variable=a]b'],
  ["##teamcity[buildStatus text='x']", "# #teamcity[buildStatus text='x']"],
  ['section_start:1:a\r\u001b[0Kb', 'section_start:1:a [0Kb']
])('%j is no command: %j', (text, plain) => {
  expect(plainLine(text)).toBe(plain)
})

// C0, DEL, C1 with NEL, line and paragraph separator, bidirectional controls, byte order mark.
const CONTROLS = [
  ...['\u0000', '\t', '\n', '\v', '\f', '\r', '\u001b', '\u007f', '\u0085', '\u009b'],
  ...['\u2028', '\u2029', '\u061c', '\u200e', '\u200f', '\u202a', '\u202e', '\u2066', '\u2069'],
  '\ufeff'
]

test.each(CONTROLS)('the control character %j becomes a space', control => {
  expect(plainLine(`a${control}b`)).toBe('a b')
})

test('the control characters are those of Unicode, and the byte order mark', () => {
  const ofUnicode = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\uFEFF]/u
  const wrong: string[] = []
  for (let code = 1; code <= 0x10ffff; code += 1) {
    const character = String.fromCodePoint(code)
    const isControl = plainLine(`a${character}b`) === 'a b' && character !== ' '
    if (isControl !== ofUnicode.test(character)) wrong.push(code.toString(16))
  }
  expect(wrong).toEqual([])
})

test('a run of control characters becomes one space', () => {
  expect(plainLine(`a${CONTROLS.join('')}b`)).toBe('a b')
})

test('a control character inside a command doesn’t make one', () => {
  expect(plainLine('#\u0000#[error]x #\u202e#[error]y')).toBe('# #[error]x # #[error]y')
})

test.each([
  'orders by region: a::b, #1, ## two [three], C# [x]',
  'flows/größe.py:3',
  'Familie 👨‍👩‍👧 ✓',
  '  indented',
  ''
])('other text stays as it is: %j', text => {
  expect(plainLine(text)).toBe(text)
})

test.each(['::error::x', ':::x', '###[x] ##a[y]', '\r\n ::x'])('a plain line stays: %j', text => {
  expect(plainLine(plainLine(text))).toBe(plainLine(text))
})

test('a text of several lines keeps them, each a plain line', () => {
  expect(plainLines('  a\r\n::error::b\n\n##[group]c\rd')).toBe('  a\n: :error::b\n\n# #[group]c d')
})

const HOSTILE = {
  '::set-output name=a::b': ['###[x]', 'a\\##vso[x]', CONTROLS.join(''), '## [x]', '"\n"'],
  nested: { null: null, number: 1.5 }
}

test('printable JSON is the same value', () => {
  expect(JSON.parse(printableJson(HOSTILE))).toEqual(HOSTILE)
})

test('no line of printable JSON is other than a plain line', () => {
  const json = printableJson(HOSTILE)
  expect(plainLines(json)).toBe(json)
  expect(json.split('\n').length).toBeGreaterThan(10)
})
