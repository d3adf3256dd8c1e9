import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { errorsOf } from '../../../src/errors.js'
import { checkOptions, inputOptions } from '../../../src/options/options.js'
import { OPTION_SPECS } from '../../../src/options/specs.js'
import { OUTPUT_NAMES } from '../../../src/report.js'

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
    errors(() => checkOptions({ flows: 'a.py', 'env-vars': '1TOKEN=secret' }, '/'))[0]
  ).not.toContain('secret')
})

test('a directory goes with local storage only', () => {
  expect(
    errors(() => checkOptions({ flows: 'a.py', storage: 'bytes', directory: 'x' }, '/'))
  ).toEqual(["INVALID_OPTION: the option 'directory' goes with 'storage: local' only"])
})
