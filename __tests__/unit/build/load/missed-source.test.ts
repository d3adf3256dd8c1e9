import { expect, test } from '@jest/globals'
import { leftOutNotice, missedSourceHint } from '../../../../src/build/load/missed-source.js'
import { chooseSources } from '../../../../src/sources/choose.js'
import { listSources } from '../../../../src/sources/listing.js'
import { sourceRules } from '../../../../src/sources/source-rules.js'
import { repository } from '../../../helpers/flowstore.js'

const root = repository({
  '.git/config': '',
  '.gitignore': 'generated/\n',
  'data/a.csv': '',
  'flows/a.py': '',
  'generated/a.json': '',
  'tests/helpers.py': '',
  'README.md': ''
})

async function hint(...absent: string[]): Promise<string | undefined> {
  const all = await listSources(root)
  const rules = sourceRules(['!data'])
  return missedSourceHint(chooseSources(all, { rules, flows: [], named: [] }), absent)
}

test.each([
  ['a file', ['README.md'], "'README.md'", 'as documentation', 'README.md'],
  [
    'a module',
    ['tests/helpers', 'tests/helpers.py'],
    "'tests/helpers.py'",
    'as tests',
    'tests/helpers.py'
  ],
  ['a package', ['lib/tests', 'tests'], "'tests/'", 'as tests', 'tests/'],
  ['an excluded file', ['data/a.csv'], "'data/a.csv'", 'the option sources', 'data/a.csv'],
  [
    'an ignored file',
    ['generated/a.json'],
    "'generated/a.json'",
    'by .gitignore',
    'generated/a.json'
  ],
  ['an ignored folder', ['generated'], "'generated/'", 'by .gitignore', 'generated/']
])('the hint for %s names the line to add', async (_, absent, what, why, line) => {
  const text = await hint(...absent)
  expect(text).toContain(what)
  expect(text).toContain(why)
  expect(text).toMatch(
    new RegExp(`Add the line ${line.replaceAll('.', '\\.')} to the option sources`)
  )
})

test.each(['nowhere.csv', 'flows/a.py', 'flows', '../x', '/etc/passwd', '.git/config', ''])(
  'there is no hint for %p',
  async path => {
    expect(await hint(path)).toBeUndefined()
  }
)

test('the warning about an import names flow, file and line', () => {
  const one = { path: 'tests/helpers.py', flows: ['a', 'b'], file: 'flows/a.py', line: 3 }
  const { message, file, line } = leftOutNotice(one)
  expect(message).toMatch(/^flow "a" and 1 more may import tests\/helpers\.py/)
  expect([file, line]).toEqual(['flows/a.py', 3])
})
