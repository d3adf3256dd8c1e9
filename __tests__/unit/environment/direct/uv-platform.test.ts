import { expect, test } from '@jest/globals'
import { uvPlatform } from '../../../../src/environment/direct/uv-platform.js'

test.each([
  ['linux/amd64', 'glibc 2.36', 'x86_64-manylinux_2_36'],
  ['linux/amd64', 'glibc 2.41', 'x86_64-manylinux_2_40'],
  ['linux/arm64', 'glibc 2.30', 'aarch64-manylinux_2_28'],
  ['linux/amd64', 'glibc 2.17', 'x86_64-manylinux_2_17'],
  ['linux/arm64', 'musl', 'aarch64-unknown-linux-musl']
])('%s with %s is %s for uv', (platform, libc, expected) => {
  expect(uvPlatform(platform, libc)).toBe(expected)
})

test.each([
  ['linux/s390x', 'glibc 2.36'],
  ['windows/amd64', 'glibc 2.36'],
  ['linux/amd64', 'glibc 2.12']
])('uv has no wheels for %s with %s', (platform, libc) => {
  expect(uvPlatform(platform, libc)).toBeUndefined()
})
