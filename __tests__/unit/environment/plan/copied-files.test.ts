import { chmodSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { copiedFiles } from '../../../../src/environment/plan/copied-files.js'
import type { PathFilter } from '../../../../src/sources/ignore.js'
import { repository } from '../../../helpers/flowstore.js'

const all: PathFilter = () => true

const copied = (root: string, source: string, filter = all) =>
  copiedFiles(root, [{ source, destination: '/srv/data' }], filter)

test('a folder keeps its tree, its links and the executable bit', async () => {
  const root = repository({ 'data/deep/a.csv': '1', 'data/run.sh': '#!/bin/sh' })
  chmodSync(join(root, 'data/run.sh'), 0o755)
  symlinkSync('deep/a.csv', join(root, 'data/link.csv'))
  mkdirSync(join(root, 'data/empty'))
  const { context, instructions } = await copied(root, 'data')
  expect(context).toMatchObject([
    { path: 'files/0', folder: true },
    { path: 'files/0/deep', folder: true },
    { path: 'files/0/deep/a.csv', mode: 0o644, size: 1 },
    { path: 'files/0/empty', folder: true },
    { path: 'files/0/link.csv', link: 'deep/a.csv' },
    { path: 'files/0/run.sh', mode: 0o755 }
  ])
  expect(instructions).toEqual(['COPY ["files/0/","/srv/data/"]'])
})

test('the filter applies to files of a folder, but not to a file that is named', async () => {
  const root = repository({ 'data/a.csv': '1', 'data/left/b.csv': '2' })
  const filter: PathFilter = path => !path.startsWith('data/left') && path !== 'data/a.csv'
  expect((await copied(root, 'data', filter)).context).toEqual([{ path: 'files/0', folder: true }])
  expect((await copied(root, 'data/a.csv', filter)).context).toMatchObject([
    { path: 'files/0/a.csv', size: 1 }
  ])
})

test('a folder that is left out exists if an exception keeps a file in it', async () => {
  const root = repository({ 'data/left/keep.csv': '1', 'data/left/b.csv': '2' })
  const filter: PathFilter = path => path === 'data' || path === 'data/left/keep.csv'
  expect((await copied(root, 'data', filter)).context.map(entry => entry.path)).toEqual([
    'files/0',
    'files/0/left',
    'files/0/left/keep.csv'
  ])
})

test('a pattern keeps the tree below its fixed part', async () => {
  const root = repository({ 'data/2020/a.csv': '1', 'data/2021/b.txt': '2' })
  expect((await copied(root, 'data/**/*.csv')).context.map(entry => entry.path)).toEqual([
    'files/0/2020/a.csv'
  ])
})

test.each(['none/*.csv', 'data/*.parquet'])(
  'a pattern that matches nothing is an error: %s',
  async glob => {
    const root = repository({ 'data/a.csv': '1' })
    await expect(copied(root, glob)).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
      message: `'${glob}' in files matches no file`
    })
  }
)

test.each(['loop', 'loop/*.csv'])(
  'a path that can’t be read is not treated as missing: %s',
  async source => {
    const root = repository({})
    symlinkSync('loop', join(root, 'loop'))
    await expect(copied(root, source)).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: expect.stringContaining('ELOOP')
    })
  }
)
