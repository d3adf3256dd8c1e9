import { expect, test } from '@jest/globals'
import { chooseSources } from '../../../src/sources/choose.js'
import { listSources } from '../../../src/sources/listing.js'
import { flowTargets, namedFiles } from '../../../src/sources/modules.js'
import { sourceLineProblem, sourceRules } from '../../../src/sources/source-rules.js'
import { sourcesHash } from '../../../src/sources/sources-hash.js'
import { repository } from '../../helpers/flowstore.js'

/** The sources of a repository with some files, and what is left out of them. */
async function chosen(
  files: readonly string[] | Readonly<Record<string, string>>,
  {
    flows = ['flows'],
    sources = [],
    deployments = []
  }: { flows?: string[]; sources?: string[]; deployments?: string[] } = {}
) {
  const isList = (value: typeof files): value is readonly string[] => Array.isArray(value)
  const root = repository(isList(files) ? Object.fromEntries(files.map(file => [file, ''])) : files)
  const named = await namedFiles(root, flows)
  const rules = sourceRules(sources)
  const all = await listSources(root, [], named, rules)
  const choice = chooseSources(all, { rules, flows: flowTargets(root, flows), deployments, named })
  return {
    ...choice,
    paths: choice.sources.files.map(file => file.path),
    why: Object.fromEntries(choice.leftOut.map(({ file, why }) => [file.path, why]))
  }
}

test('version control, CI files, tests and documentation are no sources', async () => {
  const { paths, why } = await chosen([
    ...['.gitattributes', '.gitignore', '.github/workflows/ci.yml', '.gitlab-ci.yml'],
    ...[
      '.cache/flowstore/a',
      '.pre-commit-config.yaml',
      'Jenkinsfile',
      'azure-pipelines-nightly.yml',
      'tox.ini'
    ],
    ...['README.md', 'LICENSE', 'notes.rst', 'docs/conf.py', 'docs/index.md', 'docs/img/a.png'],
    ...['tests/test_a.py', 'tests/data/a.csv', 'conftest.py', 'flows/test_a.py'],
    ...['flows/a.py', 'flows/a.sql', 'pyproject.toml', 'setup.py', 'config/a.yaml']
  ])
  expect(paths).toEqual([
    'config/a.yaml',
    'flows/a.py',
    'flows/a.sql',
    'pyproject.toml',
    'setup.py'
  ])
  expect(why).toMatchObject({
    '.gitignore': 'version control',
    '.github/workflows/ci.yml': 'CI and tools',
    'tests/data/a.csv': 'tests',
    'docs/conf.py': 'documentation'
  })
})

test('files with deployments are no sources, unless the option sources names one', async () => {
  const files = ['prefect.yaml', 'flows/a.py', 'flows/prefect.yaml', 'flows/nightly.yaml']
  const deployments = ['flows/nightly.yaml']
  expect(await chosen(files, { deployments })).toMatchObject({
    paths: ['flows/a.py'],
    why: { 'flows/nightly.yaml': 'deployments', 'prefect.yaml': 'deployments' }
  })
  const { paths } = await chosen(files, { deployments, sources: ['prefect.yaml'] })
  expect(paths).toEqual(['flows/a.py', 'prefect.yaml'])
})

test('texts in a folder that holds Python, or below it, are sources', async () => {
  const texts = [
    'flows/README.md',
    'flows/templates/mail.md',
    'flows/docs/a.txt',
    'flows/x/y/z.rst'
  ]
  const { paths } = await chosen(['flows/a.py', ...texts, 'wiki/a.md', 'wiki/b.txt'])
  expect(paths).toEqual(['flows/a.py', ...texts, 'wiki/b.txt'].sort())
})

test('beside modules in the top folder, only well-known documentation is left out', async () => {
  const { paths } = await chosen(
    [
      ...['flow.py', 'mail.md', 'templates/mail.md', 'templates/README.md', 'docs/a.md'],
      ...['README.md', 'readme.rst', 'ROADMAP.md', 'LICENSE-MIT', 'README.json', 'history.csv']
    ],
    { flows: ['flow.py'] }
  )
  const kept = ['README.json', 'flow.py', 'history.csv', 'mail.md']
  expect(paths).toEqual([...kept, 'templates/README.md', 'templates/mail.md'])
})

test('setup.py makes no folder one that holds Python', async () => {
  const { paths } = await chosen(['setup.py', 'noxfile.py', 'mail.md', 'wiki/a.md', 'flows/a.py'])
  expect(paths).toEqual(['flows/a.py', 'noxfile.py', 'setup.py'])
})

test('a folder that is only named test is a source, and so is a module such as ab_test.py', async () => {
  const files = ['config/test/a.yaml', 'flows/a.py', 'flows/ab_test.py', 'sql/tests/b.sql']
  expect((await chosen(files)).paths).toEqual(files)
})

test('a .gitignore below the top stays, since it may be all that keeps its folder', async () => {
  expect((await chosen(['flows/a.py', 'flows/out/.gitignore'])).paths).toEqual([
    'flows/a.py',
    'flows/out/.gitignore'
  ])
})

test.each([
  ['a file', 'tests/flows/a.py'],
  ['a flow of a file', 'tests/flows/a.py:nightly'],
  ['a folder', 'tests/flows'],
  ['a pattern', 'tests/flows/*.py'],
  ['a dotted module', 'tests.flows.a']
])('a test folder is a source if flows names %s in it', async (_, flow) => {
  const files = ['tests/__init__.py', 'tests/flows/a.py', 'tests/helpers.py', 'test/b.py']
  expect((await chosen(files, { flows: [flow] })).paths).toEqual(files.slice(0, 3))
})

test('flows in docs are sources, with the folder around them', async () => {
  const files = ['docs/examples/a.py', 'docs/examples/query.sql', 'docs/mail.md']
  expect((await chosen(files, { flows: ['docs/examples'] })).paths).toEqual(files.slice(0, 2))
})

test('a module that flows names is a source whatever its name and the option sources say', async () => {
  const files = ['conftest.py', 'flows/test_a.py']
  const { paths } = await chosen(files, { flows: files, sources: ['!**/*.py'] })
  expect(paths).toEqual(files)
})

test('the last line of sources that matches a file decides', async () => {
  const files = ['README.md', 'data/a.csv', 'data/big/b.csv', 'flows/a.py', 'tests/c.py']
  const { paths, why } = await chosen(files, {
    sources: ['tests', '*.md', '!data/', './data/big', '!**/b.csv']
  })
  expect(paths).toEqual(['README.md', 'flows/a.py', 'tests/c.py'])
  expect(why['data/a.csv']).toBe('the option sources')
})

test('a line of sources that matches no file is told', async () => {
  const { unused } = await chosen(['flows/a.py'], { sources: ['flows', 'templates', '!*.csv'] })
  expect(unused).toEqual(['templates', '!*.csv'])
})

test('a path in sources brings back what an ignore file excludes, and a pattern does not', async () => {
  const files = {
    '.gitignore': 'generated/\n.env\n',
    '.dockerignore': 'seeds\n',
    '.env': '',
    'flows/a.py': '',
    'generated/.gitignore': '*\n',
    'generated/a.json': '',
    'generated/b/c.json': '',
    'generated/__pycache__/x.pyc': '',
    'seeds/a.csv': ''
  }
  const without = ['flows/a.py']
  const paths = async (...sources: string[]) => (await chosen(files, { sources })).paths
  expect(await paths('**/*', '!.dockerignore', '!.gitignore')).toEqual(without)
  expect(await paths('.')).toEqual(['.dockerignore', '.gitignore', ...without])
  expect(await paths('generated/b')).toEqual([...without, 'generated/b/c.json'])
  expect(await paths('generated', '!generated/b', 'seeds/a.csv')).toEqual([
    ...without,
    'generated/.gitignore',
    'generated/a.json',
    'seeds/a.csv'
  ])
})

test.each(['../shared', '/etc', 'a/../../b', '!../x', '!', 'C:/x'])(
  'the line %s of sources is refused',
  line => {
    expect(sourceLineProblem(line)).toContain(line)
  }
)

test('a change of any source changes the hash, and a change of what is left out does not', async () => {
  const files: Record<string, string> = {
    'README.md': '1',
    'tests/a.py': '1',
    '.github/ci.yml': '1',
    'docs/a.md': '1',
    'flows/a.py': '1',
    'flows/README.md': '1',
    'flows/templates/mail.md': '1',
    'config/test/a.yaml': '1',
    'notes.txt': '1',
    Makefile: '1'
  }
  const hash = async (changed?: string) => {
    const { sources } = await chosen({ ...files, ...(changed && { [changed]: '2' }) })
    return sourcesHash(sources)
  }
  const before = await hash()
  const unchanged: string[] = []
  for (const path of Object.keys(files)) if ((await hash(path)) === before) unchanged.push(path)
  expect(unchanged).toEqual(['README.md', 'tests/a.py', '.github/ci.yml', 'docs/a.md'])
})
