import { describe, expect, test } from '@jest/globals'
import { checkOptions, type RawOptions } from '../../../../src/options/options.js'
import { mergeModuleStorages } from '../../../../src/build/load/module-storages.js'
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

const merge = (before: ReturnType<typeof options>, flows: readonly FlowWithStorage[]) =>
  mergeModuleStorages(before, flows, declared)

const messages = ({ notices }: ReturnType<typeof merge>): string[] =>
  notices.map(notice => `${notice.file ?? ''}:${notice.line ?? ''} ${notice.message}`)

test('a value that no option sets is taken from the module', () => {
  const { options: merged, notices } = merge(options(), [
    flow('one', 'Docker', { prefect_version: '1.4.1', base_image: 'python:3.8' }),
    flow('plain', null)
  ])
  expect(merged).toMatchObject({ prefectVersion: '1.4.1', baseImage: 'python:3.8' })
  expect(notices).toEqual([])
})

test('lists and tables of modules are joined with those of the options', () => {
  const { options: merged, notices } = merge(
    options({ 'python-dependencies': 'pandas', 'env-vars': 'A=1' }),
    [
      flow('one', 'Docker', {
        python_dependencies: ['pandas', 'numpy'],
        env_vars: { A: '1', B: '2' },
        files: { 'data.csv': '/srv/data.csv' }
      }),
      flow('two', 'Docker', { python_dependencies: ['scipy'] })
    ]
  )
  expect(merged).toMatchObject({
    pythonDependencies: ['pandas', 'numpy', 'scipy'],
    envVars: { A: '1', B: '2' },
    files: [{ source: 'data.csv', destination: '/srv/data.csv' }]
  })
  expect(notices).toEqual([])
})

test('the secrets of a module are kept', () => {
  const flows = [flow('one', 'Docker', { secrets: ['AWS'] }), flow('plain', null)]
  const { secrets, flows: kept } = merge(options(), flows)
  expect([secrets, kept.length]).toEqual([['AWS'], 2])
})

test('a module’s dependency makes another environment', () => {
  const before = options({ 'python-dependencies': 'pandas' })
  const flows = [flow('one', 'Docker', { python_dependencies: ['numpy'] })]
  expect(sameEnvironment(before, merge(before, flows).options)).toBe(false)
})

describe('when modules differ from the options or from each other', () => {
  const before = options({
    'registry-url': 'ghcr.io/acme',
    'env-vars': 'A=1',
    'base-image': 'python:3.9'
  })
  const merged = merge(before, [
    flow('one', 'Docker', {
      registry_url: 'gcr.io/team',
      base_image: 'python:3.9',
      prefect_directory: '/first',
      env_vars: { A: '2' }
    }),
    flow(
      'two',
      'Docker',
      { prefect_directory: '/second', image_tag: 'v1', ignore_healthchecks: true },
      'other:image'
    ),
    flow('three', 'Local', { directory: '/x' })
  ])

  test('the option wins, then the first module', () => {
    const { registryUrl, prefectDirectory, envVars } = merged.options
    expect([registryUrl, prefectDirectory, envVars]).toEqual(['ghcr.io/acme', '/first', { A: '1' }])
  })

  test('each difference gets a notice with flow, file and line', () => {
    expect(messages(merged)).toEqual([
      'one.py:3 flow "one": its registry_url is gcr.io/team; the option is ghcr.io/acme',
      'one.py:3 flow "one": its env_vars set A to another value; the first value is used',
      'two.py:3 flow "two": its run_config names the image other:image; agents run it in the storage\'s image',
      'two.py:3 flow "two": its image_tag is v1; only the option image-tag sets the tag',
      'two.py:3 flow "two": its prefect_directory is /second; that of flow "one" is used: /first',
      'two.py:3 flow "two": it sets ignore_healthchecks; healthchecks still run',
      'three.py:3 flow "three": its module sets Local storage; it is stored in docker storage'
    ])
  })

  test('each difference is a conflict', () => {
    expect(merged.conflicts.map(error => error.code)).toEqual(Array(7).fill('STORAGE_CONFLICT'))
  })

  test('the option decides where the image is pushed, so the modules need not agree', () => {
    expect(merged.errors.map(error => error.message)).toEqual([])
  })
})

describe('a flow with a storage of another class', () => {
  const flows = [flow('one', 'S3', { bucket: 'b' }), flow('two', null)]

  test('is skipped with a notice, which is not a conflict', () => {
    const skipped = merge(options(), flows)
    expect(skipped.flows.map(({ name }) => name)).toEqual(['two'])
    expect(skipped.notices[0]?.message).toBe(
      'flow "one" is not stored here: its module sets S3 storage; prefect register uploads the flow there. Set the option storage to store it here instead: it wins over the module'
    )
    expect(skipped.conflicts).toEqual([])
    expect(skipped.noneStored).toBeUndefined()
  })

  test('is named by an error if there is no other flow', () => {
    const own = flow('two', 'Own')
    const { noneStored } = merge(options(), [...flows.slice(0, 1), own])
    expect(noneStored?.message).toBe(
      'no flow to store: each of the 2 flows sets a storage that flowstore does not fill'
    )
    expect(noneStored?.detail?.split('\n')).toEqual([
      expect.stringMatching(/^flow "one" \(.*:\d+\): its module sets S3 storage; /),
      expect.stringMatching(
        /^flow "two" .*: its module sets a storage that flowstore does not know$/
      )
    ])
  })

  test('is stored if the option storage is given', () => {
    const taken = merge(options({ storage: 'docker' }), flows)
    expect(taken.flows.length).toBe(2)
    expect(taken.notices[0]?.message).toContain(
      'its module sets S3 storage; it is stored in docker storage'
    )
  })
})

test('a module can’t name files and settings of this machine', () => {
  const image = merge(options(), [
    flow('one', 'Docker', {
      files: { '/etc/passwd': '/x', '../up.txt': '/y' },
      dockerfile: '/etc/shadow',
      build_kwargs: { network_mode: 'host' }
    })
  ])
  expect(image.errors.map(error => error.message)).toEqual([
    'flow "one": its dockerfile is /etc/shadow, which is not one of the declared sources',
    'flow "one": its files name /etc/passwd, which is not one of the declared sources',
    'flow "one": its files name ../up.txt, which is not one of the declared sources'
  ])
  expect(messages(image)).toEqual([
    'one.py:3 flow "one": its build_kwargs {"network_mode":"host"} is not accepted from a module; set the option'
  ])
  expect(image.options).toEqual(options())
})

test.each([
  [
    'python_dependencies',
    'pandas',
    "its python_dependencies can't be used: it must be",
    'Correct it in the module.'
  ],
  ['secrets', 'AWS', 'must be a list', 'Correct it in the module.'],
  ['files', { 'no.csv': '/srv/no.csv' }, 'name no.csv', 'if the option files has it too'],
  ['dockerfile', 'no/Dockerfile', 'is no/Dockerfile', 'set the option dockerfile: it wins'],
  ['build_kwargs', { pul: true }, 'pull', 'set the option build-kwargs: it wins']
])('a module’s %s that can’t be used are an error with its line', (name, value, words, hint) => {
  const merged = merge(options(), [flow('one', 'Docker', { [name]: value })])
  expect(merged.options).toEqual(options())
  expect(merged.errors).toMatchObject([
    {
      code: 'STORAGE_INVALID',
      file: 'one.py',
      line: 3,
      message: expect.stringContaining(words),
      hint: expect.stringContaining(hint)
    }
  ])
})

test('a value that can’t be used is a notice if an option decides', () => {
  const own = { dockerfile: '/etc/shadow', build_kwargs: { pul: true }, prefect_version: 'a b' }
  const set = options({
    dockerfile: 'etc/passwd',
    'build-kwargs': '{}',
    'prefect-version': '1.4.1'
  })
  const merged = merge(set, [flow('one', 'Docker', own)])
  expect([merged.options, merged.errors, merged.notices.length]).toEqual([set, [], 3])
})

test('a file that a module and the option files copy to one place need not be a source', () => {
  const set = options({ files: 'etc/passwd:/srv/users' })
  const merged = merge(set, [flow('one', 'Docker', { files: { 'etc/passwd': '/srv/users' } })])
  expect([merged.options.files, merged.errors, merged.notices]).toEqual([set.files, [], []])
})

test.each([
  ['image_tag', 5],
  ['ignore_healthchecks', 'no']
])('a module’s %s of a wrong type is no error, since it is never used', (name, value) => {
  expect(merge(options(), [flow('one', 'Docker', { [name]: value })]).errors).toEqual([])
})

const LOCAL = [flow('one', 'Local', { directory: '/mnt/flows' })]

test('a module that is loaded in the image can’t choose a directory of this machine', () => {
  const merged = merge(options({ storage: 'local', 'load-in': 'image' }), LOCAL)
  expect([merged.options.directory, merged.notices.length]).toEqual([undefined, 1])
})

test('a module that is loaded on this machine can choose the directory', () => {
  const merged = merge(options({ storage: 'local' }), LOCAL)
  expect([merged.options.directory, merged.notices.length]).toEqual(['/mnt/flows', 0])
})

describe('registry and name of the image', () => {
  const TEAM = { registry_url: 'gcr.io/team/', image_name: 'etl' }

  test('are taken if every module sets the same, with a notice for each', () => {
    const merged = merge(options(), [flow('one', 'Docker', TEAM), flow('two', 'Docker', TEAM)])
    expect(merged.options).toMatchObject({ registryUrl: 'gcr.io/team', imageName: 'etl' })
    expect(merged.notices.map(notice => notice.message)).toEqual([
      expect.stringMatching(/^registry_url gcr\.io\/team is taken from the modules/),
      expect.stringMatching(/^image_name etl is taken from the modules/)
    ])
    expect(merged.errors).toEqual([])
  })

  test.each([
    ['sets another value', flow('two', 'Docker', { ...TEAM, image_name: 'other' }), 'other'],
    ['sets none', flow('two', null), 'not set']
  ])('are an error if one module %s', (_what, other, value) => {
    const merged = merge(options({ 'registry-url': 'ghcr.io/acme' }), [
      flow('one', 'Docker', TEAM),
      other
    ])
    expect(merged.options.imageName).toBeUndefined()
    const [error] = merged.errors
    expect(error).toMatchObject({ code: 'STORAGE_CONFLICT', file: 'one.py', line: 3 })
    expect(error?.detail).toBe(`etl: flow "one" (one.py:3)\n${value}: flow "two" (two.py:3)`)
    expect(error?.hint).toContain('Set the option image-name')
  })

  test('are not an error if an option sets them', () => {
    const merged = merge(options({ 'image-name': 'flows', 'registry-url': 'ghcr.io/acme' }), [
      flow('one', 'Docker', TEAM),
      flow('two', null)
    ])
    expect(merged.options).toMatchObject({ registryUrl: 'ghcr.io/acme', imageName: 'flows' })
    expect([merged.errors, merged.notices.length]).toEqual([[], 2])
  })

  test('are the same in upper and in lower case, in modules and options', () => {
    const upper = { registry_url: 'gcr.io/Team', image_name: 'ETL' }
    const flows = [flow('one', 'Docker', TEAM), flow('two', 'Docker', upper)]
    const merged = merge(options(), flows)
    expect(merged.options).toMatchObject({ registryUrl: 'gcr.io/team', imageName: 'etl' })
    expect(merged.errors).toEqual([])
    const set = merge(options({ 'registry-url': 'gcr.io/team', 'image-name': 'etl' }), flows)
    expect(set.conflicts).toEqual([])
  })

  test('are never taken for a storage without an image', () => {
    const merged = merge(options({ storage: 'local' }), [flow('one', 'Docker', TEAM)])
    expect([merged.options.registryUrl, merged.errors]).toEqual([undefined, []])
  })
})

test('a module never sets the tag of the image', () => {
  const merged = merge(options(), [flow('one', 'Docker', { image_tag: 'latest' })])
  expect(merged.options.imageTag).toBeUndefined()
  expect(messages(merged)[0]).toContain('its image_tag is latest; only the option image-tag')
})

test('the option base-image wins over a module’s dockerfile', () => {
  const merged = merge(options({ 'base-image': 'python:3.9' }), [
    flow('one', 'Docker', { dockerfile: 'data.csv' })
  ])
  expect([merged.options.baseImage, merged.options.dockerfile]).toEqual(['python:3.9', undefined])
  expect(messages(merged)).toEqual([
    'one.py:3 flow "one": its dockerfile is data.csv; the option base-image is python:3.9'
  ])
})

test('the first module decides between a base image and a dockerfile', () => {
  const merged = merge(options(), [
    flow('one', 'Docker', { dockerfile: 'data.csv' }),
    flow('two', 'Docker', { base_image: 'python:3.9' })
  ])
  expect([merged.options.baseImage, merged.options.dockerfile]).toEqual([undefined, 'data.csv'])
  expect(messages(merged)).toEqual([
    'two.py:3 flow "two": its base_image is python:3.9; flow "one" sets dockerfile to data.csv'
  ])
})

test.each([
  ['a name', { 'A=1\nRUN touch /pwned\nENV B': '2' }, 'ENV B" is not a name of a variable'],
  ['a value', { A: '1\nRUN touch /pwned' }, 'the value of A has a line break']
])('a module’s env_vars with a line break in %s are an error', (_what, variables, words) => {
  const merged = merge(options(), [flow('one', 'Docker', { env_vars: variables })])
  expect(merged.options.envVars).toEqual({})
  expect(merged.errors).toMatchObject([
    { code: 'STORAGE_INVALID', file: 'one.py', line: 3, message: expect.stringContaining(words) }
  ])
})

test.each([
  ['base_image', 'python:3.9\nRUN touch /pwned', 'must be one line'],
  ['prefect_directory', 'relative', 'must be an absolute path'],
  ['prefect_version', '1.4.1 --pre', 'is neither a release nor a git ref']
])('a module’s %s is checked as the option is', (name, value, words) => {
  const merged = merge(options(), [flow('one', 'Docker', { [name]: value })])
  expect(merged.options).toEqual(options())
  expect(merged.errors[0]?.message).toContain(`its ${name} ${words}`)
})

test('a registry or name that no option could have is an error with its reason', () => {
  const merged = merge(options(), [
    flow('one', 'Docker', { registry_url: 'https://r.test', image_name: 'Team Flows!' })
  ])
  expect(merged.errors.map(({ code, message }) => [code, message])).toEqual([
    ['STORAGE_INVALID', expect.stringContaining('its registry_url must not have a scheme')],
    ['STORAGE_INVALID', expect.stringContaining('its image_name is not an image name')]
  ])
})

test('without a push, the modules need not agree on the registry', () => {
  const flows = [flow('one', 'Docker', { registry_url: 'r.test' }), flow('two', null)]
  const merged = merge(options({ push: 'false' }), flows)
  expect([merged.options.registryUrl, merged.errors]).toEqual([undefined, []])
  expect(merge(options({ push: 'true' }), flows).errors).toHaveLength(1)
})

test('an empty registry_url counts as none', () => {
  const flows = [flow('one', 'Docker', { registry_url: '' }), flow('two', null)]
  expect(merge(options({ push: 'true' }), flows).errors).toEqual([])
})

test('a variable may have the name of a property of every object', () => {
  const merged = merge(options(), [flow('one', 'Docker', { env_vars: { constructor: 'x' } })])
  expect(merged.options.envVars).toEqual({ constructor: 'x' })
})
