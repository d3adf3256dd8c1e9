import { expect, test } from '@jest/globals'
import type { DeployedDeployment, DeployResult } from '../../../src/deployments/deploy/result.js'
import { deployedText } from '../../../src/publish/deployed.js'

const one = (
  state: DeployedDeployment['state'],
  rest: Partial<DeployedDeployment> = {}
): DeployedDeployment => ({
  flow: 'orders',
  name: state,
  id: 'x',
  state,
  changes: [],
  scheduledRunsMadeAnew: false,
  ...rest
})

const result = (dryRun: boolean, ...deployments: readonly DeployedDeployment[]): DeployResult => ({
  server: { url: 'http://127.0.0.1:4200/api', version: '3.9.1' },
  project: 'p',
  dryRun,
  deployments
})

const changes = [
  { field: 'job_variables.image', from: 'i:1', to: 'i:2' },
  { field: 'job_variables.env.A', from: null, to: '***' },
  { field: 'labels.flowstore.project', from: null, to: 'p' }
]

test('each deployment is a row with the fields that were updated', () => {
  const updated = one('updated', { changes, scheduledRunsMadeAnew: true })
  expect(deployedText(result(false, one('created'), updated, one('deleted'))).split('\n')).toEqual([
    '2 deployments: 1 created, 1 updated, 1 deleted (Prefect 3.9.1, http://127.0.0.1:4200/api)',
    '  created    orders/created',
    '  updated    orders/updated  job_variables.image, job_variables.env, labels',
    '  deleted    orders/deleted',
    'Scheduled runs made anew: orders/updated'
  ])
})

test('a dry run shows the values, but no secret', () => {
  expect(deployedText(result(true, one('changed', { changes }))).split('\n')).toEqual([
    '1 deployment: 1 changed (Prefect 3.9.1, http://127.0.0.1:4200/api)',
    '  changed    orders/changed',
    '               job_variables.image: i:1 -> i:2',
    '               job_variables.env.A: changed (not shown)',
    '               labels.flowstore.project: none -> p',
    'Nothing was written: this was a dry run.'
  ])
})

test('a dry run says what gone means', () => {
  expect(
    deployedText(result(true, one('unchanged'), one('gone')))
      .split('\n')
      .slice(-2)
  ).toEqual([
    'gone: an earlier deploy of this project wrote it, and no file has it any more; a deploy with prune deletes it',
    'Nothing was written: this was a dry run.'
  ])
})

test('a name from the file is no command of a CI service', () => {
  expect(deployedText(result(false, one('created', { name: 'a\n::error::x' })))).not.toMatch(/^::/m)
})
