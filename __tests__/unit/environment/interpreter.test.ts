import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from '@jest/globals'
import { keptPython } from '../../../src/environment/interpreter.js'
import { cacheFolder, programOf } from '../../../src/packages/virtual-environment.js'
import { moduleEnvironment } from '../../../src/python/variables.js'
import { findPython } from '../../../src/python/find.js'
import { temporaryFolder } from '../../helpers/flowstore.js'

test('flow modules get what Python needs and what is declared, no credential', () => {
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

test('where no Python suits, the error says what was looked for and where', async () => {
  await expect(findPython(undefined, ['3.6', '3.7'], { PATH: '' }, '/')).rejects.toMatchObject({
    code: 'PYTHON_NOT_FOUND',
    message: 'no Python 3.7, 3.6 is on this machine',
    hint: expect.stringContaining('tool cache')
  })
})

test('an interpreter whose own Python has gone is not kept any more', () => {
  const cache = temporaryFolder()
  const folder = cacheFolder(cache, 'python', 'key')
  const python = programOf(folder, 'python')
  expect(keptPython(cache, 'key')).toBeUndefined()
  mkdirSync(dirname(python), { recursive: true })
  writeFileSync(join(cache, 'python3.9'), '')
  symlinkSync(join(cache, 'python3.9'), python)
  expect(keptPython(cache, 'key')).toBeUndefined()
  writeFileSync(`${folder}.complete`, '')
  expect(keptPython(cache, 'key')).toBe(python)
  rmSync(join(cache, 'python3.9'))
  expect(keptPython(cache, 'key')).toBeUndefined()
})
