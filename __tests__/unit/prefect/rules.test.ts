import { expect, test } from '@jest/globals'
import { pinnedPrefect, prefectRequirements, rulesFor } from '../../../src/prefect/rules.js'

test.each(['0.5.2', '0.5.3', '2.0.0', '3.1.4', 'master'])(
  'Prefect %s is refused with the range',
  release => {
    expect(() => rulesFor(release)).toThrow('0.5.4 to 1.4.1')
  }
)

test.each([
  ['0.5.3+275.g38ab45053a', 'LocalStorage', '/root/.prefect'],
  ['0.6.0', 'Local', '/root/.prefect'],
  ['0.7.1', 'Local', '/root/.prefect/flows'],
  ['0.10.7', 'Local', '/root/.prefect/flows'],
  ['0.11.0', 'Local', '/opt/prefect/flows'],
  ['1.0rc1', 'Local', '/opt/prefect/flows']
])('Prefect %s has a %s and keeps image flows in %s', (release, type, folder) => {
  const rules = rulesFor(release)
  expect([rules.localType, rules.dockerFolder, rules.release]).toEqual([type, folder, release])
})

test.each([
  ['0.14.12', false, false],
  ['0.14.13', true, false],
  ['0.14.20', true, false],
  ['0.14.21', true, true],
  ['1.4.1', true, true]
])(
  'Prefect %s: reads flows.json %p, gives flows their storage’s labels %p',
  (release, reads, labels) => {
    const rules = rulesFor(release)
    expect([rules.flowsJson, rules.storageLabels]).toEqual([reads, labels])
  }
)

test.each([
  ['0.5.4', '3.6', '3.8'],
  ['0.14.0', '3.6', '3.10'],
  ['0.15.13', '3.6', '3.11'],
  ['1.1.0', '3.7', '3.11'],
  ['1.2.0', '3.7', '3.12'],
  ['1.4.1', '3.7', '3.13']
])('Prefect %s runs on Python %s to %s', (release, oldest, newest) => {
  const { pythons } = rulesFor(release)
  expect([pythons[0], pythons.at(-1)]).toEqual([oldest, newest])
})

test('a release is installed from PyPI with its pins, a ref from git', () => {
  expect(prefectRequirements('1.4.1')).toEqual(['prefect==1.4.1', 'urllib3<2', 'marshmallow<4'])
  expect(prefectRequirements('0.6.7')).toEqual(['prefect==0.6.7', 'dask[bag]<2021'])
  expect(prefectRequirements('master')[0]).toContain('@master#egg=prefect')
})

test('the pinned Prefect is found among requirement lines', () => {
  expect(
    pinnedPrefect(['# prefect==9', 'pandas', "prefect[aws]==1.4.1 ; python_version > '3'"])
  ).toBe('1.4.1')
  expect(pinnedPrefect(['prefect>=1', 'prefect-client==2.0'])).toBeUndefined()
})
