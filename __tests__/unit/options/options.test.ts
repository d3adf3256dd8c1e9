import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { errorsOf } from '../../../src/errors.js'
import { checkOptions, inputTexts, isInputFalse } from '../../../src/options/options.js'
import { repository, temporaryFolder } from '../../helpers/flowstore.js'

function errors(run: () => unknown): string[] {
  try {
    run()
  } catch (thrown) {
    return errorsOf(thrown).map(error =>
      `${error.code}: ${error.message} ${error.hint ?? ''}`.trim()
    )
  }
  return []
}

test('inputs are read as the runner gives them', () => {
  const inputs = inputTexts({
    INPUT_FLOWS: 'a.py\n# no\n\nb.py:my flow\n',
    'INPUT_ENV-VARS': 'A=1\nB=x=y z',
    INPUT_STORAGE: 'LocalStorage',
    'INPUT_REQUIREMENTS-FILE': '',
    INPUT_HEALTHCHECK: 'false',
    HOME: '/somewhere'
  })
  const options = checkOptions(inputs, '/')
  expect(options.flows).toEqual(['a.py', 'b.py:my flow'])
  expect(options.envVars).toEqual({ A: '1', B: 'x=y z' })
  expect([options.storage, options.healthcheck, options.requirementsFile]).toEqual([
    'local',
    false,
    undefined
  ])
  expect(options.outputDirectory).toBe('.flowstore')
})

test('every wrong option is reported at once, with the nearest name', () => {
  expect(
    errors(() =>
      checkOptions(
        {
          storage: 'bites',
          'env-var': 'A=1',
          healthcheck: 'yes',
          'env-vars': 'A=1\nA=2',
          'requirements-file': 'no-such.txt'
        },
        '/'
      )
    )
  ).toEqual([
    expect.stringContaining(
      "UNKNOWN_OPTION: there is no option 'env-var' Did you mean 'env-vars'?"
    ),
    expect.stringContaining("MISSING_OPTION: the option 'flows' is required Name files, folders"),
    expect.stringContaining("did you mean 'bytes'?"),
    expect.stringContaining("'env-vars' sets A twice"),
    expect.stringContaining("'healthcheck' must be true or false"),
    expect.stringContaining("FILE_NOT_FOUND: the requirements file 'no-such.txt'")
  ])
})

test('the value of a line of env-vars that is not KEY=VALUE is not shown', () => {
  expect(
    errors(() =>
      checkOptions({ flows: 'a.py', push: 'false', 'env-vars': '1TOKEN=secret' }, '/')
    )[0]
  ).not.toContain('secret')
})

test('a directory works only with local storage', () => {
  expect(
    errors(() => checkOptions({ flows: 'a.py', storage: 'bytes', directory: 'x' }, '/'))
  ).toEqual([
    "INVALID_OPTION: the option 'directory' works only with 'storage: local' Leave it out, or set 'storage: local'."
  ])
})

test('appending needs a push, and an image a valid name', () => {
  expect(
    errors(() => checkOptions({ flows: 'a.py', push: 'false', assemble: 'append' }, '/'))
  ).toEqual([expect.stringContaining("INVALID_OPTION: 'assemble: append' adds the flows to")])
  expect(
    errors(() =>
      checkOptions(
        {
          flows: 'a.py',
          storage: 'Docker',
          'registry-url': 'https://r.io/x',
          'image-name': 'flows_',
          'image-tag': '.dot',
          'load-in': 'imag'
        },
        '/'
      )
    )
  ).toEqual([
    expect.stringContaining("'registry-url' must not have a scheme"),
    expect.stringContaining("'image-name' is not an image name"),
    expect.stringContaining("'image-tag' is not a tag"),
    expect.stringContaining("did you mean 'image'?")
  ])
  expect(
    errors(() =>
      checkOptions({ flows: 'a.py', 'registry-url': 'r io', 'base-image': 'A:b:c' }, '/')
    )
  ).toEqual([
    expect.stringContaining("INVALID_REFERENCE: the option 'registry-url'"),
    expect.stringContaining("INVALID_REFERENCE: the option 'base-image'")
  ])
})

test.each([{ healthcheck: 'false' }, { 'ignore-healthchecks': 'true' }])(
  'require-check is refused with %j',
  off => {
    const raw = { flows: 'a.py', 'registry-url': 'r.io', 'require-check': 'image', ...off }
    expect(errors(() => checkOptions(raw, '/'))).toEqual([
      expect.stringContaining("INVALID_OPTION: 'require-check: image' asks for the healthcheck")
    ])
  }
)

test('docker storage is the default and loads in its image; the others load on the runner', () => {
  const docker = checkOptions({ flows: 'a.py', 'registry-url': 'r.io/x/' }, '/')
  expect([docker.storage, docker.loadIn, docker.push, docker.registryUrl]).toEqual([
    'docker',
    'image',
    true,
    'r.io/x'
  ])
  expect(checkOptions({ flows: 'a.py', storage: 'bytes' }, '/').loadIn).toBe('runner')
})

test('options that have no effect with the storage are refused', () => {
  expect(
    errors(() =>
      checkOptions(
        { flows: 'a.py', storage: 'local', 'image-tag': 'x', 'base-image': 'python:3.9' },
        '/'
      )
    )
  ).toEqual([
    "INVALID_OPTION: the options `image-tag` and `base-image` work only with 'storage: docker' Leave them out, or set 'storage: docker'."
  ])
  expect(
    errors(() =>
      checkOptions({ flows: 'a.py', storage: 'local', register: 'changed', tags: 'x' }, '/')
    )
  ).toEqual([
    "INVALID_OPTION: the options `tags` and `register` work only with 'storage: docker' Leave them out, or set 'storage: docker'."
  ])
  expect(
    errors(() =>
      checkOptions(
        { flows: 'a.py', storage: 'bytes', refresh: 'true', files: '/:/srv', directory: 'x' },
        '/'
      )
    )
  ).toEqual([
    expect.stringContaining(
      "the options `files` and `refresh` work only with 'storage: docker' or 'load-in: image'"
    ),
    expect.stringContaining("the option 'directory' works only with 'storage: local'")
  ])
  expect(
    errors(() =>
      checkOptions(
        { flows: 'a.py', storage: 'local', 'load-in': 'image', 'base-image': 'python:3.9' },
        '/'
      )
    )
  ).toEqual([])
})

test('a Dockerfile replaces a base image, and a script needs its path', () => {
  expect(
    errors(() =>
      checkOptions(
        {
          flows: 'a.py',
          push: 'false',
          dockerfile: 'no/Dockerfile',
          'base-image': 'python:3.9',
          'stored-as-script': 'true',
          'prefect-directory': 'prefect',
          'build-kwargs': '[]'
        },
        '/'
      )
    )
  ).toEqual([
    expect.stringContaining("'build-kwargs' is wrong"),
    expect.stringContaining("'prefect-directory' must be an absolute path"),
    expect.stringContaining("FILE_NOT_FOUND: the Dockerfile 'no/Dockerfile'"),
    'INVALID_OPTION: Only one of `base_image` and `dockerfile` can be provided.',
    expect.stringContaining('MISSING_OPTION: A `path` must be provided')
  ])
})

test('a path that can’t be read is an error with the reason', () => {
  const cwd = temporaryFolder()
  symlinkSync('loop.txt', join(cwd, 'loop.txt'))
  const raw = { flows: 'a.py', storage: 'local', 'requirements-file': 'loop.txt' }
  expect(() => checkOptions(raw, cwd)).toThrow(
    expect.objectContaining({
      code: 'FILE_UNREADABLE',
      message: expect.stringContaining("the requirements file 'loop.txt' can't be read: ELOOP")
    })
  )
})

test('a folder in the place of a file, and a file in that of a folder, are errors', () => {
  const cwd = repository({ 'app/requirements.txt': '', 'a.yaml': '', 'ca.pem': '' })
  const raw = {
    flows: 'a.py',
    push: 'false',
    'requirements-file': 'app',
    'prefect-file': 'a.yaml\napp\nnone.yaml',
    'tls-config': 'ca.pem'
  }
  expect(errors(() => checkOptions(raw, cwd))).toEqual([
    "FILE_UNREADABLE: the requirements file 'app' is a folder, not a file Name the file itself.",
    "INVALID_OPTION: the folder of certificates 'ca.pem' is not a folder",
    "FILE_UNREADABLE: the prefect file 'app' is a folder, not a file Name the file itself.",
    `FILE_NOT_FOUND: the prefect file 'none.yaml' does not exist Looked in ${cwd}.`
  ])
})

test('names of images are used in lower case, each with a notice; a registry and a tag stay as written', () => {
  const { registryUrl, imageName, baseImage, notices } = checkOptions(
    {
      flows: 'a.py',
      'registry-url': 'GHCR.io:8443/Acme/Data/',
      'image-name': 'Flows',
      'base-image': 'Acme/Base:V1'
    },
    '/'
  )
  expect([registryUrl, imageName, baseImage]).toEqual([
    'GHCR.io:8443/acme/data',
    'flows',
    'acme/base:V1'
  ])
  expect(notices).toEqual([
    {
      level: 'notice',
      message:
        'the option registry-url is used in lower case, as registries require: GHCR.io:8443/acme/data'
    },
    expect.objectContaining({ message: expect.stringContaining('image-name') }),
    expect.objectContaining({ message: expect.stringContaining('base-image') })
  ])
})

test.each(['localhost:5000', '[::1]:5000/acme', 'ghcr.io/acme/', '127.0.0.1:15000/a', 'acme'])(
  'the registry-url %s needs no notice',
  url => {
    expect(checkOptions({ flows: 'a.py', 'registry-url': url }, '/').notices).toEqual([])
  }
)

test.each([
  [{ INPUT_SUMMARY: ' False ' }, true],
  [{ INPUT_SUMMARY: 'true' }, false],
  [{}, false]
])('a boolean input is read on its own: %j', (env, isFalse) => {
  expect(isInputFalse(env, 'summary')).toBe(isFalse)
})
