import { expect, test } from '@jest/globals'
import { releaseOf, serverFacts } from '../../../src/prefect-api/server.js'

test.each([
  ['2.13.8', [2, 13]],
  ['3.9.1+12.gabc', [3, 9]],
  ['v3.0', [3, 0]],
  ['dev', undefined]
])('%s', (version, release) => {
  expect(releaseOf(version)).toEqual(release)
})

test('Prefect Cloud, and a version that is none, count as the newest', () => {
  for (const version of [null, 'dev']) {
    expect(serverFacts(version)).toMatchObject({ hasLabels: true, hasScheduleParameters: true })
  }
})
