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

test('any path can be copied', () => {
  expect(copyInstruction('a "b" c', '/x y')).toBe('COPY ["a \\"b\\" c","/x y"]')
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
