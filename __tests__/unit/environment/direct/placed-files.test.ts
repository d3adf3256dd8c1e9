import { expect, test } from '@jest/globals'
import type { BaseFacts } from '../../../../src/environment/direct/base-facts.js'
import { placedFiles } from '../../../../src/environment/direct/placed-files.js'
import type { FileCopy } from '../../../../src/environment/plan/copied-files.js'
import type { TarEntry } from '../../../../src/util/tar.js'

const owned = (mode: number, uid: number) => ({ mode, uid, gid: uid })

const BASE: BaseFacts = {
  python: { executable: '/usr/local/bin/python', version: '3.9.18', prefix: '/usr/local' },
  libc: 'glibc 2.36',
  folders: {
    '/etc': owned(0o755, 0),
    '/etc/acme': owned(0o700, 7),
    '/etc/acme/deep': owned(0o700, 7),
    '/lib': { ...owned(0o777, 0), link: 'usr/lib' },
    '/etc/localtime': { ...owned(0o777, 0), link: '/usr/share/zoneinfo/UTC' }
  },
  distributions: {},
  siteFiles: [],
  scripts: {}
}

const CONTEXT: readonly TarEntry[] = [
  { path: 'files/0', folder: true },
  { path: 'files/0/deep', folder: true },
  { path: 'files/0/deep/b.txt', content: 'b' },
  { path: 'files/0/link', link: 'deep' },
  { path: 'files/1/a.toml', content: 'a' }
]

const FOLDER: FileCopy = { from: 'files/0', destination: '/etc/acme', isFolder: true }
const file = (destination: string): FileCopy => ({
  from: 'files/1/a.toml',
  destination,
  isFolder: false
})

const place = (copies: readonly FileCopy[], hasFolder: (path: string) => boolean = () => false) =>
  placedFiles({ copies, context: CONTEXT }, BASE, hasFolder)

const pathsOf = (...placed: Parameters<typeof place>) =>
  place(...placed).entries.map(({ path }) => path)

test('the content of a folder is merged into one that is there, whose folders become root’s', () => {
  const { entries, base } = place([FOLDER])
  expect(entries).toEqual([
    { path: 'etc/acme/deep', folder: true },
    { path: 'etc/acme/deep/b.txt', content: 'b' },
    { path: 'etc/acme/link', link: 'deep' }
  ])
  expect(base.folders).toMatchObject({
    '/etc/acme': owned(0o700, 7),
    '/etc/acme/deep': owned(0o755, 0),
    '/etc/acme/link': { link: 'deep' }
  })
})

test.each([
  ['a new path', '/srv/x.toml', 'srv/x.toml'],
  ['a folder of the image', '/etc/acme', 'etc/acme/a.toml'],
  ['a folder of a package', '/opt/lib', 'opt/lib/a.toml'],
  ['a link to a folder on the way', '/lib/x.toml', 'usr/lib/x.toml'],
  ['a link to a file', '/etc/localtime', 'usr/share/zoneinfo/UTC']
])('a file is copied to %s', (_what, destination, path) => {
  expect(pathsOf([file(destination)], folder => folder === '/opt/lib')).toEqual([path])
})

test('a later file goes through the links that an earlier folder has brought', () => {
  expect(pathsOf([FOLDER, file('/etc/acme/link')]).at(-1)).toBe('etc/acme/deep/a.toml')
})

test('a file in the place of a folder of the image is refused', () => {
  const context: TarEntry[] = [{ path: 'files/0/deep', content: 'a file' }]
  expect(() => placedFiles({ copies: [FOLDER], context }, BASE, () => false)).toThrow(
    'the option files copies a file to /etc/acme/deep, which is a folder in the image'
  )
})

test('a folder in the place of a link of the image is refused', () => {
  const copies: FileCopy[] = [{ from: 'files/0', destination: '/etc', isFolder: true }]
  const context: TarEntry[] = [{ path: 'files/0/localtime', folder: true }]
  expect(() => placedFiles({ copies, context }, BASE, () => false)).toThrow(
    'the option files copies a folder to /etc/localtime, which is a link in the image'
  )
})
