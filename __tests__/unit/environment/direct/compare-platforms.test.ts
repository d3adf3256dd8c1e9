import { expect, test } from '@jest/globals'
import { comparePlatforms } from '../../../../src/environment/direct/compare-platforms.js'
import { logWithLines } from '../../../helpers/stages.js'

const PACKAGES = { prefect: '1.4.1', cloudpickle: '3.1.2' }

/** Compares an environment of amd64 with one of arm64. */
function compare(more: Readonly<Record<string, string>>, python = '3.9.18') {
  const { log, lines } = logWithLines()
  const amd64 = { python: '3.9.18', packages: { ...PACKAGES, numpy: '2.0.2' } }
  const arm64 = { python, packages: { ...PACKAGES, numpy: '2.0.2', ...more } }
  comparePlatforms(
    [
      { platform: 'linux/amd64', facts: amd64 },
      { platform: 'linux/arm64', facts: arm64 }
    ],
    log
  )
  return { notices: log.notices, lines }
}

test('platforms with the same packages are not worth a word', () => {
  expect(compare({}, '3.9.19')).toEqual({ notices: [], lines: [] })
})

test('a warning names a package whose version differs, with both versions', () => {
  expect(compare({ numpy: '1.26.4' }).notices).toEqual([
    {
      level: 'warning',
      message: expect.stringContaining('numpy 2.0.2 (linux/amd64), 1.26.4 (linux/arm64)')
    }
  ])
})

test('a package that one platform does not need is only in the log', () => {
  expect(compare({ greenlet: '3.1.1' })).toEqual({
    notices: [],
    lines: ['Not on every platform: greenlet none (linux/amd64), 3.1.1 (linux/arm64)']
  })
})

test.each([
  ['Prefect', { prefect: '1.4.0' }, '3.9.18', /prefect 1\.4\.1 .*, 1\.4\.0/],
  ['cloudpickle', { cloudpickle: '2.2.1' }, '3.9.18', /cloudpickle 3\.1\.2 .*, 2\.2\.1/],
  ['Python', {}, '3.10.1', /Python 3\.9 .*, 3\.10 \(linux\/arm64\)/]
])('platforms that differ in %s are an error', (_what, packages, python, message) => {
  expect(() => compare(packages as Record<string, string>, python)).toThrow(message)
})
