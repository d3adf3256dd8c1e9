import { expect, test } from '@jest/globals'
import { jobVariableProblems } from '../../../../src/deployments/deploy/job-variables.js'
import { DOCKER_POOL } from '../../../helpers/deployments-api.js'

const pool = (type: string, properties: object, rest: object = {}) => ({
  name: type,
  type,
  base_job_template: { variables: { type: 'object', properties, ...rest } }
})

test('what the pool knows is no problem, whether it is set or not', () => {
  expect(
    jobVariableProblems(
      { image: 'i', env: { A: 'b' }, 'env.C': 'd', mem_limit: null, network: { mtu: 1 } },
      DOCKER_POOL
    )
  ).toEqual([])
})

test.each([
  [{ env: { A: 1 } }, 'the job variable "env.A" must be text, not an integer'],
  [{ volumes: 'a:b' }, 'the job variable "volumes" must be a list, not text'],
  [{ network: { mtu: 'x' } }, 'the job variable "network.mtu" must be an integer, not text'],
  [{ image_pull_policy: 'Sometimes' }, 'must be one of "Always", "Never"']
])('%j is an error with its field', (variables, words) => {
  expect(jobVariableProblems({ image: 'i', ...variables }, DOCKER_POOL)).toEqual([
    { level: 'error', message: expect.stringContaining(words) }
  ])
})

test('an unknown variable has no effect, so it is a warning with the nearest name', () => {
  expect(jobVariableProblems({ image: 'i', volume: [] }, DOCKER_POOL)).toEqual([
    {
      level: 'warning',
      message: expect.stringContaining(
        'no job variable "volume", so it has no effect; did you mean "volumes"?'
      )
    }
  ])
})

test('an image that the pool does not know is an error: runs would not use it', () => {
  expect(jobVariableProblems({ image: 'i' }, pool('process', { env: {} }))).toEqual([
    {
      level: 'error',
      message: expect.stringContaining('"process" (type process) has no job variable "image"'),
      hint: expect.any(String)
    }
  ])
})

test.each([
  ['the pool', { task_definition_arn: { default: 'arn:x' } }, {}],
  ['the deployment', { task_definition_arn: {} }, { task_definition_arn: 'arn:x' }]
])(
  'a task definition of %s is an error: runs on ECS would not use the image',
  (_, properties, variables) => {
    const ecs = pool('ecs', { image: { type: 'string' }, ...properties })
    expect(jobVariableProblems({ image: 'i', ...variables }, ecs)).toEqual([
      {
        level: 'error',
        message: expect.stringContaining('its runs would use the image of that'),
        hint: expect.stringContaining('task_definition_arn')
      }
    ])
  }
)

test('a pool without a template, or one that allows more, knows everything but an image', () => {
  expect(
    jobVariableProblems({ a: 1 }, { name: 'p', type: 'process', base_job_template: {} })
  ).toEqual([])
  expect(jobVariableProblems({ a: 1 }, pool('x', {}, { additionalProperties: true }))).toEqual([])
})

test('without a task definition, runs in containers need an image, of the deployment or of the pool', () => {
  const docker = pool('docker', { image: { type: 'string' } })
  expect(jobVariableProblems({}, docker)).toEqual([
    {
      level: 'error',
      message: expect.stringContaining('"docker" (type docker) are containers'),
      hint: expect.stringContaining('docker storage')
    }
  ])
  expect(jobVariableProblems({}, pool('docker', { image: { default: 'i' } }))).toEqual([])
  const ecs = pool('ecs', { image: {}, task_definition_arn: { default: 'arn:x' } })
  expect(jobVariableProblems({}, ecs)).toEqual([])
  expect(jobVariableProblems({}, pool('process', { env: {} }))).toEqual([])
})

test('flows in a folder are found only where it is: a warning for an image, and none for a process', () => {
  const docker = pool('docker', { image: { default: 'ghcr.io/acme/base:1' } })
  expect(jobVariableProblems({}, docker, '/srv/shop')).toEqual([
    {
      level: 'warning',
      message: expect.stringMatching(/folder \/srv\/shop .* image "ghcr.io\/acme\/base:1"/)
    }
  ])
  const process = pool('process', { env: {} })
  expect(jobVariableProblems({}, process, '/srv/shop')).toEqual([])
  expect(jobVariableProblems({ image: 'i' }, process, '/srv/shop')).toEqual([
    { level: 'warning', message: expect.stringContaining('so it has no effect') }
  ])
})
