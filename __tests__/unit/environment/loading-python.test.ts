import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from '@jest/globals'
import { cachedPython } from '../../../src/environment/loading-python.js'
import { cacheFolder, programOf } from '../../../src/packages/machine/virtual-environment.js'
import { temporaryFolder } from '../../helpers/flowstore.js'

/** A cache with a virtual environment whose interpreter is a link to another Python. */
function cachedEnvironment() {
  const cache = temporaryFolder()
  const folder = cacheFolder(cache, 'python', 'key')
  const python = programOf(folder, 'python')
  const linked = join(cache, 'python3.9')
  mkdirSync(dirname(python), { recursive: true })
  writeFileSync(linked, '')
  symlinkSync(linked, python)
  return { cache, python, linked, complete: () => writeFileSync(`${folder}.complete`, '') }
}

test('a complete environment is found in the cache by its key', () => {
  const { cache, python, complete } = cachedEnvironment()
  complete()
  expect(cachedPython(cache, 'key')).toBe(python)
})

test('an empty cache has no interpreter', () => {
  expect(cachedPython(temporaryFolder(), 'key')).toBeUndefined()
})

test('an environment that is not complete is not used', () => {
  expect(cachedPython(cachedEnvironment().cache, 'key')).toBeUndefined()
})

test('an environment is not used if the Python that it was created from no longer exists', () => {
  const { cache, linked, complete } = cachedEnvironment()
  complete()
  rmSync(linked)
  expect(cachedPython(cache, 'key')).toBeUndefined()
})
