import { expect, test } from '@jest/globals'
import { timeLimits } from '../../../../src/docker/engine/time-limits.js'

test.each([undefined, '', 'x', '0', '-1', '1e9'])(
  'an answer may take a minute, if DOCKER_CLIENT_TIMEOUT is %j',
  seconds => {
    expect(timeLimits(seconds)).toEqual({ answer: 60_000, work: 300_000, progress: 1_800_000 })
  }
)

test('DOCKER_CLIENT_TIMEOUT sets all limits', () => {
  expect(timeLimits('0.5')).toEqual({ answer: 500, work: 2_500, progress: 15_000 })
})
