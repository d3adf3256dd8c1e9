import { expect, test } from '@jest/globals'
import { errorsOf } from '../../../src/errors.js'
import { parseBuild } from '../../../src/commands/build.js'

const errors = (args: readonly string[]) => {
  try {
    parseBuild(args)
    return []
  } catch (thrown) {
    return errorsOf(thrown).map(({ code, message, hint }) => [code, message, hint])
  }
}

test('arguments without a flag are flows, after -- too', () => {
  expect(parseBuild(['a.py', '--json', 'b.py', '--', '--c.py'])).toEqual({
    options: { flows: 'a.py\nb.py\n--c.py' },
    json: true,
    verbosity: 'normal'
  })
})

test('a boolean takes true or false, with or without =, and never an argument that is a flow', () => {
  expect(parseBuild(['--push', 'false', 'a.py']).options).toEqual({ push: 'false', flows: 'a.py' })
  expect(parseBuild(['--push', 'a.py']).options).toEqual({ push: 'true', flows: 'a.py' })
  expect(parseBuild(['--no-push', 'a.py']).options).toEqual({ push: 'false', flows: 'a.py' })
  expect(parseBuild(['--push=false', '--push']).options).toMatchObject({ push: 'true' })
  expect(parseBuild(['--push', 'FALSE']).options).toMatchObject({ push: 'false' })
})

test.each([
  [['--push=maybe']],
  [['--push', 'maybe']],
  [['--json=1']],
  [['--no-push', '--json', 'yes']]
])('%j is an error about the boolean, not about a file', args => {
  expect(errors(args)).toEqual([
    [
      'INVALID_OPTION',
      expect.stringMatching(/^the option '--(push|json)' is '\w+', not true or false$/),
      expect.any(String)
    ]
  ])
})

test('a word after a boolean is a flow if there is such a path', () => {
  expect(parseBuild(['--push', 'src']).options).toEqual({ push: 'true', flows: 'src' })
})

test('the value of a flag may look like a flag', () => {
  expect(parseBuild(['--python-dependencies', '--push', 'a.py']).options).toEqual({
    'python-dependencies': '--push',
    flows: 'a.py'
  })
})

test('--json=false prints no JSON, and only one of --verbose and --quiet is set', () => {
  expect(parseBuild(['a.py', '--json=false', '--quiet'])).toMatchObject({
    json: false,
    verbosity: 'quiet'
  })
  expect(parseBuild(['a.py', '--verbose'])).toMatchObject({ verbosity: 'verbose' })
  expect(errors(['a.py', '--verbose', '--quiet'])[0]?.[0]).toBe('INVALID_OPTION')
})

test('a list takes one value each time, which may begin with a dash', () => {
  expect(
    parseBuild(['--python-dependencies', '-e .', '--python-dependencies=numpy']).options
  ).toMatchObject({ 'python-dependencies': '-e .\nnumpy' })
})

test('an unknown flag is an error with the nearest name', () => {
  expect(errors(['--env-var', 'A=1'])).toEqual([
    ['UNKNOWN_OPTION', "there is no option '--env-var'", "Did you mean '--env-vars'?"]
  ])
  expect(errors(['--no-image-name'])[0]?.[1]).toBe("there is no option '--no-image-name'")
  expect(errors(['-x'])[0]?.[1]).toBe("there is no option '-x'")
  expect(errors(['--imagename=x'])[0]?.[2]).toBe("Did you mean '--image-name'?")
})

test('a flag without its value, and a single value given twice, are errors', () => {
  expect(errors(['a.py', '--image-name'])).toEqual([
    ['INVALID_OPTION', "the option '--image-name' needs a value", undefined]
  ])
  expect(errors(['--image-name', 'a', '--image-name', 'b'])).toEqual([
    ['INVALID_OPTION', "the option '--image-name' is given twice", undefined]
  ])
})
