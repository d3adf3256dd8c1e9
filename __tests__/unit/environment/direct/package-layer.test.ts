import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import type { BaseFacts } from '../../../../src/environment/direct/base-facts.js'
import {
  adoptHeaders,
  adoptScripts,
  layerEntries,
  removeCacheNotes
} from '../../../../src/environment/direct/package-layer.js'
import { repository } from '../../../helpers/flowstore.js'

const SITE = 'usr/local/lib/python3.12/site-packages'
const OLD = 'tool-1.0.dist-info'

const BASE: BaseFacts = {
  python: { executable: '/usr/local/bin/python', version: '3.12.1', prefix: '/usr/local' },
  libc: 'glibc 2.36',
  folders: Object.fromEntries(
    [`/${SITE}`, `/${SITE}/tool`, `/${SITE}/gone`, `/${SITE}/${OLD}`, '/usr/local/bin'].map(
      path => [path, { mode: 0o775, uid: 7, gid: 8 }]
    )
  ),
  distributions: {
    [`${OLD}/RECORD`]: `tool/__init__.py,,\ntool/old.py,,\ngone/a.py,,\nmixed/ours.py,,\n../../../bin/oldtool,,\n${OLD}/RECORD,,\n`,
    'other-1.dist-info/RECORD': 'shared/b.py,,\n'
  },
  siteFiles: [
    'tool/__init__.py',
    'tool/old.py',
    'gone/a.py',
    'mixed/theirs.txt',
    `${OLD}/RECORD`,
    'shared/b.py'
  ],
  scripts: {}
}

const write = (root: string, files: Readonly<Record<string, string>>) => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

describe('the layer of packages', () => {
  test('removes what a replaced package had and the new one has not, and nothing else', async () => {
    const root = repository({})
    write(root, {
      [`${SITE}/tool/__init__.py`]: '',
      [`${SITE}/tool-2.0.dist-info/RECORD`]: 'tool/__init__.py,,\n'
    })
    const entries = await layerEntries(root, BASE, [OLD], [])
    expect(entries.map(({ path }) => path).filter(path => path.includes('.wh.'))).toEqual([
      'usr/local/bin/.wh.oldtool',
      `${SITE}/.wh.gone`,
      `${SITE}/.wh.${OLD}`,
      `${SITE}/mixed/.wh.ours.py`,
      `${SITE}/tool/.wh.old.py`
    ])
  })

  test('has the user’s files instead of those of packages, without the bytecode of these', async () => {
    const root = repository({})
    write(root, {
      [`${SITE}/tool/__init__.py`]: 'old',
      [`${SITE}/tool/__pycache__/__init__.cpython-312.pyc`]: 'old',
      [`${SITE}/tool/__pycache__/other.cpython-312.pyc`]: 'other'
    })
    const path = `${SITE}/tool/__init__.py`
    const entries = await layerEntries(root, BASE, [], [], [{ path, content: 'new' }])
    expect(entries).toContainEqual({ path, content: 'new' })
    const bytecode = entries.map(each => each.path).filter(each => each.endsWith('.pyc'))
    expect(bytecode).toEqual([`${SITE}/tool/__pycache__/other.cpython-312.pyc`])
  })

  test('removes nothing if no package was replaced', async () => {
    const root = repository({})
    write(root, { [`${SITE}/new.py`]: '' })
    const entries = await layerEntries(root, BASE, [], [])
    expect(entries.filter(({ path }) => path.includes('.wh.'))).toEqual([])
  })

  test('has the folders of the base with its owners, and new ones of root', async () => {
    const root = repository({})
    write(root, { [`${SITE}/fresh/a.py`]: '' })
    const entries = await layerEntries(root, BASE, [], ['/opt/prefect/flows'])
    const folders = new Map(entries.map(entry => [entry.path, entry]))
    expect(folders.get(SITE)).toEqual({ path: SITE, folder: true, mode: 0o775, uid: 7, gid: 8 })
    const fresh = `${SITE}/fresh`
    expect(folders.get(fresh)).toEqual({ path: fresh, folder: true, mode: 0o755, uid: 0, gid: 0 })
    expect(folders.get('opt/prefect/flows')).toBeDefined()
  })

  test('keeps links, and whether a file can be executed', async () => {
    const root = repository({})
    write(root, { 'usr/local/bin/tool': '#!/bin/sh\n', 'usr/local/bin/text': '' })
    writeFileSync(join(root, 'usr/local/bin/run'), '', { mode: 0o700 })
    symlinkSync('run', join(root, 'usr/local/bin/link'))
    const entries = await layerEntries(root, BASE, [], [])
    expect(entries).toContainEqual({ path: 'usr/local/bin/link', link: 'run' })
    expect(entries.find(({ path }) => path === 'usr/local/bin/run')).toMatchObject({ mode: 0o755 })
    expect(entries.find(({ path }) => path === 'usr/local/bin/text')).toMatchObject({ mode: 0o644 })
  })
})

test('scripts name the Python of the image, and their packages record that', async () => {
  const root = repository({})
  write(root, {
    'usr/local/bin/tool': '#!/home/me/python\nimport tool\n',
    [`${SITE}/tool-2.0.dist-info/RECORD`]: '../../../bin/tool,sha256=old,31\ntool.py,sha256=x,1\n'
  })
  await adoptScripts(root, BASE, '/home/me/python')
  const script = readFileSync(join(root, 'usr/local/bin/tool'), 'utf8')
  expect(script).toBe('#!/usr/local/bin/python\nimport tool\n')
  const record = readFileSync(join(root, SITE, 'tool-2.0.dist-info/RECORD'), 'utf8')
  expect(record).toMatch(
    new RegExp(
      `^\\.\\./\\.\\./\\.\\./bin/tool,sha256=[\\w-]{43},${script.length}\ntool\\.py,sha256=x,1\n$`
    )
  )
})

test('headers lie where pip puts them, and their package records that', async () => {
  const root = repository({})
  write(root, {
    'usr/local/include/site/python3.12/greenlet/greenlet.h': 'header',
    [`${SITE}/greenlet-3.dist-info/RECORD`]:
      '../../../include/site/python3.12/greenlet/greenlet.h,sha256=a,6\n'
  })
  await adoptHeaders(root, BASE)
  const header = join(root, 'usr/local/include/python3.12/greenlet/greenlet.h')
  expect(readFileSync(header, 'utf8')).toBe('header')
  expect(existsSync(join(root, 'usr/local/include/site'))).toBe(false)
  expect(readFileSync(join(root, SITE, 'greenlet-3.dist-info/RECORD'), 'utf8')).toBe(
    '../../../include/python3.12/greenlet/greenlet.h,sha256=a,6\n'
  )
})

test('notes of uv about archives of this machine are removed, also from the records', async () => {
  const root = repository({})
  const info = `${SITE}/acme-1.dist-info`
  write(root, {
    [`${info}/uv_cache.json`]: '{}',
    [`${info}/RECORD`]:
      'acme.py,,\nacme-1.dist-info/uv_cache.json,sha256=a,2\nacme-1.dist-info/RECORD,,\n'
  })
  await removeCacheNotes(root, BASE)
  expect(existsSync(join(root, info, 'uv_cache.json'))).toBe(false)
  expect(readFileSync(join(root, info, 'RECORD'), 'utf8')).toBe(
    'acme.py,,\nacme-1.dist-info/RECORD,,\n'
  )
})
