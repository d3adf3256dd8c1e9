import { chmodSync, realpathSync, symlinkSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { dataFiles, leftBehind, scriptData } from '../../../../src/build/store/data-files.js'
import { listSources } from '../../../../src/sources/listing.js'
import type { Sources } from '../../../../src/sources/sources.js'
import { repository } from '../../../helpers/flowstore.js'

const KNOWS = 'HERE = __file__\n'

const sourcesOf = (files: Readonly<Record<string, string>>): Promise<Sources> =>
  listSources(realpathSync(repository(files)))

const helper = (file: string, path = file) => ({ file, path })

/** The paths in the image of the data files of a repository. */
async function carried(
  files: Readonly<Record<string, string>>,
  loaded: { helpers?: { file: string; path: string }[]; inPickles?: string[] }
): Promise<string[]> {
  const data = await dataFiles(await sourcesOf(files), { helpers: [], inPickles: [], ...loaded })
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
  const { files } = await dataFiles(listed, { helpers: [], inPickles: ['a.py'] })
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
  const found = await dataFiles(
    { root: join(root, 'app'), files, size: 0 },
    {
      helpers: [helper('../lib/mails/__init__.py', 'mails/__init__.py')],
      inPickles: ['../lib/mails/__init__.py']
    }
  )
  expect(found.files.map(({ path }) => path)).toEqual(['mails/t.txt'])
})

test('two files with one place in the image are named', async () => {
  const files = { 'a/one.py': KNOWS, 'a/x.sql': '1', 'b/two.py': KNOWS, 'b/x.sql': '2' }
  const helpers = [helper('a/one.py', 'one.py'), helper('b/two.py', 'two.py')]
  const { notices } = await dataFiles(await sourcesOf(files), { helpers, inPickles: [] })
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
  return dataFiles(await listSources(root), { helpers: [], inPickles: ['a.py'] })
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

test('the module of a script storage takes what is below its folder', async () => {
  const files = { 'flows/a.py': `${KNOWS}"sql/up.sql"`, 'flows/in/q.sql': '', 'sql/up.sql': '' }
  const { files: found } = await scriptData(await sourcesOf(files), 'flows/a.py')
  expect(found.map(({ path }) => path)).toEqual(['in/q.sql'])
})

test.each([
  ['bytes', 'warning'],
  ['local', 'notice']
])('%s storage says which files it does not hold', async (storage, level) => {
  const files = {
    'a.py': KNOWS,
    'query.sql': '',
    'lib/__init__.py': '',
    'lib/read.py': 'pkgutil.get_data("lib", "t.txt")',
    'lib/t.txt': '',
    'plain.py': ''
  }
  const notices = await leftBehind(
    await sourcesOf(files),
    ['a.py', 'lib/read.py', 'plain.py'],
    storage
  )
  expect(notices).toEqual([
    { level, file: 'a.py', message: expect.stringContaining('a.py may read query.sql (0 B) when') },
    {
      level,
      file: 'lib/read.py',
      message: expect.stringContaining('may read lib/t.txt (0 B) when')
    }
  ])
})
