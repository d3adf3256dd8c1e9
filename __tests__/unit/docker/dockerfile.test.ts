import { expect, test } from '@jest/globals'
import { copyInstruction, dockerfileText, envInstruction } from '../../../src/docker/dockerfile.js'

test('each variable has a line', () => {
  expect(envInstruction({ A: '1', B: '2' })).toBe('ENV A="1" \\\n    B="2"')
})

test('what means something between double quotes is escaped', () => {
  expect(envInstruction({ A: 'a "b" $c \\' })).toBe('ENV A="a \\"b\\" \\$c \\\\"')
})

test('any path can be copied', () => {
  expect(copyInstruction('a "b" c', '/x y')).toBe('COPY ["a \\"b\\" c","/x y"]')
})

test('instructions stand on lines', () => {
  expect(dockerfileText(['FROM a', 'RUN b'])).toBe('FROM a\nRUN b\n')
})
