import { expect, test } from '@jest/globals'
import { tagVersion, withoutV } from '../../../src/ci/version.js'

test.each([
  ['v1.4.2', '1', '4', false],
  ['2', '2', undefined, false],
  ['v1.4.2+build.7', '1', '4', false],
  ['1.4.2.post1', '1', '4', false],
  ['2024.05.01', '2024', '05', false],
  ['v2.0.0-rc.1', '2', '0', true],
  ['v2.0.0-rc.1+7', '2', '0', true],
  ['1.4rc1', '1', '4', true],
  ['1.4.dev2', '1', '4', true]
])('%s is the version %s.%s', (tag, major, minor, isPrerelease) => {
  expect(tagVersion(tag)).toEqual({ major, minor, isPrerelease })
})

test.each(['nightly', 'flows-1.2', 'vNext', ''])('the tag "%s" is no version', tag => {
  expect(tagVersion(tag)).toBeUndefined()
})

test('only a v before a number is left out', () => {
  expect(['v1.2', 'very'].map(withoutV)).toEqual(['1.2', 'very'])
})
