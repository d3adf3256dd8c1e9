import { expect, test } from '@jest/globals'
import { buildSystem } from '../../../src/packages/build-system.js'

const read = (text: string) => buildSystem(text, 'pyproject.toml')

test('a project names its backend, and the folders that hold it', () => {
  const text = `[build-system]
requires = ["flit_core>=3"]
build-backend = "backend:hooks"
backend-path = ["tools"]
`
  expect(read(text)).toEqual({
    requires: ['flit_core>=3'],
    backend: 'backend:hooks',
    paths: ['tools']
  })
})

test.each([
  ['no table', '[project]\nname = "a"\n', ['setuptools>=40.8.0']],
  ['no backend', '[build-system]\nrequires = ["setuptools"]\n', ['setuptools']]
])('with %s, setuptools builds it as before there were backends', (_what, text, requires) => {
  expect(read(text)).toEqual({ requires, backend: 'setuptools.build_meta:__legacy__', paths: [] })
})

test('a file that is not TOML is refused with its name', () => {
  expect(() => read('[build-system')).toThrow("'pyproject.toml' is not TOML")
})
