import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { errorsOf } from '../../../src/errors.js'
import { checkOptions, inputOptions } from '../../../src/options/options.js'
import { OPTION_SPECS } from '../../../src/options/specs.js'
import { OUTPUT_NAMES } from '../../../src/publish/outputs.js'

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

test('action.yml has the options and outputs that the code has', () => {
  const action = parse(readFileSync('action.yml', 'utf8')) as {
    inputs: Record<string, { description: string; required?: boolean; default?: string }>
    outputs: Record<string, unknown>
    runs: unknown
  }
  expect(
    Object.entries(action.inputs).map(([name, input]) => [
      name,
      input.description.trim(),
      input.required ?? false,
      input.default
    ])
  ).toEqual(
    OPTION_SPECS.map(spec => [spec.name, spec.description, spec.required ?? false, spec.default])
  )
  expect(Object.keys(action.outputs)).toEqual([...OUTPUT_NAMES])
  expect(action.runs).toEqual({ using: 'node24', main: 'dist/action.js' })
})

test('inputs are read as the runner gives them', () => {
  const options = inputOptions(
    {
      INPUT_FLOWS: 'a.py\n# no\n\nb.py:my flow\n',
      'INPUT_ENV-VARS': 'A=1\nB=x=y z',
      INPUT_STORAGE: 'LocalStorage',
      'INPUT_REQUIREMENTS-FILE': '',
      INPUT_HEALTHCHECK: 'false',
      HOME: '/somewhere'
    },
    '/'
  )
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
    "MISSING_OPTION: the option 'flows' is required",
    expect.stringContaining("did you mean 'bytes'?"),
    expect.stringContaining("'env-vars' gives A twice"),
    expect.stringContaining("'healthcheck' is neither true nor false"),
    expect.stringContaining("FILE_NOT_FOUND: the requirements file 'no-such.txt'")
  ])
})

test('a value of env-vars that is no pair is not shown', () => {
  expect(
    errors(() =>
      checkOptions({ flows: 'a.py', push: 'false', 'env-vars': '1TOKEN=secret' }, '/')
    )[0]
  ).not.toContain('secret')
})

test('a directory goes with local storage only', () => {
  expect(
    errors(() => checkOptions({ flows: 'a.py', storage: 'bytes', directory: 'x' }, '/'))
  ).toEqual(["INVALID_OPTION: the option 'directory' goes with 'storage: local' only"])
})

test('an image needs a registry to be pushed to, and names that are names', () => {
  expect(
    errors(() => checkOptions({ flows: 'a.py', push: 'false', assemble: 'append' }, '/'))
  ).toEqual([expect.stringContaining("INVALID_OPTION: 'assemble: append' puts the flows on")])
  expect(errors(() => checkOptions({ flows: 'a.py' }, '/'))).toEqual([
    "MISSING_OPTION: the option 'registry-url' is required to push Say where to push to with registry-url, or set push: false."
  ])
  expect(
    errors(() =>
      checkOptions(
        {
          flows: 'a.py',
          storage: 'Docker',
          'registry-url': 'https://r.io/x',
          'image-name': 'Flows',
          'image-tag': '.dot',
          'load-in': 'imag'
        },
        '/'
      )
    )
  ).toEqual([
    expect.stringContaining("'registry-url' has a scheme"),
    expect.stringContaining("'image-name' is no image name"),
    expect.stringContaining("'image-tag' is no tag"),
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

test('docker is the default and loads in its image; the others load on the runner', () => {
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
    "INVALID_OPTION: the option 'image-tag' goes with 'storage: docker' only",
    "INVALID_OPTION: the option 'base-image' goes with 'storage: docker' or 'load-in: image' only"
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

test('a Dockerfile stands in place of a base image, and a script needs its path', () => {
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
    expect.stringContaining("'prefect-directory' is no absolute path"),
    expect.stringContaining("FILE_NOT_FOUND: the Dockerfile 'no/Dockerfile'"),
    'INVALID_OPTION: Only one of `base_image` and `dockerfile` can be provided.',
    expect.stringContaining('MISSING_OPTION: A `path` must be provided')
  ])
})
