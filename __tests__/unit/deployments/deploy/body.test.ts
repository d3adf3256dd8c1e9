import { expect, test } from '@jest/globals'
import { bodyOf, bodyOfRecord, fitting, wireBody } from '../../../../src/deployments/deploy/body.js'
import { serverFacts } from '../../../../src/prefect-api/server.js'
import { entry } from '../../../helpers/deploy-documents.js'

const cron = { cron: '0 5 * * *' }
const at = (rest: object = {}) => ({
  schedule: cron,
  active: true,
  parameters: {},
  slug: null,
  ...rest
})

test('the fields of 2.13 are read as those of 3.x', () => {
  const { body } = entry('a', {
    infra_overrides: { image: 'i' },
    schedule: cron,
    is_schedule_active: false
  })
  expect(bodyOf({ ...body, job_variables: undefined })).toMatchObject({
    job_variables: { image: 'i' },
    schedules: [at()],
    paused: true
  })
})

test('a file without schedules says nothing of them, and one with none removes them', () => {
  expect(bodyOf(entry('a').body)).not.toHaveProperty('schedules')
  expect(bodyOf(entry('a', { schedules: [] }).body)).toMatchObject({ schedules: [] })
  expect(bodyOf(entry('a', { schedule: null }).body)).toMatchObject({ schedules: [] })
})

test.each([
  ['2.13.8', { infra_overrides: {}, schedule: cron, is_schedule_active: true }],
  ['2.16.9', { infra_overrides: {}, schedules: [{ schedule: cron, active: true }] }],
  ['2.20.27', { job_variables: {}, schedules: [{ schedule: cron, active: true }] }],
  ['3.1.0', { job_variables: {}, schedules: [{ schedule: cron, active: true }] }],
  ['3.9.1', { job_variables: {}, schedules: [at()] }],
  [null, { job_variables: {}, schedules: [at()] }]
])('a server of %p gets its own fields', (version, fields) => {
  const wire = wireBody(
    { name: 'a', job_variables: {}, schedules: [at()], paused: false },
    'id',
    serverFacts(version)
  )
  expect(wire).toEqual({
    name: 'a',
    flow_id: 'id',
    ...('schedules' in fields ? { paused: false } : {}),
    ...fields
  })
})

test('what a server does not take is left out, and said if it says something', () => {
  const given = { name: 'a', labels: {}, concurrency_limit: 2, concurrency_options: null }
  expect(fitting(given, serverFacts('2.20.27'))).toEqual({
    body: { name: 'a' },
    leftOut: ['concurrency_limit'],
    problem: undefined
  })
  expect(fitting({ name: 'a', labels: { team: 'x' } }, serverFacts('3.0.11')).leftOut).toEqual([
    'labels'
  ])
  expect(fitting(given, serverFacts('3.9.1'))).toMatchObject({ body: given, leftOut: [] })
})

test.each([
  [
    '3.1.0',
    [at({ parameters: { day: 1 } })],
    'a schedule has parameters, which servers have since 3.2'
  ],
  ['2.14.21', [at(), at()], 'it has several schedules, which servers have since 2.16']
])('a server of %s can not have such schedules', (version, schedules, problem) => {
  expect(fitting({ name: 'a', schedules }, serverFacts(version)).problem).toBe(problem)
})

test('a server with one schedule has an inactive one as a pause', () => {
  const { body } = fitting({ name: 'a', schedules: [at({ active: false })] }, serverFacts('2.13.8'))
  expect(wireBody(body, 'id', serverFacts('2.13.8'))).toMatchObject({
    schedule: cron,
    is_schedule_active: false
  })
})

const record = { id: 'd', name: 'a', flow_id: 'f' }

test('a record is written as it is: labels of the server are not, a shared limit by its id', () => {
  const labels = { 'prefect.flow.id': 'f', team: 'x' }
  const shared = { id: 'g', name: 'database', limit: 3 }
  expect(
    bodyOfRecord({ ...record, labels, global_concurrency_limit: shared }, serverFacts('3.9.1'))
  ).toMatchObject({
    labels: { team: 'x' },
    global_concurrency_limit_id: 'g'
  })
  const own = { id: 'g', name: 'deployment:d', limit: 3 }
  expect(
    bodyOfRecord({ ...record, global_concurrency_limit: own }, serverFacts('3.9.1'))
  ).toMatchObject({
    concurrency_limit: 3
  })
})

test('a record of 2.13 has its one schedule', () => {
  const old = {
    ...record,
    infra_overrides: { image: 'i' },
    schedule: cron,
    is_schedule_active: true
  }
  expect(bodyOfRecord(old, serverFacts('2.13.8'))).toMatchObject({
    job_variables: { image: 'i' },
    schedules: [at()],
    paused: false
  })
})
