import { expect, test } from '@jest/globals'
import { errorsOf } from '../../../src/errors.js'
import { checkOptions, type RawOptions } from '../../../src/options/options.js'
import { OWN_PLATFORM } from '../../../src/util/platform.js'

const checked = (raw: RawOptions) =>
  checkOptions({ flows: 'a.py', 'registry-url': 'r.test', platforms: BOTH, ...raw }, '/work')

/** The messages of the errors about options. */
function messagesOf(raw: RawOptions): readonly string[] {
  try {
    checked(raw)
    return []
  } catch (error) {
    return errorsOf(error).map(({ message }) => message)
  }
}

const BOTH = 'linux/arm64,linux/amd64'
const FOREIGN = OWN_PLATFORM === 'linux/amd64' ? 'linux/arm64' : 'linux/amd64'

test.each([BOTH, 'linux/amd64\nlinux/arm64/v8', 'x86_64, aarch64, linux/amd64'])(
  'the platforms %j are two',
  platforms => {
    expect(checked({ platforms }).platforms).toEqual(['linux/amd64', 'linux/arm64'])
  }
)

test.each<[string, RawOptions, string]>([
  ['no push', { push: 'false' }, "can't hold an index"],
  ['the daemon as builder', { builder: 'daemon' }, 'builds only for the platform of the daemon'],
  ['a build of the flows by the daemon', { assemble: 'build' }, 'for one platform'],
  ['extra instructions', { 'extra-dockerfile-commands': 'RUN true' }, 'needs emulation'],
  ['an image of the daemon', { 'local-image': 'true' }, 'has one platform'],
  [
    'a platform in build-kwargs too',
    { 'build-kwargs': '{"platform": "linux/amd64"}' },
    'set twice'
  ],
  ['another storage', { storage: 'local' }, '`platforms` work only with'],
  [
    'a platform that only emulation builds',
    { platforms: `${BOTH},linux/s390x` },
    'has linux/s390x'
  ],
  ['a text that is no platform', { platforms: 'linux/a/b/c' }, 'is not os/architecture'],
  [
    'a list without this machine',
    { platforms: `${FOREIGN},linux/s390x` },
    `lacks ${OWN_PLATFORM}, the platform of this machine`
  ]
])('several platforms are refused with %s', (_title, raw, message) => {
  expect(messagesOf(raw)).toContainEqual(expect.stringContaining(message))
})
