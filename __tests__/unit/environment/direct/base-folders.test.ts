import { expect, test } from '@jest/globals'
import { ancestorsOf, realFolder } from '../../../../src/environment/direct/base-folders.js'
import type { BaseFacts } from '../../../../src/environment/direct/base-facts.js'

const owned = (mode: number, uid = 0) => ({ mode, uid, gid: uid })

const BASE: BaseFacts = {
  python: { executable: '/usr/bin/python', version: '3.12.1', prefix: '/usr' },
  libc: 'glibc 2.36',
  folders: {
    '/': owned(0o755),
    '/data': owned(0o700, 1000),
    '/opt': { ...owned(0o777), link: 'data/opt' },
    '/loop': { ...owned(0o777), link: '/loop/again' }
  },
  distributions: {},
  siteFiles: [],
  scripts: {}
}

test('a folder of the image is where the links of its base lead', () => {
  expect(realFolder(BASE, '/opt/prefect')).toBe('/data/opt/prefect')
})

test('links that lead in a circle end', () => {
  expect(realFolder(BASE, '/loop')).toContain('/loop')
})

test('folders keep the owners that the base gives them, and new ones are of root', () => {
  expect(ancestorsOf(BASE, ['/opt/prefect'])).toEqual({
    '/opt/prefect': [
      { path: '/data', ...owned(0o700, 1000) },
      { path: '/data/opt', ...owned(0o755) },
      { path: '/data/opt/prefect', ...owned(0o755) }
    ]
  })
})
