import { describe, expect, test } from '@jest/globals'
import { failures, plan } from '../../../helpers/deployments.js'

/** A file with one trigger; each of its lines stands in a list below `triggers`. */
const file = (trigger: string) =>
  `deployments:\n- name: nightly\n  entrypoint: flows/orders.py:orders\n  work_pool: {name: docker}\n  triggers:\n  - ${trigger}\n`

const warnings = (trigger: string) =>
  plan(file(trigger)).notices.flatMap(({ level, line, message }) =>
    level === 'warning' ? [`${line ?? ''} ${message}`] : []
  )

describe('a trigger', () => {
  test.each([
    '{expect: [a.b], match: {x: [y]}, within: PT1M, threshold: "2", enabled: "{{ $ON }}"}',
    '{expect: "{{ prefect.variables.events }}"}',
    '{posture: Proactive, expect: [a], within: 10}',
    '{type: compound, require: 1, within: 60, triggers: [{expect: [a]}, {expect: [b]}]}',
    '{type: sequence, triggers: [{expect: [a]}, {type: compound, require: any, triggers: [{expect: [b]}]}]}',
    '{type: metric, posture: Metric, metric: {name: lateness}}',
    '{expect: [a], schedule_after: 60, parameters: {day: "{{ event.name }}"}, job_variables: {a: 1}}'
  ])('%s is fine', trigger => {
    expect(warnings(trigger)).toEqual([])
  })

  test.each([
    ['{expect: a}', 'expect that is not a list of texts'],
    ['{match: a}', 'match that is not a mapping'],
    ['{expect: [a], within: soon}', 'within that is not a number of seconds or a duration'],
    ['{expect: [a], within: -1}', 'within that is not'],
    ['{expect: [a], threshold: many}', 'threshold that is not a whole number'],
    ['{expect: [a], parameters: [b]}', 'parameters that is not a mapping'],
    [
      '{expect: [a], posture: reactive}',
      "posture 'reactive', which is none of Reactive, Proactive"
    ],
    ['{expect: [a], posture: Proactive, within: 5}', 'within must be at least 10 seconds'],
    [
      '{type: evnt, expect: [a]}',
      "type 'evnt', which is none of event, metric, compound, sequence"
    ],
    ['{type: metric}', 'has no metric'],
    ['{type: compound, require: all}', 'is of the type compound and has no list of triggers'],
    ['{type: sequence, triggers: [a]}', 'has triggers that are no mappings'],
    ['{type: compound, require: most, triggers: [{expect: [a]}]}', "has require 'most'"],
    ['{type: compound, require: 2, triggers: [{expect: [a]}]}', "has require '2'"],
    ['{type: sequence, triggers: [{expect: a}]}', 'expect that is not a list of texts']
  ])('%s is an error on its line', (trigger, words) => {
    const [first] = failures(() => plan(file(trigger)))
    expect(first?.text).toContain(words)
    expect(first?.text).toMatch(
      /^DEPLOYMENT prefect.yaml:6 a trigger of the deployment 'orders\/nightly' /
    )
  })

  test.each([
    [
      '{expct: [a], match: {b: c}}',
      "has the key 'expct', which Prefect does not read; did you mean"
    ],
    ['{expect: [a], foo: 1}', "has the key 'foo', which Prefect does not read"],
    ['{name: all}', 'every event starts a run']
  ])('%s is a warning on its line', (trigger, words) => {
    expect(warnings(trigger)).toEqual([expect.stringContaining(words)])
    expect(warnings(trigger)[0]).toMatch(/^6 /)
  })
})
