import { chmodSync, realpathSync, symlinkSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { dataFiles, leftBehind, scriptData } from '../../../../src/build/store/data-files.js'
import type { LoadedFlows } from '../../../../src/flows/load.js'
import { checkOptions, type RawOptions } from '../../../../src/options/options.js'
import { chooseSources } from '../../../../src/sources/choose.js'
import { listSources } from '../../../../src/sources/listing.js'
import { sourceRules } from '../../../../src/sources/source-rules.js'
import type { Sources } from '../../../../src/sources/sources.js'
import { repository } from '../../../helpers/flowstore.js'
import { options } from '../../../helpers/stages.js'

const KNOWS = 'HERE = __file__\n'

const sourcesOf = (files: Readonly<Record<string, string>>): Promise<Sources> =>
  listSources(realpathSync(repository(files)))

/** What a build knows of sources that leave nothing out. */
const inputs = (sources: Sources) => ({ sources, leftOut: [], options: options() })

/** As a load finds them: the path `name` that a module builds from `__file__`. */
const path = (
  file: string,
  name: string,
  kind: 'file' | 'folder' = 'file'
): LoadedFlows['risks'][number] => ({ kind, name, flows: ['a'], file, line: 3 })

const NOTHING = { helpers: [], inPickles: [], risks: [] }

const helper = (file: string, path = file) => ({ file, path })

/** The paths in the image of the data files of a repository. */
async function carried(
  files: Readonly<Record<string, string>>,
  loaded: Partial<Pick<LoadedFlows, 'helpers' | 'inPickles' | 'risks'>>
): Promise<string[]> {
  const data = await dataFiles(inputs(await sourcesOf(files)), { ...NOTHING, ...loaded })
  expect(data.notices).toEqual([])
  return data.files.map(({ path }) => path)
}

test.each([
  '.env',
  'gha-creds-1a2b.json',
  'config/credentials.json',
  'server.pem',
  'id_ed25519',
  'certs/server.KEY'
])('%s stays behind, even if a module names it', async name => {
  const files = { 'a.py': `${KNOWS}HERE / "${name}"`, [name]: 'secret', 'x.sql': '' }
  expect(await carried(files, { inPickles: ['a.py'] })).toEqual([
    'repository-files/a.py',
    'repository-files/x.sql'
  ])
})

test('a package takes the files below its folder, but no hidden ones', async () => {
  const files = {
    'src/mails/__init__.py': '',
    'src/mails/welcome.txt': '',
    'src/mails/py.typed': '',
    'src/mails/.secret': '',
    'src/mails/api.pyi': '',
    'src/mails/sub/__init__.py': '',
    'src/mails/sub/other.txt': '',
    'src/mails/.cache/x.txt': '',
    'src/beside.txt': ''
  }
  const helpers = [helper('src/mails/sub/__init__.py', 'mails/sub/__init__.py')]
  expect(await carried(files, { helpers })).toEqual([
    'mails/py.typed',
    'mails/sub/other.txt',
    'mails/welcome.txt'
  ])
})

test('a module in a folder that is no package takes what is beside it', async () => {
  const files = {
    'lib/a.py': '',
    'lib/x.txt': '',
    'lib/data/y.txt': '',
    'lib/deep/z.py': '',
    'lib/deep/z.txt': ''
  }
  const helpers = [helper('lib/a.py')]
  expect(await carried(files, { helpers })).toEqual(['lib/data/y.txt', 'lib/x.txt'])
})

test('a module in no package takes what is beside it if it asks where it lies', async () => {
  const files = {
    'flows/one.py': KNOWS,
    'flows/query.sql': '',
    'other/two.py': '',
    'other/no.sql': ''
  }
  const helpers = [helper('flows/one.py', 'one.py'), helper('other/two.py', 'two.py')]
  expect(await carried(files, { helpers })).toEqual([
    'query.sql',
    'repository-files/flows/one.py',
    'repository-files/flows/query.sql'
  ])
})

test('a module in a pickle finds its own folder, and what its text names in folders above', async () => {
  const files = {
    'flows/a.py': `${KNOWS}open(f"{HERE}/../sql/up.sql"), HERE / "sql" / 'x', "tools/run.py", "/etc", "..", "."`,
    'flows/query.sql': '',
    'flows/more/deep.sql': '',
    'flows/lib/__init__.py': '',
    'flows/lib/no.txt': '',
    'sql/up.sql': '',
    'tools/run.py': '',
    'docs/no.md': '',
    'README.md': ''
  }
  expect(await carried(files, { inPickles: ['flows/a.py'] })).toEqual([
    'repository-files/flows/a.py',
    'repository-files/flows/more/deep.sql',
    'repository-files/flows/query.sql',
    'repository-files/sql/up.sql',
    'repository-files/tools/run.py'
  ])
})

test('a module in a pickle that does not ask where it lies takes nothing', async () => {
  const files = { 'a.py': 'open("query.sql")', 'query.sql': '' }
  expect(await carried(files, { inPickles: ['a.py', 'absent.py', '../a.py'] })).toEqual([])
})

test('programs stay executable, and links become the files that they name', async () => {
  const sources = await sourcesOf({ 'a.py': KNOWS, 'job.sh': 'echo' })
  chmodSync(join(sources.root, 'job.sh'), 0o755)
  symlinkSync('job.sh', join(sources.root, 'link.sh'))
  symlinkSync('/etc/hostname', join(sources.root, 'outside.txt'))
  const listed = await listSources(sources.root)
  const { files } = await dataFiles(inputs(listed), { ...NOTHING, inPickles: ['a.py'] })
  const program = { size: 4, mode: 0o755 }
  expect(files).toEqual([
    expect.objectContaining({ path: 'repository-files/a.py', size: KNOWS.length }),
    { path: 'repository-files/job.sh', source: join(sources.root, 'job.sh'), ...program },
    { path: 'repository-files/link.sh', source: join(sources.root, 'link.sh'), ...program }
  ])
})

test('modules beside the root bring the files of their package, and nothing for pickles', async () => {
  const { root } = await sourcesOf({
    'app/a.py': '',
    'lib/mails/__init__.py': KNOWS,
    'lib/mails/t.txt': ''
  })
  const paths = ['a.py', '../lib/mails/__init__.py', '../lib/mails/t.txt']
  const files = paths.map(path => ({ path, size: 0, executable: false }))
  const found = await dataFiles(inputs({ root: join(root, 'app'), files, size: 0 }), {
    ...NOTHING,
    helpers: [helper('../lib/mails/__init__.py', 'mails/__init__.py')],
    inPickles: ['../lib/mails/__init__.py']
  })
  expect(found.files.map(({ path }) => path)).toEqual(['mails/t.txt'])
})

test('two files with one place in the image are named', async () => {
  const files = { 'a/one.py': KNOWS, 'a/x.sql': '1', 'b/two.py': KNOWS, 'b/x.sql': '2' }
  const helpers = [helper('a/one.py', 'one.py'), helper('b/two.py', 'two.py')]
  const { notices } = await dataFiles(inputs(await sourcesOf(files)), { ...NOTHING, helpers })
  expect(notices).toEqual([
    {
      level: 'warning',
      message: expect.stringContaining('a/x.sql and b/x.sql have the same place')
    }
  ])
})

/** The data of a repository with files of these sizes in MiB. */
async function withSizes(sizes: Readonly<Record<string, number>>) {
  const names = Object.keys(sizes).map((name): [string, string] => [name, ''])
  const { root } = await sourcesOf({ 'a.py': KNOWS, ...Object.fromEntries(names) })
  for (const [name, size] of Object.entries(sizes))
    truncateSync(join(root, name), size * 1024 * 1024)
  return dataFiles(inputs(await listSources(root)), { ...NOTHING, inPickles: ['a.py'] })
}

test('a notice names large data files', async () => {
  const { files, notices } = await withSizes({ 'small.bin': 1, 'large.bin': 10 })
  expect(files).toHaveLength(3)
  expect(notices).toEqual([
    {
      level: 'notice',
      message: expect.stringMatching(
        /^data files of 11\.0 MiB travel.*: large\.bin \(10\.0 MiB\), small/
      )
    }
  ])
})

test('the largest files are left out with a warning if there are too many bytes', async () => {
  const { files, notices } = await withSizes({ 'one.bin': 60, 'two.bin': 50, 'three.bin': 40 })
  expect(files.map(({ path }) => path)).toEqual([
    'repository-files/a.py',
    'repository-files/three.bin',
    'repository-files/two.bin'
  ])
  expect(notices).toEqual([
    { level: 'warning', message: expect.stringContaining('not in the image: one.bin (60.0 MiB). ') }
  ])
})

test('the module of a script storage takes what is below its folder, and names what it looks for elsewhere', async () => {
  const files = {
    'flows/a.py': `${KNOWS}"sql/up.sql"`,
    'flows/in/run.py': '',
    'flows/q.sql': '',
    'sql/up.sql': ''
  }
  const { files: found, notices } = await scriptData(
    inputs(await sourcesOf(files)),
    { risks: [path('flows/a.py', 'sql/up.sql'), path('flows/a.py', 'flows/in/run.py')] },
    'flows/a.py',
    '/opt/prefect/flows/a.py'
  )
  expect(found.map(({ path }) => path)).toEqual(['in/run.py', 'q.sql'])
  expect(notices).toEqual([
    {
      level: 'warning',
      message: expect.stringContaining(
        "at /opt/prefect/sql/up.sql, outside /opt/prefect/flows. Add 'files: sql/up.sql:/opt/prefect/sql/up.sql'"
      ),
      file: 'flows/a.py',
      line: 3
    }
  ])
})

test.each([
  ['bytes', 'warning'],
  ['local', 'notice']
])('%s storage says in one notice which files it does not hold', async (storage, level) => {
  const files = {
    'a.py': KNOWS,
    'query.sql': '',
    'lib/__init__.py': '',
    'lib/read.py': 'pkgutil.get_data("lib", "t.txt")',
    'lib/t.txt': '',
    'plain.py': ''
  }
  const sources = await sourcesOf(files)
  const left = (inPickles: string[]) =>
    leftBehind(inputs(sources), { inPickles, risks: [path('plain.py', 'lib/t.txt')] }, storage)
  expect(await left(['a.py'])).toEqual({
    level,
    file: 'a.py',
    message: expect.stringContaining('a.py may read query.sql (0 B) when a flow runs. That works')
  })
  expect(await left(['a.py', 'lib/read.py', 'plain.py'])).toEqual({
    level,
    file: undefined,
    message: expect.stringContaining(
      'but 3 modules may read some when a flow runs: a.py (query.sql), lib/read.py (lib/t.txt), plain.py (lib/t.txt). That'
    )
  })
  expect(await left([])).toBeUndefined()
})

test('the notice about files that a storage does not hold names ten modules', async () => {
  const modules = Array.from({ length: 12 }, (_, index) => `m${String(index).padStart(2, '0')}.py`)
  const files = { ...Object.fromEntries(modules.map(name => [name, KNOWS])), 'query.sql': '' }
  const sources = inputs(await sourcesOf(files))
  const notice = await leftBehind(sources, { inPickles: modules, risks: [] }, 'bytes')
  expect(notice?.message).toContain('12 modules may read some')
  expect(notice?.message).toContain('m09.py (query.sql) and 2 more. That works')
})

const PACKAGE = {
  'flows/mails/__init__.py': '',
  'flows/mails/render.py': KNOWS,
  'flows/templates/x.html': '',
  'flows/templates/deep/y.html': '',
  'sql/a.sql': ''
}
const RENDER = 'flows/mails/render.py'
const MAILS = [helper(RENDER, 'mails/render.py')]

test.each([
  ['a file', 'flows/templates/x.html', ['templates/x.html']],
  ['a folder', 'flows/templates', ['templates/deep/y.html', 'templates/x.html']],
  ['a Python file of the package', 'flows/mails/render.py', []]
])('%s above a package travels to where its modules look for it', async (_, name, expected) => {
  const found = await carried(PACKAGE, { helpers: MAILS, risks: [path(RENDER, name)] })
  expect(found.filter(file => !file.startsWith('repository-files'))).toEqual(expected)
})

test('a file of a folder with Python travels with a module in a pickle', async () => {
  const files = { 'a.py': KNOWS, 'lib/x.py': '', 'lib/deep/y.py': '', 'lib/deep/z.yml': '' }
  expect(await carried(files, { inPickles: ['a.py'] })).toEqual(['repository-files/a.py'])
  const risks = [path('a.py', 'lib/deep/z.yml')]
  expect(await carried(files, { inPickles: ['a.py'], risks })).toEqual([
    'repository-files/a.py',
    'repository-files/lib/deep/z.yml'
  ])
})

/** The warnings about the paths of a module, after the options chose among the files. */
async function warnings(
  files: Readonly<Record<string, string>>,
  risks: LoadedFlows['risks'],
  raw: RawOptions = {},
  loaded: Partial<Pick<LoadedFlows, 'helpers' | 'inPickles'>> = { inPickles: ['flows/a.py'] }
): Promise<string[]> {
  const root = realpathSync(repository(files))
  const checked = checkOptions({ flows: 'flows', 'registry-url': 'r.test', ...raw }, root)
  const rules = sourceRules(checked.sources)
  const all = await listSources(root, [], [], rules)
  const chosen = chooseSources(all, { rules, flows: ['flows'], named: [] })
  const { notices } = await dataFiles(
    { ...chosen, options: checked },
    { ...NOTHING, ...loaded, risks }
  )
  const [first] = risks
  expect(notices.every(({ file, line }) => file === first?.file && line === 3)).toBe(true)
  return notices.map(({ message }) => message)
}

const STAYING = {
  '.git/HEAD': '',
  '.gitignore': 'generated',
  'flows/a.py': KNOWS,
  'flows/test_a.py': '',
  'flows/.env': 'A=1',
  'certs/ca.pem': 'key',
  'generated/g.csv': '1',
  'tests/t.json': '{}',
  'tests/test_a.py': '',
  'conf/c.yml': ''
}

test.each([
  [
    'a key',
    'certs/ca.pem',
    "it is named like a key or a login. To have it in the image, where all who can pull the image can read it, add 'files: certs/ca.pem:/opt/flowstore/repository-files/certs/ca.pem'"
  ],
  [
    'a folder of keys',
    'certs',
    "it is named like a key or a login. To have it in the image, where all who can pull the image can read it, add 'files: certs:/opt/flowstore/repository-files/certs'"
  ],
  [
    'a hidden file',
    'flows/.env',
    "it is hidden. Add 'files: flows/.env:/opt/flowstore/repository-files/flows/.env'"
  ],
  [
    'an ignored file',
    'generated/g.csv',
    ".gitignore or .dockerignore excludes it. Add 'sources: generated/g.csv'"
  ],
  [
    'an ignored folder',
    'generated',
    ".gitignore or .dockerignore excludes it. Add 'sources: generated'"
  ],
  ['a file of tests', 'tests/t.json', "it is left out as tests. Add 'sources: tests/t.json'"],
  [
    'a file that the option sources leaves out',
    'conf/c.yml',
    "the line '!conf' of the option sources leaves it out. Add 'sources: conf/c.yml' after that line"
  ]
])('%s that a module names is a warning with what brings it', async (_, name, rest) => {
  expect(await warnings(STAYING, [path('flows/a.py', name)], { sources: '!conf' })).toEqual([
    `flow "a" may read '${name}', which does not travel: ${rest}`
  ])
})

test.each(['absent.csv', '../../../etc/hostname', '/etc/hostname', '.git/HEAD', 'flows', 'a\0b'])(
  '%j is no warning',
  async name => {
    expect(await warnings(STAYING, [path('flows/a.py', name)])).toEqual([])
  }
)

test('what files or the instructions of an image may bring is no warning', async () => {
  const read = [path('flows/a.py', 'certs/ca.pem')]
  const place = '/opt/flowstore/repository-files/certs'
  for (const raw of [
    { files: `certs:${place}` },
    { files: `certs/ca.pem:${place}/ca.pem` },
    { 'extra-dockerfile-commands': 'RUN fetch /opt/flowstore/repository-files' }
  ]) {
    expect(await warnings(STAYING, read, raw)).toEqual([])
  }
})

test('what a package looks for outside the folder of modules is a warning with its place', async () => {
  const message =
    'flow "a" may read \'sql/a.sql\', which does not travel: flows/mails/render.py looks for it at /opt/sql/a.sql, outside /opt/flowstore. ' +
    "Add 'files: sql/a.sql:/opt/sql/a.sql'"
  const read = [path(RENDER, 'sql/a.sql')]
  expect(await warnings(PACKAGE, read, {}, { helpers: MAILS })).toEqual([message])
  const raw = { files: 'sql/a.sql:/opt/sql/a.sql' }
  expect(await warnings(PACKAGE, read, raw, { helpers: MAILS })).toEqual([])
})

test('a name that only a run tells is a warning above the package, and none in it', async () => {
  const loaded = { helpers: MAILS }
  expect(await warnings(PACKAGE, [path(RENDER, 'flows/mails', 'folder')], {}, loaded)).toEqual([])
  expect(await warnings(PACKAGE, [path(RENDER, 'flows', 'folder')], {}, loaded)).toEqual([
    'flow "a" may read files of the folder \'flows\' by names that only a run tells: they do not travel. ' +
      "Add each as 'files: flows/NAME:/opt/flowstore/NAME', or write the names in the code"
  ])
})

test('a name that another text of the module tells travels', async () => {
  const files = { ...PACKAGE, [RENDER]: `${KNOWS}read("templates/x.html")` }
  const risks = [path(RENDER, 'flows', 'folder')]
  expect(await carried(files, { helpers: MAILS, risks })).toContain('templates/x.html')
})

test('a file with the place of a module is named', async () => {
  const files = { 'a/mails.py': KNOWS, 'lib/mails.py': '', 'a/x.py': '' }
  const helpers = [helper('a/x.py', 'x.py'), helper('lib/mails.py', 'mails.py')]
  expect(await warnings(files, [path('a/x.py', 'a/mails.py')], {}, { helpers })).toEqual([
    expect.stringContaining(
      'lib/mails.py and a/mails.py have the same place in the image, mails.py'
    )
  ])
})
