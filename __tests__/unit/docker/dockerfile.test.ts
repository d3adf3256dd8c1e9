import { expect, test } from '@jest/globals'
import {
  copyInstruction,
  dockerfileText,
  envInstruction,
  singleLine
} from '../../../src/docker/dockerfile.js'

test('each variable has a line', () => {
  expect(envInstruction({ A: '1', B: '2' })).toBe('ENV A="1" \\\n    B="2"')
})

test('characters with a meaning in double quotes are escaped', () => {
  expect(envInstruction({ A: 'a "b" $c \\' })).toBe('ENV A="a \\"b\\" \\$c \\\\"')
})

test.each([
  ['spaces', 'a b', 'a b'],
  ['quotes', `a "b" 'c'`, `a \\"b\\" \\'c\\'`],
  ['a variable', '$HOME', '\\$HOME'],
  ['a backslash', 'a\\b', 'a\\\\b'],
  ['a line break', 'a\nb', 'a\nb']
])('a path with %s is copied as it is', (_what, path, written) => {
  expect(copyInstruction(path, `/x/${path}`)).toBe(
    `COPY ${JSON.stringify([written, `/x/${written}`])}`
  )
})

test('a path that looks like a pattern is copied as it is, and only the source can be one', () => {
  expect(copyInstruction('f/a[1]*?.txt', '/x/a[1]*?.txt')).toBe(
    'COPY ["f/a[[]1][*][?].txt","/x/a[1]*?.txt"]'
  )
  // A backslash escapes only in a pattern: there it is written twice, and each once more for the expansion.
  expect(copyInstruction('a\\b/[c\\d', '/x')).toBe(
    `COPY ${JSON.stringify(['a\\\\b/[[]c\\\\\\\\d', '/x'])}`
  )
})

test('each instruction has its own line', () => {
  expect(dockerfileText(['FROM a', 'RUN b'])).toBe('FROM a\nRUN b\n')
})

test.each([
  ['a line break in a name', { 'A=1\nRUN true\nENV B': '' }],
  ['a space in a name', { 'A B': '' }],
  ['a line break in a value', { A: '1\nRUN true' }]
])('ENV refuses %s', (_what, variables) => {
  expect(() => envInstruction(variables)).toThrow(/^an image can't have this variable: /)
})

test('a text with a line break is refused for a line of a Dockerfile', () => {
  expect(() => singleLine('/srv\nRUN true')).toThrow('which has a line break')
  expect(singleLine('/srv/a b')).toBe('/srv/a b')
})
