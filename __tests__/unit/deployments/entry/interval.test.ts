import { expect, test } from '@jest/globals'
import { intervalSeconds } from '../../../../src/deployments/entry/interval.js'

// As pydantic, in Prefect 3.9.1, reads a timedelta.
test.each([
  [60, 60],
  [1.5, 1.5],
  ['01:30', 5400],
  ['01:30:00', 5400],
  ['100:00:00', 360_000],
  ['PT1H', 3600],
  ['P1D', 86_400],
  ['P1W', 604_800],
  ['P1DT2H3.5S', 93_603.5],
  ['P1M', 2_592_000],
  ['1 day', 86_400],
  ['1 days, 01:00:00', 90_000],
  ['-PT1H', -3600],
  ['', undefined],
  ['60', undefined],
  ['P', undefined],
  ['PT', undefined],
  ['pt1h', undefined],
  ['hourly', undefined],
  [NaN, undefined],
  [null, undefined],
  [true, undefined]
])('%j is %j seconds', (value, seconds) => {
  expect(intervalSeconds(value)).toBe(seconds)
})
