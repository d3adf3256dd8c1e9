import { expect, test } from '@jest/globals'
import { deploymentRules } from '../../../src/prefect/deployment-rules.js'

test.each([
  ['2.13.8', 'infra_overrides', 'one', false, false],
  ['2.17.1', 'job_variables', 'several', false, false],
  ['2.20.27', 'job_variables', 'several', false, false],
  ['3.0.11', 'job_variables', 'several', true, false],
  ['3.2.15', 'job_variables', 'several', true, true],
  ['3.9.1', 'job_variables', 'several', true, true],
  ['4.0.0', 'job_variables', 'several', true, true]
])('%s has its rules', (prefect, jobVariables, schedules, concurrency, parameters) => {
  expect(deploymentRules(prefect)).toMatchObject({
    jobVariables,
    schedules,
    concurrency,
    enforceParameterSchema: concurrency,
    scheduleParameters: parameters
  })
})
