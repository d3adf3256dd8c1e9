import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { listSources, withFolders } from '../../../src/sources/listing.js'
import { sourceRules } from '../../../src/sources/source-rules.js'
import { asOrdinaryUser } from '../../helpers/processes.js'
import { repository } from '../../helpers/flowstore.js'

const pathsOf = async (root: string, exclude?: string[], named?: string[]): Promise<string[]> =>
  (await listSources(root, exclude, named)).files.map(file => file.path)

test('files that .gitignore files exclude are left out, the innermost rule first', async () => {
  const root = repository({
    '.gitignore': '*.log\n!important.log\nbuild/\n/top.txt\nkeep/*\n!keep/inner/\n[ab]?.dat\n',
    'x.log': '',
    'X.LOG': '',
    'important.log': '',
    'top.txt': '',
    'a/top.txt': '',
    'build/.gitignore': '!*\n',
    'build/x': '',
    'a/build': '',
    'keep/one': '',
    'keep/inner/two': '',
    'a1.dat': '',
    'c1.dat': '',
    'sub/.gitignore': '!x.log\nlocal.txt\n',
    'sub/x.log': '',
    'sub/y.log': '',
    'sub/local.txt': '',
    'sub/deep/.gitignore': 'x.log\n!local.txt\n',
    'sub/deep/x.log': '',
    'sub/deep/local.txt': ''
  })
  expect(await pathsOf(root)).toEqual([
    '.gitignore',
    'X.LOG',
    'a/build',
    'a/top.txt',
    'c1.dat',
    'important.log',
    'keep/inner/two',
    'sub/.gitignore',
    'sub/deep/.gitignore',
    'sub/deep/local.txt',
    'sub/x.log'
  ])
})

test('.dockerignore, virtual environments, bytecode and excluded folders are left out', async () => {
  const root = repository({
    '.dockerignore': 'data\n!data/kept\n*.md\n',
    'data/x': '',
    'data/kept': '',
    'README.md': '',
    'a/README.md': '',
    'envs/mine/pyvenv.cfg': '',
    'envs/mine/lib.py': '',
    'a/__pycache__/m.pyc': '',
    'a/m.pyc': '',
    '.git/config': '',
    'out/storage.json': ''
  })
  const all = ['.dockerignore', 'a/README.md', 'data/kept']
  expect(await pathsOf(root, ['out'])).toEqual(all)
  expect(await pathsOf(root, ['out'], ['README.md', 'a/m.pyc', 'data/kept'])).toEqual([
    '.dockerignore',
    'README.md',
    'a/README.md',
    'a/m.pyc',
    'data/kept'
  ])
})

test('the login that another step wrote into the work tree is left out, unless it is named', async () => {
  const root = repository({ 'a.py': '', 'gha-creds-1a2b.json': '{}' })
  expect(await pathsOf(root)).toEqual(['a.py'])
  expect(await pathsOf(root, [], ['gha-creds-1a2b.json'])).toEqual(['a.py', 'gha-creds-1a2b.json'])
})

test('files and links are listed with size and executable bit', async () => {
  const root = repository({ 'run.sh': 'true', 'folder/a': '' })
  chmodSync(join(root, 'run.sh'), 0o755)
  symlinkSync('folder', join(root, 'link'))
  symlinkSync('nowhere', join(root, 'dangling'))
  expect(await listSources(root)).toMatchObject({
    root,
    size: 17,
    files: [
      { path: 'dangling', link: 'nowhere', size: 7 },
      { path: 'folder/a', size: 0, executable: false },
      { path: 'link', link: 'folder', size: 6 },
      { path: 'run.sh', size: 4, executable: true }
    ]
  })
})

test('a file that can’t be read is an error that names it', async () => {
  const root = repository({ 'folder/a': '', 'b/.gitignore/x': '' })
  await expect(listSources(root)).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
    message: expect.stringContaining(`${join(root, 'b/.gitignore')} is a folder, not a file`)
  })
  const closed = repository({ 'folder/a': '' })
  chmodSync(closed, 0o755)
  chmodSync(join(closed, 'folder'), 0o700)
  await asOrdinaryUser(async () => {
    await expect(listSources(closed)).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: expect.stringContaining(`${join(closed, 'folder')} can't be read: EACCES`)
    })
  })
})

/** A git repository with rules above and beside the folder `team/flows`. */
const monorepo = (more: Readonly<Record<string, string>> = {}): string =>
  join(
    repository({
      '.git/info/exclude': 'private.py\n',
      '.gitignore': 'build/\n/team/flows/top.py\n',
      'team/.gitignore': '*.log\n',
      'team/flows/a.py': '',
      'team/flows/x.log': '',
      'team/flows/build/b.py': '',
      'team/flows/private.py': '',
      'team/flows/top.py': '',
      ...more
    }),
    'team/flows'
  )

test('the .gitignore files above the root and .git/info/exclude count', async () => {
  expect(await pathsOf(monorepo())).toEqual(['a.py'])
})

test('the .gitignore files above a root that git ignores itself don’t count', async () => {
  const root = monorepo({ '.gitignore': 'team/\n*.py\n' })
  expect(await pathsOf(root)).toContain('a.py')
})

test('the .gitignore files above the git repository don’t count', async () => {
  expect(await pathsOf(monorepo({ 'team/.git': 'gitdir: elsewhere\n' }))).toEqual([
    'a.py',
    'build/b.py',
    'private.py',
    'top.py'
  ])
})

test('info/exclude of a submodule is that of the folder which its .git names', async () => {
  const root = repository({
    '.git/modules/sub/info/exclude': 'private.py\n',
    'sub/.git': 'gitdir: ../.git/modules/sub\n',
    'sub/a.py': '',
    'sub/private.py': ''
  })
  expect(await pathsOf(join(root, 'sub'))).toEqual(['a.py'])
})

test('info/exclude of a linked worktree is that of the common folder', async () => {
  const root = repository({
    'main/.git/info/exclude': 'private.py\n',
    'main/.git/worktrees/tree/commondir': '../..\n',
    'main/.git/worktrees/tree/info/exclude': '*\n',
    'tree/a.py': '',
    'tree/private.py': ''
  })
  const tree = join(root, 'tree')
  writeFileSync(join(tree, '.git'), `gitdir: ${join(root, 'main/.git/worktrees/tree')}\n`)
  expect(await pathsOf(tree)).toEqual(['a.py'])
})

/** The sources of `teams/a` in a git repository, with further folders. */
async function pathsWith(
  files: Readonly<Record<string, string>>,
  folders: readonly string[],
  exclude: readonly string[] = []
): Promise<string[]> {
  const top = repository(files)
  mkdirSync(join(top, '.git'))
  const root = join(top, 'teams/a')
  const sources = await withFolders(await listSources(root), folders, exclude)
  return sources.files.map(file => file.path)
}

test('a folder beside the root has the rules of git above it, and those of its own files', async () => {
  const paths = await pathsWith(
    {
      '.gitignore': '*.log',
      'teams/a/flow.py': '',
      'teams/a/.dockerignore': 'data',
      'libs/.gitignore': 'local',
      'libs/.dockerignore': 'big.bin',
      'libs/x.log': '',
      'libs/local': '',
      'libs/big.bin': '',
      'libs/sub/.git/config': '',
      'libs/venv/pyvenv.cfg': '',
      'libs/data': '',
      'libs/shared/__pycache__/tools.pyc': '',
      'libs/shared/tools.py': ''
    },
    ['../../libs']
  )
  expect(paths).toEqual([
    '../../libs/.dockerignore',
    '../../libs/.gitignore',
    '../../libs/data',
    '../../libs/shared/tools.py',
    '.dockerignore',
    'flow.py'
  ])
})

test('a folder around the root adds what the root does not have, and each file once', async () => {
  const files = {
    'teams/a/flow.py': '',
    'teams/a/.dockerignore': 'no.py',
    'teams/a/no.py': '',
    'teams/b/flow.py': '',
    'libs/tools.py': '',
    'out/report.json': ''
  }
  expect(await pathsWith(files, ['../..', '../../libs'], ['../../out'])).toEqual([
    '../../libs/tools.py',
    '../b/flow.py',
    '.dockerignore',
    'flow.py'
  ])
})

test('a folder below the root is added only if git ignores it; .dockerignore counts in it', async () => {
  const files = {
    '.gitignore': 'gen/',
    'teams/a/.dockerignore': '**/*.bin',
    'teams/a/lib/tools.py': '',
    'teams/a/lib/x.bin': '',
    'teams/a/gen/api.py': '',
    'teams/a/gen/x.bin': ''
  }
  const listed = ['.dockerignore', 'lib/tools.py']
  expect(await pathsWith(files, ['.', 'lib'])).toEqual(listed)
  expect(await pathsWith(files, ['gen'])).toEqual(['.dockerignore', 'gen/api.py', 'lib/tools.py'])
})

test('what another build wrote into its output directory is no source, unless the option sources names it', async () => {
  const report = JSON.stringify({ outputs: {}, versions: { flowstore: '1.0.0' } })
  const root = repository({
    'flow.py': '',
    '.other/report.json': report,
    '.other/storage.json': '{}',
    '.other/flows.json': '{}',
    '.other/Dockerfile': '',
    '.other/mine.csv': '',
    'data/report.json': '{"versions": "of another program"}',
    'data/storage.json': '{}'
  })
  const sources = ['.other/mine.csv', 'data/report.json', 'data/storage.json', 'flow.py']
  expect(await pathsOf(root)).toEqual(sources)
  const { files } = await listSources(root, [], [], sourceRules(['.other/flows.json']))
  expect(files.map(({ path }) => path)).toContain('.other/flows.json')
})
