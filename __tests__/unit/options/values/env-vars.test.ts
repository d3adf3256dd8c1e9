import { expect, test } from '@jest/globals'
import {
  parseLoadVariables,
  parseSecretFiles,
  parseVariables
} from '../../../../src/options/values/env-vars.js'

test('a variable for the load has a value, which may have =, or only a name', () => {
  expect(parseLoadVariables('A=1=2\nB\n\nC=')).toEqual({
    variables: { A: '1=2', B: null, C: '' },
    problems: []
  })
})

test('a name alone is no variable of the image', () => {
  expect(parseVariables('B').problems).toEqual(["has a line that is not KEY=VALUE: 'B'"])
})

test('the same variable twice is a problem', () => {
  expect(parseLoadVariables('A=1\nA').problems).toEqual(['sets A twice'])
})

test('a line that is no variable is named by its number, since it may be part of a secret', () => {
  const { problems } = parseLoadVariables('KEY=-----BEGIN\nMIIEpAIB/x+y')
  expect(problems).toEqual(['has a line that is neither KEY=VALUE nor KEY: line 2'])
})

test.each(['PYTHONPATH', 'LD_LIBRARY_PATH'])('%s is read before a load, so it is refused', name => {
  expect(parseLoadVariables(`${name}=x`).problems).toEqual([
    expect.stringContaining(`can't set ${name}, which is read when Python starts`)
  ])
})

test('a line of secret-files that is none is named by its number, since it may be a value', () => {
  expect(parseSecretFiles('A=/run/a=b\nghp_1234\nB=\nflowstore-x=y')).toEqual({
    variables: { A: '/run/a=b' },
    problems: [2, 3, 4].map(line => `has a line that is not ID=PATH: line ${line}`)
  })
})
