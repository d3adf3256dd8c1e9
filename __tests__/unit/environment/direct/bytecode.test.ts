import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { Bytecode } from '../../../../src/environment/direct/bytecode.js'
import { bytecodeOf } from '../../../../src/environment/direct/base-facts.js'
import { silentLog } from '../../../../src/log.js'
import { findPython } from '../../../../src/python/find-python.js'
import { repository } from '../../../helpers/flowstore.js'

const SITE = 'usr/local/lib/site-packages'

test('a module with the same content on two platforms is compiled once, another one for each', async () => {
  const found = await findPython(undefined, undefined, process.env, process.cwd())
  const python = {
    executable: '/usr/local/bin/python',
    version: `${found.python}.1`,
    prefix: '/usr/local'
  }
  const roots = ['amd64', 'arm64'].map(platform =>
    repository({ [`${SITE}/same.py`]: 'x = 1\n', [`${SITE}/other.py`]: `x = '${platform}'\n` })
  )
  const bytecode = new Bytecode(silentLog())
  await Promise.all(roots.map(root => bytecode.compile(root, python, found.path)))
  const compiled = (name: string) =>
    roots.map(root => statSync(join(root, bytecodeOf(`${SITE}/${name}.py`, python))).ino)
  expect(new Set(compiled('same')).size).toBe(1)
  expect(new Set(compiled('other')).size).toBe(2)
  const content = roots.map(root =>
    readFileSync(join(root, bytecodeOf(`${SITE}/other.py`, python)))
  )
  expect(content.map(each => [each.includes('amd64'), each.includes('arm64')])).toEqual([
    [true, false],
    [false, true]
  ])
})

test('modules for another release of Python are compiled for that', async () => {
  const found = await findPython(undefined, undefined, process.env, process.cwd())
  const roots = [1, 2].map(() => repository({ [`${SITE}/same.py`]: 'x = 1\n' }))
  const bytecode = new Bytecode(silentLog())
  const paths = await Promise.all(
    roots.map(async (root, index) => {
      const version = `${found.python}.${index}`
      const python = { executable: '/usr/local/bin/python', version, prefix: '/usr/local' }
      await bytecode.compile(root, python, found.path)
      return join(root, bytecodeOf(`${SITE}/same.py`, python))
    })
  )
  expect(new Set(paths.map(path => statSync(path).ino)).size).toBe(2)
})
