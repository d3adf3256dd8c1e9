import { expect, test } from '@jest/globals'
import { DockerStorage } from '../../../src/storage/docker.js'
import { LOAD_SETTINGS } from '../../../src/prefect/pickled-flows.js'
import {
  expectedRules,
  isSupported,
  newerText,
  NEWEST_WITH_STORAGES,
  rulesFor
} from '../../../src/prefect/releases.js'

test.each(['0.5.2', '0.5.3', '2.0.0', '2.12.1', '4.0.0', 'master'])(
  'Prefect %s is refused with the range',
  release => {
    expect(isSupported(release)).toBe(false)
    expect(() => rulesFor(release)).toThrow(
      expect.objectContaining({
        message: `Prefect ${release} is not supported; 0.5.4 to 1.4.1 and 2.13.0 to 3.9.1 are`,
        hint: 'Prefect has flow storage from 0.5.3 on. Releases from 2.0 to 2.12 have no deployments with an image and pull steps. Newer releases of Prefect 3 are treated like 3.9.1; Prefect 4 is not known to this version of flowstore. Set prefect-version to a supported release, or require one.'
      })
    )
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
  expect([rules.storages.local.type, rules.dockerFolder, rules.release]).toEqual([
    type,
    folder,
    release
  ])
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
    expect([rules.documents.includes('flows.json'), rules.storageLabels]).toEqual([reads, labels])
  }
)

test.each([
  ['0.5.4', '3.6', '3.8'],
  ['0.14.0', '3.6', '3.10'],
  ['0.15.13', '3.6', '3.11'],
  ['1.1.0', '3.7', '3.11'],
  ['1.2.0', '3.7', '3.12'],
  ['1.4.1', '3.7', '3.13'],
  ['2.20.10', '3.8', '3.13'],
  ['2.20.11', '3.8', '3.12'],
  ['2.20.24', '3.8', '3.12'],
  ['2.20.25', '3.8', '3.13']
])('Prefect %s runs on Python %s to %s', (release, oldest, newest) => {
  const { pythons } = rulesFor(release)
  expect([pythons[0], pythons.at(-1)]).toEqual([oldest, newest])
})

test.each([
  ['0.10.7', ['docker', 'local', 'memory', 'bytes']],
  ['0.11.0', ['docker', 'local']]
])('Prefect %s has classes for the storages %j', (release, kinds) => {
  const { storages } = rulesFor(release)
  const readable = Object.entries(storages).filter(([, storage]) => storage.readable)
  expect(readable.map(([kind]) => kind)).toEqual(kinds)
})

test('files hold the raw pickle before 0.14.3 and an envelope since; bytes storage always the pickle', () => {
  const contents = (release: string) => {
    const { storages } = rulesFor(release)
    return [storages.docker.content, storages.local.content, storages.bytes.content]
  }
  expect(contents('0.14.2')).toEqual(['pickle', 'pickle', 'pickle'])
  expect(contents('0.14.3')).toEqual(['envelope', 'envelope', 'pickle'])
})

test('a git ref has the rules of the newest release with storages', () => {
  expect(expectedRules('master')).toEqual(rulesFor(NEWEST_WITH_STORAGES))
  expect(expectedRules('0.5.4')).toEqual(rulesFor('0.5.4'))
})

test('the loader gets the releases that change its work from the table', () => {
  expect(LOAD_SETTINGS).toEqual({
    pickleProtocols: [{ since: '0.14.3', protocol: 4 }],
    flowsJson: { since: '0.14.13', labelsSince: '0.14.21' }
  })
})

test('a storage says which release has an option, unless none of its generation has', () => {
  const docker = (release: string) => () => new DockerStorage({ release, prefectDirectory: '/p' })
  expect(docker('0.12.1')).toThrow('has no prefect_directory; Prefect 0.12.2 and later have it')
  expect(docker('3.9.1')).toThrow(/has no prefect_directory$/)
})

test('a flow’s location depends on its storage and on the release', () => {
  const flow = { name: 'Über flöw', slug: 'uber-flow' }
  const locations = (release: string) => {
    const rules = rulesFor(release)
    const now = Date.parse('2020-01-02T03:04:05.678Z')
    return [
      { kind: 'docker', prefectDirectory: undefined } as const,
      { kind: 'docker', prefectDirectory: '/srv' } as const,
      { kind: 'local', directory: '/flows', now } as const,
      { kind: 'memory' } as const,
      { kind: 'bytes' } as const
    ].map(storage => rules.generation.location(rules, storage, flow))
  }
  expect(locations('0.9.8')).toEqual([
    '/root/.prefect/flows/uber-flow.prefect',
    '/srv/flows/uber-flow.prefect',
    '/flows/uber-flow.prefect',
    'Über flöw',
    'Über flöw'
  ])
  expect(locations('1.4.1').slice(0, 3)).toEqual([
    '/opt/prefect/flows/uber-flow.prefect',
    '/srv/flows/uber-flow.prefect',
    '/flows/uber-flow/2020-01-02t03-04-05-678000-00-00'
  ])
})

test('a release after the newest one is told, and only of the generation that gets releases', () => {
  expect(newerText('3.10.0')).toBe(
    'Prefect 3.10.0 is newer than 3.9.1, the newest release that this version of flowstore knows: it is treated like that one'
  )
  expect(['3.9.1', '3.9.1+5.gabc', '3.4.25', '1.4.1+3.gabc', '4.0.0', ''].map(newerText)).toEqual(
    Array(6).fill(undefined)
  )
  expect(rulesFor('3.10.0').requiresPython).toBe(rulesFor('3.9.1').requiresPython)
})
