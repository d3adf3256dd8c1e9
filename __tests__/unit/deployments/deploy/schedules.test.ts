import { expect, test } from '@jest/globals'
import type { Schedule } from '../../../../src/deployments/deploy/body.js'
import { newSchedules, secondsOf } from '../../../../src/deployments/deploy/schedules.js'

const schedule = (rule: object, rest: Partial<Schedule> = {}): Schedule => ({
  schedule: { ...rule },
  active: true,
  parameters: {},
  slug: null,
  ...rest
})

test.each([
  [3600, 3600],
  ['3600', 3600],
  ['01:30:00', 5400],
  ['1 day, 00:00:30', 86_430],
  ['PT1H30M', 5400],
  ['P1DT0.5S', 86_400.5],
  ['P2W', 1_209_600],
  ['soon', undefined]
])('an interval of %p is %p seconds', (interval, seconds) => {
  expect(secondsOf(interval)).toBe(seconds)
})

test.each([
  [
    'a cron without a timezone is in UTC',
    { cron: '0 5 * * *' },
    { cron: '0  5 * * *', timezone: 'UTC', day_or: true }
  ],
  [
    'an interval has its anchor from the server',
    { interval: 'PT1H' },
    { interval: 3600.0, anchor_date: '2026-01-01T00:00:00Z', timezone: 'UTC' }
  ],
  [
    'an anchor is an instant',
    { interval: 60, anchor_date: '2026-01-01T02:00:00+02:00' },
    { interval: 60, anchor_date: '2026-01-01T00:00:00.000Z', timezone: 'UTC' }
  ],
  [
    'a rule has its start from the server',
    { rrule: 'FREQ=DAILY' },
    { rrule: 'DTSTART:20200101T000000\nRRULE:FREQ=DAILY', timezone: 'UTC' }
  ]
])('%s, so nothing is to be written', (_, file, server) => {
  expect(newSchedules([schedule(file)], [schedule(server)])).toBeUndefined()
})

test.each([
  ['another timezone', { cron: '0 5 * * *', timezone: 'Europe/Paris' }, { cron: '0 5 * * *' }, {}],
  [
    'another anchor',
    { interval: 60, anchor_date: '2026-01-01T00:00:01Z' },
    { interval: 60, anchor_date: '2026-01-01T00:00:00Z' },
    {}
  ],
  [
    'another start',
    { rrule: 'DTSTART:20210101T000000\nRRULE:FREQ=DAILY' },
    { rrule: 'DTSTART:20200101T000000\nRRULE:FREQ=DAILY' },
    {}
  ],
  ['an inactive one', { cron: '0 5 * * *' }, { cron: '0 5 * * *' }, { active: false }],
  ['other parameters', { cron: '0 5 * * *' }, { cron: '0 5 * * *' }, { parameters: { day: 1 } }],
  ['another slug', { cron: '0 5 * * *' }, { cron: '0 5 * * *' }, { slug: 'early' }]
])('%s is a difference', (_, file, server, rest) => {
  expect(newSchedules([schedule(file)], [schedule(server, rest)])).toEqual([schedule(file)])
})

test('the order has no meaning, and the number has', () => {
  const [one, two] = [schedule({ cron: '0 5 * * *' }), schedule({ cron: '0 6 * * *' })]
  expect(newSchedules([one, two], [two, one])).toBeUndefined()
  expect(newSchedules([one], [one, one])).toEqual([one])
  expect(newSchedules([one, one], [one])).toEqual([one, one])
  expect(newSchedules([], [one])).toEqual([])
})

test('a schedule that means the same is written as the server has it, beside a new one', () => {
  const anchored = schedule({ interval: 60, anchor_date: '2026-01-01T00:00:00Z', timezone: 'UTC' })
  const cron = schedule({ cron: '0 5 * * *' })
  expect(newSchedules([cron, schedule({ interval: 60 })], [anchored])).toEqual([cron, anchored])
})
