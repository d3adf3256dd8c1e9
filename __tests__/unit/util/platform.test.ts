import { expect, test } from '@jest/globals'
import { parsePlatform } from '../../../src/util/platform.js'

test.each([
  ['linux/amd64', 'linux/amd64'],
  ['linux/arm64/v8', 'linux/arm64'],
  ['aarch64', 'linux/arm64']
])('the platform %s is %s', (text, platform) => {
  expect(parsePlatform(text)).toBe(platform)
})

test('several platforms are an error', () => {
  expect(() => parsePlatform('linux/amd64,linux/arm64')).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION' })
  )
})
