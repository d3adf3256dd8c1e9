import { expect, test } from '@jest/globals'
import { addedStepKwargs, parseBuildKwargs } from '../../../src/docker/build-kwargs.js'

test('docker-py’s names are accepted, and others are refused with the nearest name', () => {
  expect(parseBuildKwargs('{"buildargs": {"A": "1"}, "target": "x", "rm": true}')).toEqual({
    buildargs: { A: '1' },
    target: 'x',
    rm: true
  })
})

test.each([
  [
    'an unknown name, with the nearest',
    '{"buildarg": {}}',
    /^has no 'buildarg'; did you mean 'buildargs'\?$/
  ],
  [
    'a name like none, with all',
    '{"unthinkable": 1}',
    /^has no 'unthinkable'; it takes buildargs, target, /
  ],
  [
    'a value of another type',
    '{"labels": {"a": 1}}',
    /^is wrong: 'labels\.a' must be a text, not a number$/
  ],
  ['a text that is not JSON', 'A=1', /^is not a JSON object/]
])('%s is refused', (_, text, problem) => {
  expect(parseBuildKwargs(text)).toMatch(problem)
})

test('arguments for the user’s Dockerfile are not used for later builds', () => {
  const kwargs = parseBuildKwargs(
    '{"buildargs": {"A": "1"}, "target": "x", "pull": true, "rm": true, "platform": "linux/amd64"}'
  )
  expect(JSON.stringify(typeof kwargs === 'string' ? kwargs : addedStepKwargs(kwargs))).toBe(
    '{"platform":"linux/amd64"}'
  )
})

test.each(['linux/amd64,linux/arm64', 'linux/amd64, linux/arm64', 'linux/amd64 linux/arm64'])(
  'the platforms %s are refused, and the message names the option for several',
  platform => {
    expect(parseBuildKwargs(JSON.stringify({ platform }))).toMatch(
      `the platform '${platform}' names more than one: the option platforms takes several`
    )
  }
)

test.each(['linux/amd64', 'linux/arm64/v8', 'amd64'])('the platform %s is accepted', platform => {
  expect(parseBuildKwargs(JSON.stringify({ platform }))).toEqual({ platform })
})

test('a platform of another form is refused', () => {
  expect(parseBuildKwargs('{"platform": "linux:amd64"}')).toMatch('is not os/architecture')
})
