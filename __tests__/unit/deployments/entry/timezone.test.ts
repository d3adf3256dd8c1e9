import { expect, test } from '@jest/globals'
import { isTimezone } from '../../../../src/deployments/entry/timezone.js'

test.each(['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Calcutta', 'US/Eastern', 'Etc/GMT+3'])(
  'there is a time zone %s',
  name => {
    expect(isTimezone(name)).toBe(true)
  }
)

test.each(['', 'Mars/North', '+02:00', 'europe/berlin', 'Berlin'])(
  'there is no time zone %j',
  name => {
    expect(isTimezone(name)).toBe(false)
  }
)
