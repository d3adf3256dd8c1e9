import { expect, test } from '@jest/globals'
import { addedStepKwargs, parseBuildKwargs } from '../../../src/docker/build-kwargs.js'

test('docker-py’s names are accepted, and others are refused with the nearest name', () => {
  expect(parseBuildKwargs('{"buildargs": {"A": "1"}, "target": "x", "rm": true}')).toEqual({
    buildargs: { A: '1' },
    target: 'x',
    rm: true
  })
  expect(parseBuildKwargs('{"buildarg": {}}')).toBe("has no 'buildarg'; did you mean 'buildargs'?")
  expect(parseBuildKwargs('{"labels": {"a": 1}}')).toMatch(/^is wrong at 'labels\.a'/)
  expect(parseBuildKwargs('A=1')).toMatch(/^is no JSON object/)
})

test('arguments for the user’s Dockerfile are not used for later builds', () => {
  const kwargs = parseBuildKwargs(
    '{"buildargs": {"A": "1"}, "target": "x", "pull": true, "rm": true, "platform": "linux/amd64"}'
  )
  expect(JSON.stringify(typeof kwargs === 'string' ? kwargs : addedStepKwargs(kwargs))).toBe(
    '{"platform":"linux/amd64"}'
  )
})
