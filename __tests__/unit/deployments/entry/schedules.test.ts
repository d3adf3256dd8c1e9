import { describe, expect, test } from '@jest/globals'
import { readSchedule } from '../../../../src/deployments/entry/schedules.js'
import { Problems } from '../../../../src/deployments/problems.js'
import { readYaml } from '../../../../src/deployments/yaml.js'
import { deploymentRules } from '../../../../src/prefect/deployment-rules.js'

function schedule(yaml: string, prefect = '3.9.1') {
  const problems = new Problems()
  const read = readSchedule(
    readYaml(yaml, 'prefect.yaml'),
    deploymentRules(prefect),
    "'x'",
    problems
  )
  return {
    yaml: read?.yaml,
    body: read?.body,
    errors: problems.errors.map(({ line, message, hint }) => [line, message, hint]),
    warnings: problems.notices.map(({ line, message }) => [line, message])
  }
}

test.each([
  ['cron: 0 5 * * *', { cron: '0 5 * * *' }, {}],
  [
    '{cron: "@daily", timezone: Europe/Berlin, day_or: false}',
    { cron: '@daily', timezone: 'Europe/Berlin', day_or: false },
    {}
  ],
  [
    '{cron: "{{ $CRON }}", timezone: "{{ $ZONE }}"}',
    { cron: '{{ $CRON }}', timezone: '{{ $ZONE }}' },
    {}
  ],
  ['{cron: "@daily", interval: null, timezone: ~}', { cron: '@daily' }, {}],
  ['{cron: "@daily", active: no}', { cron: '@daily' }, { active: false }],
  ['{cron: "@daily", active: "True"}', { cron: '@daily' }, { active: true }],
  ['{cron: "@daily", active: "{{ $ON }}"}', { cron: '@daily' }, { active: '{{ $ON }}' }],
  [
    '{cron: "@daily", slug: daily, replaces: old, parameters: {a: 1}}',
    { cron: '@daily' },
    { slug: 'daily', replaces: 'old', parameters: { a: 1 } }
  ],
  ['interval: 3600', { interval: 3600 }, {}],
  ['interval: PT1H30M', { interval: 5400 }, {}],
  ['{interval: 60, anchor_date: 2024-01-31}', { interval: 60, anchor_date: '2024-01-31' }, {}],
  [
    '{interval: 60, anchor_date: 2024-01-31T09:30:00+01:00, timezone: UTC}',
    { interval: 60, anchor_date: '2024-01-31T09:30:00+01:00', timezone: 'UTC' },
    {}
  ],
  ['rrule: FREQ=DAILY', { rrule: 'FREQ=DAILY' }, {}]
])('%s is read', (yaml, inner, outer) => {
  expect(schedule(yaml)).toEqual({
    yaml: { ...inner, ...outer },
    body: { schedule: inner, ...outer },
    errors: [],
    warnings: []
  })
})

test('an rrule can be JSON text with its time zone', () => {
  const text = '{"rrule": "FREQ=DAILY", "timezone": "Europe/Berlin"}'
  expect(schedule(`rrule: '${text}'`)).toMatchObject({
    yaml: { rrule: text },
    body: { schedule: { rrule: 'FREQ=DAILY', timezone: 'Europe/Berlin' } },
    errors: []
  })
})

describe('an error has its line', () => {
  test.each([
    ['text', 1, 'must be a mapping'],
    ['{}', 1, 'has none of cron, interval and rrule; it needs exactly one'],
    ['timezone: UTC', 1, 'has none of'],
    ['cron: "@daily"\ninterval: 60', 1, 'has cron and interval; it needs exactly one of them'],
    ['cron: 0 25 * * *', 1, "a schedule of 'x': cron '0 25 * * *' has '25' as hour"],
    ['slug: a\ncron: 5', 2, 'has 1 field'],
    [
      'cron: "@daily"\ntimezone: Europe/Berln',
      2,
      "a schedule of 'x': timezone 'Europe/Berln' is no time zone"
    ],
    ['cron: "@daily"\nactive: maybe', 2, 'must be true or false'],
    ['cron: "@daily"\nday_or: 5', 2, 'must be true or false'],
    ['cron: "@daily"\nparameters: [a]', 2, 'must be a mapping'],
    ['cron: "@daily"\nslug: [a]', 2, 'must be text'],
    ['interval: hourly', 1, 'is no duration'],
    ['interval: 0', 1, 'must be longer than 0'],
    ['interval: "{{ $SECONDS }}"', 1, 'is a template, which Prefect does not fill there'],
    ['interval: 60\nanchor_date: tomorrow', 2, 'is no date'],
    ['interval: 60\nanchor_date: 2024-13-01', 2, 'is no date'],
    ['rrule: FREQ=NEVER', 1, 'is none of YEARLY'],
    ["rrule: '{'", 1, 'is neither a rule nor JSON'],
    ["rrule: '{}'", 1, 'is JSON without rrule'],
    [`rrule: '{"rrule": "FREQ=DAILY", "timezone": "Mars"}'`, 1, 'has an unknown time zone']
  ])('%j', (yaml, line, words) => {
    const { errors, yaml: read } = schedule(yaml)
    expect(read).toBeUndefined()
    expect(errors).toEqual([[line, expect.stringContaining(words), errors[0]?.[2]]])
  })
})

test('an unknown key is an error with the nearest one', () => {
  expect(schedule('cron: "@daily"\ntime_zone: UTC').errors).toEqual([
    [
      2,
      "a schedule of 'x' has the unknown key 'time_zone', and Prefect would skip the whole file",
      "Did you mean 'timezone'?"
    ]
  ])
})

test('a key that another kind of schedule needs is a warning', () => {
  expect(schedule('cron: "@daily"\nanchor_date: 2024-01-01').warnings).toEqual([
    [2, "a schedule of 'x': anchor_date has no effect without interval"]
  ])
})

test('what a release does not know is a warning, and no part of the request', () => {
  const { body, warnings } = schedule(
    'cron: "@daily"\nday_or: false\nslug: a\nreplaces: b\nparameters: {a: 1}',
    '2.20.27'
  )
  expect(body).toEqual({ schedule: { cron: '@daily' } })
  expect(warnings.map(([line]) => line)).toEqual([2, 5, 3, 4])
})
