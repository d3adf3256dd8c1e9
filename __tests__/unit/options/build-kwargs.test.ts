import { expect, test } from '@jest/globals'
import { parseBuildKwargs } from '../../../src/options/build-kwargs.js'

test('docker-py’s names are taken, others are refused with the nearest', () => {
  expect(parseBuildKwargs('{"buildargs": {"A": "1"}, "target": "x", "rm": true}')).toEqual({
    buildargs: { A: '1' },
    target: 'x',
    rm: true
  })
  expect(parseBuildKwargs('{"buildarg": {}}')).toBe("has no 'buildarg'; did you mean 'buildargs'?")
  expect(parseBuildKwargs('{"labels": {"a": 1}}')).toMatch(/^is wrong at 'labels\.a'/)
  expect(parseBuildKwargs('A=1')).toMatch(/^is no JSON object/)
})
