import { expect, test } from '@jest/globals'
import { cronProblem } from '../../../../src/deployments/entry/cron.js'

// As croniter, in Prefect 3.9.1, judges them.
test.each([
  '0 5 * * *',
  '  0 5 * * *  ',
  '*/5 * * * *',
  '10/5 * * * *',
  '0-30/10,45 0 1,15 * *',
  '0 0 l * *',
  '0 0 1-l * *',
  '0 0 ? * mon',
  '0 0 * JAN-mar,12 *',
  '0 0 * dec-feb *',
  '0 0 * * 7',
  '0 0 * * fri-mon',
  '0 0 * * 5-7',
  '0 0 * * mon#2',
  '0 0 * * L5',
  '0 0 * * * 30',
  '0 0 * * * 30 2030',
  '@daily',
  '@Hourly',
  '@midnight',
  '@annually'
])('%s is read', text => {
  expect(cronProblem(text)).toBeUndefined()
})

test.each([
  ['', 'has 0 fields, not 5'],
  ['5', 'has 1 field, not 5'],
  ['* * * *', 'has 4 fields'],
  ['* * * * * * * *', 'has 8 fields'],
  ['@reboot', 'is none of @midnight, @hourly'],
  ['60 * * * *', "has '60' as minute: it must be 0 to 59"],
  ['* 24 * * *', "has '24' as hour: it must be 0 to 23"],
  ['* * 0 * *', "has '0' as day of the month: it must be 1 to 31"],
  ['* * 32 * *', 'it must be 1 to 31'],
  ['* * * 13 *', "has '13' as month"],
  ['* * * * 8', "has '8' as day of the week: it must be 0 to 7"],
  ['* * * * 7 0', 'it must be 0 to 6'],
  ['* * * * * 60', "has '60' as second"],
  ['* * * * * 0 1969', "has '1969' as year"],
  ['*/0 * * * *', 'the step after / must be a number from 1'],
  ['1-2/x * * * *', 'the step after / must be a number from 1'],
  ['1/2/3 * * * *', 'more than one /'],
  ['1-2-3 * * * *', 'a range has two ends'],
  ['- * * * *', 'is no number'],
  ['1, * * * *', 'is no number'],
  ['mon * * * *', "'mon' is no number"],
  ['* * * foo *', "'foo' is no number and none of jan, feb"],
  ['* * * * mon#6', 'the number after # must be 1 to 5'],
  ['* * * * mon#1,tue', 'can not stand beside other days'],
  ['? * * * *', '? is for the day of the month'],
  ['h * * * *', 'no random and hashed values'],
  ['r(0-5) * * * *', 'no random and hashed values']
])('%j is refused', (text, words) => {
  expect(cronProblem(text)).toContain(words)
})
