import { expect, test } from '@jest/globals'
import { moduleEnvironment } from '../../../src/python/module-environment.js'

test('flow modules get the variables that Python needs and the declared ones, and no credential', () => {
  const env = moduleEnvironment(
    {
      PATH: '/bin',
      HOME: '/home/me',
      GITHUB_TOKEN: 'a',
      ACTIONS_RUNTIME_TOKEN: 'b',
      INPUT_FLOWS: 'c',
      AWS_SECRET_ACCESS_KEY: 'd'
    },
    { MODE: 'ci' },
    '/empty'
  )
  expect(Object.keys(env).sort()).toEqual(
    ['HOME', 'LANG', 'MODE', 'PATH', 'PYTHONDONTWRITEBYTECODE', 'USERPROFILE'].sort()
  )
  expect(env['HOME']).toBe('/empty')
})
