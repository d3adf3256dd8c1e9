import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { copiedFiles } from '../../../../src/environment/plan/copied-files.js'
import { readDockerIgnore, withoutBringingBack } from '../../../../src/sources/docker-ignore.js'
import { repository } from '../../../helpers/flowstore.js'

const copied = async (root: string, ...sources: string[]) =>
  copiedFiles(
    sources.map(source => ({ source, destination: '/srv/data' })),
    { cwd: root, dockerIgnore: await readDockerIgnore(root) }
  )

/** The files that sources copy, relative to their targets, and what git leaves out. */
async function filesOf(root: string, ...sources: string[]) {
  const { context, leftOut } = await copied(root, ...sources)
  const files = context.filter(entry => !('folder' in entry))
  return { files: files.map(({ path }) => path.replace(/^files\/\d+\//, '')), leftOut }
}

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

test('.dockerignore applies to files of a folder, but not to a file that is named', async () => {
  const root = repository({
    'data/a.csv': '1',
    'data/left/b.csv': '2',
    '.dockerignore': 'data/left\ndata/a.csv\n'
  })
  expect((await copied(root, 'data')).context).toEqual([{ path: 'files/0', folder: true }])
  expect((await copied(root, 'data/a.csv')).context).toMatchObject([
    { path: 'files/0/a.csv', size: 1 }
  ])
})

test('a folder that is left out exists if an exception keeps a file in it', async () => {
  const root = repository({
    'data/left/keep.csv': '1',
    'data/left/b.csv': '2',
    '.dockerignore': 'data/left\n!data/left/keep.csv\n'
  })
  expect((await copied(root, 'data')).context.map(entry => entry.path)).toEqual([
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
      message: `'${glob}' in the option files matches no file`
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

test.each([
  ['a folder', '.git/config'],
  ['a file, as in a submodule', 'deep/sub/.git'],
  ['of another kind', 'deep/.svn/entries'],
  ['of jj', '.jj/repo/store'],
  ['in capitals', 'deep/.GIT/config'],
  ['that .dockerignore brings back', 'back/.git/config']
])('version control is not copied: %s', async (_what, path) => {
  const root = repository({ 'a.py': '', [path]: 'token', '.dockerignore': '*\n!**/.git\n!a.py\n' })
  expect(await filesOf(root, '.')).toEqual({ files: ['a.py'], leftOut: [] })
})

test('the login that another step wrote into the work tree is not copied with its folder', async () => {
  const root = repository({ 'a.py': '', 'gha-creds-1a2b.json': '{}' })
  expect(await filesOf(root, '.')).toEqual({ files: ['a.py'], leftOut: [] })
})

test.each(['.git', '.git/config', '.git/*', 'sub/.git', 'link', './x/../.git/config'])(
  'a source in version control is an error: %s',
  async source => {
    const root = repository({ '.git/config': 'token', 'sub/.git': 'gitdir: x', 'x/a': '' })
    symlinkSync('.git/config', join(root, 'link'))
    await expect(copied(root, source)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: `'${source}:/srv/data' in the option files names version control, which is never copied into an image`
    })
  }
)

test('what git ignores is left out of a folder, and listed by its topmost paths', async () => {
  const root = repository({
    '.gitignore': '.env\nnode_modules/\n__pycache__/\n*.pyc\n/left.txt\n',
    '.dockerignore': 'left.txt\n',
    'a.py': '',
    '.env': 'secret',
    'left.txt': '',
    'node_modules/x/index.js': '',
    '__pycache__/a.pyc': '',
    'deep/.gitignore': '*.log\n!kept.log\n',
    'deep/b.log': '',
    'deep/kept.log': '',
    'all/.gitignore': '*',
    'all/c': ''
  })
  expect(await filesOf(root, '.')).toEqual({
    files: ['.dockerignore', '.gitignore', 'a.py', 'deep/.gitignore', 'deep/kept.log'],
    leftOut: ['.env', 'all/', 'deep/b.log', 'node_modules/']
  })
})

const WITH_DIST = {
  '.gitignore': 'dist/\n.env*\n*.whl\n',
  'a.py': '',
  '.env': '',
  '.env.local': '',
  'x.whl': '',
  'dist/y.whl': '',
  'dist/deep/.env': ''
}

test.each<[string, string, readonly string[]]>([
  ['an ignored file', '.env', ['.env']],
  ['an ignored folder', 'dist', ['deep/.env', 'y.whl']],
  ['a folder in an ignored folder', 'dist/deep', ['.env']],
  ['a pattern in an ignored folder', 'dist/*', ['y.whl']],
  ['a pattern for all below an ignored folder', 'dist/**/.e*', ['deep/.env']]
])('%s is named and copied', async (_what, source, files) => {
  expect(await filesOf(repository(WITH_DIST), source)).toEqual({ files, leftOut: [] })
})

test('a folder whose own .gitignore ignores everything in it is copied where it is named', async () => {
  const root = repository({ 'dist/.gitignore': '*', 'dist/y.whl': '' })
  expect(await filesOf(root, 'dist')).toEqual({ files: ['.gitignore', 'y.whl'], leftOut: [] })
})

test('what one source leaves out and another names is not told', async () => {
  expect(await filesOf(repository(WITH_DIST), '.', 'dist', '.env')).toMatchObject({
    leftOut: ['.env.local', 'x.whl']
  })
})

test('a pattern tells of the ignored files that it matches, and of no others', async () => {
  const root = repository({ ...WITH_DIST, '.gitignore': 'dist/\n.env*\nb.py\n', 'b.py': '' })
  expect(await filesOf(root, '**/*.py')).toEqual({ files: ['a.py'], leftOut: ['b.py'] })
})

test('a pattern with text does not name the ignored files that it matches', async () => {
  const root = repository({ '.gitignore': 'secret*.json\n', 'a.json': '', 'secret1.json': '' })
  expect(await filesOf(root, '*.json')).toEqual({ files: ['a.json'], leftOut: ['secret1.json'] })
})

test.each(['**/*.whl', '*.whl', '*/*.whl'])(
  'the error for a pattern that matches only ignored files says so: %s',
  async glob => {
    const root = repository({
      '.gitignore': '*.whl\n',
      'x.whl': '',
      'deep/y.whl': '',
      'deep/z': ''
    })
    await expect(copied(root, glob)).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
      hint: expect.stringMatching(
        /It matches only what git ignores: .*\.whl\. Name .* SOURCE:\/absolute\/destination, or add !PATTERN to \.dockerignore\./
      )
    })
  }
)

test('an exception of .dockerignore brings ignored files back', async () => {
  const root = repository({ ...WITH_DIST, '.dockerignore': '!dist/y.whl\n!.env\n' })
  expect(await filesOf(root, '.')).toEqual({
    files: ['.dockerignore', '.env', '.gitignore', 'a.py', 'dist/y.whl'],
    leftOut: ['.env.local', 'dist/deep/', 'x.whl']
  })
})

test('a later rule of .dockerignore leaves out again what an exception brought back', async () => {
  const root = repository({ ...WITH_DIST, '.dockerignore': '!dist\ndist/deep\n*.whl\n' })
  expect(await filesOf(root, '.')).toEqual({
    files: ['.dockerignore', '.gitignore', 'a.py', 'dist/y.whl'],
    leftOut: ['.env', '.env.local']
  })
})

test('the rules of git above the working directory count in it', async () => {
  const root = repository({
    '.git/info/exclude': 'private.txt\n',
    '.gitignore': '.env\n/team/flows/top.txt\n',
    'team/.gitignore': '!.env\n*.log\n',
    'team/flows/.env': '',
    'team/flows/a.log': '',
    'team/flows/a.py': '',
    'team/flows/private.txt': '',
    'team/flows/top.txt': ''
  })
  expect(await filesOf(join(root, 'team/flows'), '.')).toEqual({
    files: ['.env', 'a.py'],
    leftOut: ['a.log', 'private.txt', 'top.txt']
  })
})

test('the rules apply to an absolute source below the working directory', async () => {
  const root = repository({ 'in/.gitignore': '.env\n', 'in/data/.env': '', 'in/data/a': '' })
  const cwd = join(root, 'in')
  expect(await filesOf(cwd, join(cwd, 'data'))).toEqual({ files: ['a'], leftOut: ['data/.env'] })
})

const MONOREPO = {
  '.git/info/exclude': 'private.txt\n',
  '.gitignore': '.env\nbuild/\n',
  '.env': '',
  'pk/.dockerignore': '!**/.env\nleft.txt\n',
  'pk/.env': '',
  'pk/a.py': '',
  'pk/left.txt': '',
  'shared/.env': '',
  'shared/b.py': '',
  'shared/left.txt': '',
  'shared/private.txt': '',
  'build/.env': ''
}

test('a source beside the working directory has the rules of its git repository', async () => {
  const cwd = join(repository(MONOREPO), 'pk')
  expect(await filesOf(cwd, '../shared')).toEqual({
    files: ['b.py', 'left.txt'],
    leftOut: ['../shared/.env', '../shared/private.txt']
  })
})

test('a source around the working directory has the rules of .dockerignore in it only', async () => {
  const cwd = join(repository(MONOREPO), 'pk')
  const { files, leftOut } = await filesOf(cwd, '..')
  expect(files.filter(path => path.startsWith('pk/'))).toEqual([
    'pk/.dockerignore',
    'pk/.env',
    'pk/a.py'
  ])
  expect(leftOut).toEqual(['../.env', '../build/', '../shared/.env', '../shared/private.txt'])
})

test.each(['../.env', '../build', '../build/.e*'])(
  'an ignored source beside the working directory is named and copied: %s',
  async source => {
    const cwd = join(repository(MONOREPO), 'pk')
    expect(await filesOf(cwd, source)).toEqual({ files: ['.env'], leftOut: [] })
  }
)

test('a source in another git repository has the rules of that one', async () => {
  const outside = repository({ '.gitignore': 'b\n', a: '', b: '', '.git/config': 'token' })
  const cwd = repository({ '.gitignore': 'a\n' })
  expect(await filesOf(cwd, outside)).toMatchObject({ files: ['.gitignore', 'a'] })
})

test('a source outside any git repository has no rules of git', async () => {
  const outside = repository({ '.gitignore': 'b\n', b: '' })
  const { files } = await filesOf(repository({ '.gitignore': 'b\n' }), outside)
  expect(files).toEqual(['.gitignore', 'b'])
})

/** What is copied of `flows/`, in which git ignores `.env`. */
const ofFlows = (dockerignore: string) =>
  filesOf(
    repository({
      '.gitignore': '.env\n',
      '.dockerignore': dockerignore,
      'flows/.env': '',
      'flows/a.py': ''
    }),
    'flows'
  )

test.each([['*\n!flows\n'], ['**\n!flows/**\n'], ['*\n!flows/*\n'], ['!**\n']])(
  'a broad exception of .dockerignore brings no ignored file back: %j',
  async dockerignore => {
    const { files, leftOut } = await ofFlows(dockerignore)
    expect([files, leftOut]).toEqual([['a.py'], ['flows/.env']])
  }
)

test.each([['!flows/.env'], ['!**/.env'], ['!flows/.e*'], ['*\n!flows\n!flows/.env']])(
  'an exception of .dockerignore that is meant for an ignored file brings it back: %j',
  async dockerignore => {
    expect(await ofFlows(dockerignore)).toEqual({ files: ['.env', 'a.py'], leftOut: [] })
  }
)

test.each([['!dist/**'], ['!dist'], ['!dist/deep'], ['!**/deep/.env']])(
  'an exception for what is in an ignored folder is meant for it: %j',
  async dockerignore => {
    const root = repository({ ...WITH_DIST, '.dockerignore': `${dockerignore}\n` })
    expect((await filesOf(root, '.')).files).toContain('dist/deep/.env')
  }
)

test.each([['*\n!*/*'], ['*\n!*/**'], ['!**/*']])(
  'an exception for any path brings back nothing of an ignored folder: %j',
  async dockerignore => {
    const root = repository({ ...WITH_DIST, 'src/b.py': '', '.dockerignore': `${dockerignore}\n` })
    const { files } = await filesOf(root, '.')
    expect(files.filter(path => /^(dist|src)\//.test(path))).toEqual(['src/b.py'])
  }
)

test('an exception is meant for a folder whose own .gitignore ignores everything in it', async () => {
  const root = repository({ 'all/.gitignore': '*', 'all/c': '', '.dockerignore': '!all/**\n' })
  expect((await filesOf(root, '.')).files).toContain('all/c')
})

/** The files of a repository for the rules of its .dockerignore without bringing back. */
async function filesNotBroughtBack(files: Readonly<Record<string, string>>) {
  const root = repository(files)
  const dockerIgnore = withoutBringingBack(await readDockerIgnore(root))
  return copiedFiles([{ source: 'flows', destination: '/srv' }], { cwd: root, dockerIgnore })
}

test('an exception of a file that a module chooses brings no ignored file back', async () => {
  const { context, leftOut } = await filesNotBroughtBack({
    '.gitignore': '.env\n',
    '.dockerignore': 'flows/left\n!flows/left/kept\n!flows/.env\n',
    'flows/.env': '',
    'flows/left/kept': '',
    'flows/left/other': ''
  })
  expect(context.map(({ path }) => path)).toEqual(['files/0', 'files/0/left', 'files/0/left/kept'])
  expect(leftOut).toEqual(['flows/.env'])
})

/** The files of a repository whose output directory is `out`. */
async function filesAroundOutput(source: string) {
  const root = repository({ '.gitignore': 'out/\n', 'out/storage.json': '', 'a.py': '' })
  const { context, leftOut } = await copiedFiles([{ source, destination: '/srv' }], {
    cwd: root,
    dockerIgnore: await readDockerIgnore(root),
    output: 'out'
  })
  return { paths: context.map(({ path }) => path), leftOut }
}

test('the output directory is left out of the folders around it, and not told', async () => {
  expect(await filesAroundOutput('.')).toEqual({
    paths: ['files/0', 'files/0/.gitignore', 'files/0/a.py'],
    leftOut: []
  })
})

test.each(['out', 'out/*.json'])('the output directory can be named: %s', async source => {
  expect((await filesAroundOutput(source)).paths).toContain('files/0/storage.json')
})

test('for files of a module git’s rules are not asked again', async () => {
  const root = repository({ ...WITH_DIST, 'b.py': '' })
  const only = (path: string) => path === 'a.py'
  const { context, leftOut } = await copiedFiles([{ source: '.', destination: '/srv', only }], {
    cwd: root,
    dockerIgnore: await readDockerIgnore(root)
  })
  expect(context.map(({ path }) => path)).toEqual(['files/0', 'files/0/a.py'])
  expect(leftOut).toEqual([])
})

test('files of a module beside the working directory are those of the sources', async () => {
  const top = repository({ 'a/flow.py': '', 'libs/data.csv': '', 'libs/secret': '' })
  const only = (path: string) => ['../libs', '../libs/data.csv'].includes(path)
  const cwd = join(top, 'a')
  const { context } = await copiedFiles([{ source: '../libs', destination: '/srv', only }], {
    cwd,
    dockerIgnore: await readDockerIgnore(cwd)
  })
  expect(context.map(({ path }) => path)).toEqual(['files/0', 'files/0/data.csv'])
})

test('a name that would remove another file of an image is an error', async () => {
  const root = repository({ 'data/.wh.a.csv': '1' })
  await expect(copied(root, 'data')).rejects.toMatchObject({
    code: 'FILE_DESTINATION',
    message: expect.stringMatching(/^no image can hold \/srv\/data\/\.wh\.a\.csv: /)
  })
})

test('a name that is not UTF-8 is an error that says so', async () => {
  const root = repository({ 'data/a.csv': '1' })
  writeFileSync(Buffer.concat([Buffer.from(`${root}/data/b`), Buffer.from([0xff])]), '1')
  await expect(copied(root, 'data')).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
    message: expect.stringMatching(/is not UTF-8$/)
  })
})
