import { expect, test } from '@jest/globals'
import { FlowstoreError } from '../../../src/errors.js'
import { listSources } from '../../../src/sources/listing.js'
import { discoverModules } from '../../../src/sources/modules.js'
import { isExclusion, pathMatcher } from '../../../src/sources/path-matcher.js'
import { sourceRules } from '../../../src/sources/source-rules.js'
import { repository } from '../../helpers/flowstore.js'

/** What a line matches: itself, then paths. */
const LINES: readonly (readonly [string, readonly string[]])[] = [
  ['flows/a.py', ['flows/a.py']],
  ['./flows//a.py', ['flows/a.py']],
  ['flows\\a.py', ['flows/a.py']],
  ['flows/old', ['flows/old/deep/e.py', 'flows/old/d.py']],
  ['flows/old/', ['flows/old/deep/e.py', 'flows/old/d.py']],
  ['flows/o*', ['flows/old/deep/e.py', 'flows/old/d.py']],
  ['flows/*.py', ['flows/a.py', 'flows/b.py']],
  ['*.py', ['top.py']],
  ['**/*.py', ['ALL']],
  ['**/deep', ['flows/old/deep/e.py']],
  ['flows/{a,b}.py', ['flows/a.py', 'flows/b.py']],
  ['flows/[ab].py', ['flows/a.py', 'flows/b.py']],
  ['flows/[v1]', ['flows/[v1]/g.py']],
  ['!(flows)', ['top.py']],
  ['flows/!(old|a.py)', ['flows/b.py', 'flows/[v1]/g.py']],
  ['FLOWS/a.py', []],
  ['flow', []],
  ['.', ['ALL']]
]

const PATHS = [
  'flows/[v1]/g.py',
  'flows/a.py',
  'flows/b.py',
  'flows/old/d.py',
  'flows/old/deep/e.py',
  'top.py'
]

const expected = (paths: readonly string[]): readonly string[] =>
  paths[0] === 'ALL' ? PATHS : [...paths].sort()

test.each(LINES)('the line %s means the same in sources as in flows', async (line, paths) => {
  const root = repository(Object.fromEntries(PATHS.map(path => [path, ''])))
  const sources = await listSources(root)
  /** None if all lines together find none, which is an error. */
  const modules = async (...lines: string[]): Promise<string[]> => {
    try {
      return (await discoverModules(sources, lines)).map(({ file }) => file).sort()
    } catch (error) {
      if (error instanceof FlowstoreError && error.code === 'MODULE_NOT_FOUND') return []
      throw error
    }
  }
  const others = PATHS.filter(path => !expected(paths).includes(path))

  const [rule] = sourceRules([line])
  expect(PATHS.filter(path => rule?.matches(path))).toEqual(expected(paths))
  const [exclusion] = sourceRules([`!${line}`])
  // A line !!(x) takes away what the pattern !(x) matches.
  expect([exclusion?.includes, PATHS.filter(path => exclusion?.matches(path))]).toEqual([
    false,
    expected(paths)
  ])
  expect(await modules(line)).toEqual(expected(paths))
  expect(await modules('.', `!${line}`)).toEqual(others)
})

test('names that begin with a dot are matched too', () => {
  expect(pathMatcher('**/*.py')('flows/.drafts/a.py')).toBe(true)
  expect(pathMatcher('flows/*')('flows/.drafts/a.py')).toBe(true)
})

test('a line that begins with ! takes away, unless a bracket follows', () => {
  expect(['!a', '! a', '!**/*.py', '!(a|b).py', 'a'].map(isExclusion)).toEqual([
    true,
    true,
    true,
    false,
    false
  ])
})
