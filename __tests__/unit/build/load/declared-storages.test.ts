import { expect, test } from '@jest/globals'
import { checkOptions, type RawOptions } from '../../../../src/options/options.js'
import { mergeDeclaredStorages } from '../../../../src/build/load/declared-storages.js'
import { sameEnvironment } from '../../../../src/options/identity.js'
import type { FlowWithStorage } from '../../../../src/flows/flow.js'

const options = (raw: RawOptions = {}) =>
  checkOptions({ flows: 'a.py', push: 'false', ...raw }, '/')

const flow = (
  name: string,
  type: string | null,
  own: Record<string, unknown> = {},
  runImage: string | null = null
): FlowWithStorage => ({
  name,
  module: `${name}.py`,
  line: 3,
  storage: type === null ? null : { type, options: own },
  runImage
})

const declared = (path: string) => path === 'data.csv'

test('what no option says is taken from the module; lists and tables are joined', () => {
  const before = options({ 'python-dependencies': 'pandas', 'env-vars': 'A=1' })
  const {
    options: merged,
    notices,
    secrets,
    flows
  } = mergeDeclaredStorages(
    before,
    [
      flow('one', 'Docker', {
        registry_url: 'gcr.io/team',
        base_image: 'python:3.8',
        python_dependencies: ['pandas', 'numpy'],
        env_vars: { A: '1', B: '2' },
        files: { 'data.csv': '/srv/data.csv' },
        secrets: ['AWS']
      }),
      flow('two', 'Docker', { python_dependencies: ['scipy'] }),
      flow('plain', null)
    ],
    declared
  )
  expect(merged).toMatchObject({
    registryUrl: 'gcr.io/team',
    baseImage: 'python:3.8',
    pythonDependencies: ['pandas', 'numpy', 'scipy'],
    envVars: { A: '1', B: '2' },
    files: [{ source: 'data.csv', destination: '/srv/data.csv' }]
  })
  expect([notices, secrets, flows.length]).toEqual([[], ['AWS'], 3])
  expect(sameEnvironment(before, merged)).toBe(false)
})

test('an option wins, and each difference is named with its flow, file and line', () => {
  const before = options({
    'registry-url': 'ghcr.io/acme',
    'env-vars': 'A=1',
    'base-image': 'python:3.9'
  })
  const {
    options: merged,
    notices,
    conflicts
  } = mergeDeclaredStorages(
    before,
    [
      flow('one', 'Docker', {
        registry_url: 'gcr.io/team',
        base_image: 'python:3.9',
        image_name: 'first',
        env_vars: { A: '2' }
      }),
      flow('two', 'Docker', { image_name: 'second', ignore_healthchecks: true }, 'other:image'),
      flow('three', 'Local', { directory: '/x' })
    ],
    declared
  )
  expect([merged.registryUrl, merged.imageName, merged.envVars]).toEqual([
    'ghcr.io/acme',
    'first',
    { A: '1' }
  ])
  expect(
    notices.map(notice => `${notice.file ?? ''}:${notice.line ?? ''} ${notice.message}`)
  ).toEqual([
    'one.py:3 flow "one": its registry_url is gcr.io/team; the option is ghcr.io/acme',
    'one.py:3 flow "one": its env_vars set another A; the first value is used',
    'two.py:3 flow "two": its run_config names the image other:image; agents run it in the storage\'s image',
    'two.py:3 flow "two": its image_name is second; that of flow "one" is used: first',
    'two.py:3 flow "two": it sets ignore_healthchecks; healthchecks run all the same',
    'three.py:3 flow "three": its module sets Local storage; it is stored in docker storage'
  ])
  expect(conflicts.map(error => error.code)).toEqual(Array(6).fill('STORAGE_CONFLICT'))
  expect(sameEnvironment(before, merged)).toBe(true)
})

test('flows of other storages are skipped unless storage is given', () => {
  const flows = [flow('one', 'S3', { bucket: 'b' }), flow('two', null)]
  const left = mergeDeclaredStorages(options(), flows, declared)
  expect(left.flows.map(({ name }) => name)).toEqual(['two'])
  expect(left.notices[0]?.message).toContain(
    'flow "one" has S3 storage in its module and is skipped'
  )
  expect(left.conflicts).toEqual([])
  const taken = mergeDeclaredStorages(options({ storage: 'docker' }), flows, declared)
  expect(taken.flows.length).toBe(2)
  expect(taken.notices[0]?.message).toContain(
    'its module sets S3 storage; it is stored in docker storage'
  )
})

test('a module gets no file of this machine and chooses no path on it', () => {
  const image = mergeDeclaredStorages(
    options(),
    [
      flow('one', 'Docker', {
        files: { '/etc/passwd': '/x', '../up.txt': '/y' },
        dockerfile: '/etc/shadow',
        build_kwargs: { network_mode: 'host' }
      })
    ],
    declared
  )
  expect(image.notices.map(notice => notice.message)).toEqual([
    'flow "one": its dockerfile /etc/shadow is not accepted from a module; set the option',
    'flow "one": its build_kwargs {"network_mode":"host"} is not accepted from a module; set the option',
    'flow "one": its files name /etc/passwd, which is not one of the declared sources',
    'flow "one": its files name ../up.txt, which is not one of the declared sources'
  ])
  expect(image.options).toEqual(options())
  const own = [flow('one', 'Local', { directory: '/mnt/flows' })]
  const contained = mergeDeclaredStorages(
    options({ storage: 'local', 'load-in': 'image' }),
    own,
    declared
  )
  expect([contained.options.directory, contained.notices.length]).toEqual([undefined, 1])
  const trusted = mergeDeclaredStorages(options({ storage: 'local' }), own, declared)
  expect([trusted.options.directory, trusted.notices.length]).toEqual(['/mnt/flows', 0])
})
