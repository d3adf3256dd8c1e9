import { expect, test } from '@jest/globals'
import { rruleProblem } from '../../../../src/deployments/entry/rrule.js'

// As dateutil judges them.
test.each([
  'FREQ=DAILY',
  'RRULE:FREQ=DAILY',
  'rrule:freq=weekly;byday=mo,tu',
  'FREQ=MONTHLY;BYDAY=-1FR,MO(+1);BYSETPOS=-1',
  'FREQ=YEARLY;BYMONTH=1,12;BYMONTHDAY=-1;BYEASTER=0;BYWEEKNO=53;BYYEARDAY=-366',
  'FREQ=DAILY;UNTIL=20300101T000000Z;INTERVAL=2;WKST=MO;BYHOUR=9,17;BYMINUTE=0;BYSECOND=0',
  'FREQ=DAILY;UNTIL=2030-01-01;COUNT=3',
  'DTSTART:20240101T000000\nRRULE:FREQ=DAILY',
  'DTSTART;TZID=Europe/Berlin:20240101T090000\nRRULE:FREQ=DAILY\nEXDATE:20240103T090000',
  'DTSTART;VALUE=DATE:20240101\nRRULE:FREQ=DAILY',
  'RDATE:20240101T000000,20240102T000000',
  'RRULE:FREQ=DAILY\nEXRULE:FREQ=WEEKLY;BYDAY=SU'
])('%j is read', text => {
  expect(rruleProblem(text)).toBeUndefined()
})

test.each([
  ['', 'is empty'],
  ['INTERVAL=2', 'has no FREQ'],
  ['FREQ=FORTNIGHTLY', "'FORTNIGHTLY' is none of YEARLY"],
  ['FREQ=DAILY;FREQ=WEEKLY', 'has FREQ twice'],
  ['FREQ=DAILY;INTERVAL=0', 'must be a number from 1'],
  ['FREQ=DAILY;COUNT=x', 'must be a number from 0'],
  ['FREQ=DAILY;UNTIL=soon', 'is no date'],
  ['FREQ=DAILY;UNTIL=20300230', 'is a date that does not exist'],
  ['FREQ=DAILY;BYDAY=XX', 'is none of MO, TU'],
  ['FREQ=DAILY;BYHOUR=24', 'must be a number from 0 to 23'],
  ['FREQ=DAILY;BYMONTHDAY=32', 'must be 1 to 31, or -31 to -1'],
  ['FREQ=DAILY;EVERY=2', "has the unknown part 'EVERY'"],
  ['FREQ=DAILY;constructor=2', "has the unknown part 'CONSTRUCTOR'"],
  ['FREQ', 'which is not NAME=VALUE'],
  ['DTSTART:20240101T000000', 'has no rule, only a start'],
  ['DTSTART:20240101,20240102\nRRULE:FREQ=DAILY', 'several dates in DTSTART'],
  ['DTSTART;TZID=Mars/North:20240101T090000\nRRULE:FREQ=DAILY', "unknown time zone 'Mars/North'"],
  ['DURATION:1', "has 'DURATION'"],
  [`FREQ=DAILY;BYHOUR=${'1,'.repeat(4000)}1`, 'is longer than 6500']
])('%j is refused', (text, words) => {
  expect(rruleProblem(text)).toContain(words)
})
