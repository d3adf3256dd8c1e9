import { expect, test } from '@jest/globals'
import { sourceEntries } from '../../../src/sources/archive.js'
import { rootBelowTop, topOf, type Sources } from '../../../src/sources/sources.js'

const sourcesOf = (...paths: readonly string[]): Sources => ({
  root: '/work/teams/a',
  files: paths.map(path => ({ path, size: 0, executable: false })),
  size: 0
})

test.each<[readonly string[], string, string]>([
  [['flow.py', '..a/b.py'], '/work/teams/a', ''],
  [['flow.py', '../b/x.py'], '/work/teams', 'a'],
  [['../b/x.py', '../../libs/../x.py'], '/work', 'teams/a']
])('the top of %j is %s', (paths, top, below) => {
  expect([topOf(sourcesOf(...paths)), rootBelowTop(sourcesOf(...paths))]).toEqual([top, below])
})

test('an archive has the folders between the top and the root, even without files', () => {
  const entries = sourceEntries(sourcesOf('../../libs/x.py'), 'src')
  expect(entries.map(entry => entry.path)).toEqual([
    'src',
    'src/teams',
    'src/teams/a',
    'src/libs',
    'src/libs/x.py'
  ])
})
