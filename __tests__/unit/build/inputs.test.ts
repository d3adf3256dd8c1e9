import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from '@jest/globals'
import { imageNameOf, readInputs, withOptions } from '../../../src/build/inputs.js'
import { silentLog } from '../../../src/log.js'
import { checkOptions, type RawOptions } from '../../../src/options/options.js'
import { allLines } from '../../../src/packages/requirements.js'
import { repository, temporaryFolder } from '../../helpers/flowstore.js'
import { logWithLines, services } from '../../helpers/stages.js'

const optionsIn = (root: string, raw: RawOptions = {}) =>
  checkOptions({ flows: 'flows', push: 'false', ...raw }, root)

const readIn = (root: string, raw: RawOptions = {}, log = silentLog()) =>
  readInputs(optionsIn(root, raw), services(log, { cwd: root }))

const pathsOf = async (root: string, raw: RawOptions = {}): Promise<string[]> =>
  (await readIn(root, raw)).sources.files.map(file => file.path)

const FLOWS = { 'flows/a.py': '', 'flows/b.py': '' }

test('the modules that flows names are found among the sources', async () => {
  const { modules } = await readIn(repository({ ...FLOWS, 'other.py': '' }))
  expect(modules).toEqual([
    { file: 'flows/a.py', flows: null, explicit: false },
    { file: 'flows/b.py', flows: null, explicit: false }
  ])
})

test('a notebook among the modules that names Prefect is a notice', async () => {
  const log = silentLog()
  const notebooks = { 'flows/x.ipynb': 'import prefect', 'flows/plain.ipynb': '{}' }
  await readIn(repository({ ...FLOWS, ...notebooks }), {}, log)
  expect(log.notices.map(({ file }) => file)).toEqual(['flows/x.ipynb'])
})

test('an exclusion that matches nothing is a warning', async () => {
  const log = silentLog()
  await readIn(repository(FLOWS), { flows: 'flows\n!flows/c.py' }, log)
  expect(log.notices.map(({ level }) => level)).toEqual(['warning'])
})

test('flows with nothing but exclusions is an error', () => {
  expect(() => optionsIn('/', { flows: '!flows/a.py' })).toThrow(
    "the option 'flows' has only exclusions"
  )
})

test.each(['a.txt', 'a.txt/below'])(
  'a directory of local storage that can be no folder is an error: %s',
  async directory => {
    const root = repository({ ...FLOWS, 'a.txt': '' })
    await expect(readIn(root, { storage: 'local', directory })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(`can't be a folder: ${join(root, 'a.txt')} is none`)
    })
  }
)

test('the sources lack the output directory', async () => {
  const root = repository({ ...FLOWS, 'out/report.json': '{}' })
  expect(await pathsOf(root, { 'output-directory': 'out' })).toEqual(['flows/a.py', 'flows/b.py'])
})

test('a module that flows names is a source, even if an ignore file excludes it', async () => {
  const root = repository({ ...FLOWS, 'made.py': '', '.dockerignore': 'made.py\n.dockerignore' })
  expect(await pathsOf(root, { flows: 'made.py' })).toContain('made.py')
  expect(await pathsOf(root)).not.toContain('made.py')
})

test('requirements are those of the file and of the option', async () => {
  const root = repository({ ...FLOWS, 'requirements.txt': 'pandas==1.0\n' })
  const { requirements } = await readIn(root, {
    'requirements-file': 'requirements.txt',
    'python-dependencies': 'numpy'
  })
  expect(requirements).toMatchObject({ lines: ['numpy'], file: 'requirements.txt' })
  expect(requirements.texts.get('requirements.txt')).toBe('pandas==1.0\n')
})

test('an archive that a requirement names is a source, even if an ignore file excludes it', async () => {
  const root = repository({
    ...FLOWS,
    '.gitignore': '*.whl\n',
    'requirements.txt': './wheels/one-1.0-py3-none-any.whl\n',
    'wheels/one-1.0-py3-none-any.whl': 'one',
    'wheels/two-1.0-py3-none-any.whl': 'two'
  })
  const paths = await pathsOf(root, { 'requirements-file': 'requirements.txt' })
  expect(paths.filter(path => path.endsWith('.whl'))).toEqual(['wheels/one-1.0-py3-none-any.whl'])
})

test('the log has the number of modules and files, and their size', async () => {
  const { log, lines } = logWithLines()
  await readIn(repository({ 'flows/a.py': '12345', 'data.csv': '' }), {}, log)
  expect(lines).toEqual([
    expect.stringMatching(/^1 module to search for flows; 2 source files, 5 /)
  ])
})

test('the log tells what is no source, but not files of version control', async () => {
  const { log, lines } = logWithLines()
  const files = {
    ...FLOWS,
    'tests/test_a.py': '',
    'tests/test_b.py': '',
    'README.md': '',
    '.gitattributes': '',
    'x.csv': ''
  }
  await readIn(repository(files), { sources: '!x.csv' }, log)
  expect(lines.slice(1)).toEqual([
    'Left out of the sources, since flows rarely read them: README.md (documentation), 2 files (tests). If a flow does, name the file in the option sources',
    'Left out by lines with ! in the option sources: 1'
  ])
})

test('nothing is said about files of version control alone', async () => {
  const { log, lines } = logWithLines()
  await readIn(repository({ ...FLOWS, '.gitattributes': '', '.gitignore': '' }), {}, log)
  expect(lines).toHaveLength(1)
})

test('if the sources are large, a notice names the three largest files', async () => {
  const root = repository({ ...FLOWS, 'four.bin': '' })
  const sizes = { 'one.bin': 60, 'two.bin': 50, 'three.bin': 40 }
  for (const [name, megabytes] of Object.entries(sizes)) {
    writeFileSync(join(root, name), '')
    truncateSync(join(root, name), megabytes * 1024 * 1024)
  }
  const log = silentLog()
  await readIn(root, {}, log)
  expect(log.notices).toEqual([
    {
      level: 'notice',
      message: expect.stringMatching(
        /one\.bin \(.+two\.bin \(.+three\.bin \([^()]+\); exclude files with \.dockerignore/
      )
    }
  ])
})

test('sources that are not large cause no notice', async () => {
  const log = silentLog()
  await readIn(repository(FLOWS), {}, log)
  expect(log.notices).toEqual([])
})

test('a missing module is an error', async () => {
  await expect(readIn(repository(FLOWS), { flows: 'flows/c.py' })).rejects.toMatchObject({
    code: 'MODULE_NOT_FOUND'
  })
})

test('inputs with other options have the requirements that these options name', async () => {
  const root = repository(FLOWS)
  const inputs = await readIn(root, { 'python-dependencies': 'pandas' })
  const other = optionsIn(root, { 'python-dependencies': 'numpy' })
  const changed = await withOptions(inputs, other, services(silentLog(), { cwd: root }))
  expect([changed.options, changed.requirements.lines]).toEqual([other, ['numpy']])
  expect(changed.sources).toBe(inputs.sources)
})

test('inputs with other options have the requirements file as it is now', async () => {
  const root = repository({ ...FLOWS, 'requirements.txt': 'pandas\n' })
  const inputs = await readIn(root, { 'requirements-file': 'requirements.txt' })
  writeFileSync(join(root, 'requirements.txt'), 'numpy\n')
  const changed = await withOptions(inputs, inputs.options, services(silentLog(), { cwd: root }))
  expect(allLines(changed.requirements)).toEqual([expect.objectContaining({ name: 'numpy' })])
})

test.each<[string, RawOptions, Record<string, string>, string]>([
  ['the option', { 'image-name': 'team/jobs' }, { GITHUB_REPOSITORY: 'acme/Shop' }, 'team/jobs'],
  ['that of the CI service’s repository', {}, { GITHUB_REPOSITORY: 'acme/Shop' }, 'shop'],
  ['that of the folder, as a repository’s name', {}, {}, 'my-flows']
])('the image’s name is %s', (_what, raw, env, name) => {
  const cwd = '/work/My Flows'
  const options = checkOptions({ flows: 'a.py', push: 'false', ...raw }, cwd)
  expect(imageNameOf(options, { cwd, env, cache: '/cache' })).toBe(name)
})

const PUSH = { push: 'true' }

test('a push without a registry is an error before anything is loaded', async () => {
  const root = repository(FLOWS)
  await expect(readIn(root, PUSH)).rejects.toMatchObject({
    code: 'MISSING_OPTION',
    message: "the option 'registry-url' is required to push"
  })
})

test('a push without a registry goes on if modules may name one', async () => {
  const root = repository({ ...FLOWS, 'storages.py': 'STORAGE = Docker(registry_url="r.test")' })
  await expect(readIn(root, PUSH)).resolves.toBeDefined()
})

/** A project of a monorepo, in a git repository; the project's folder. */
function project(files: Readonly<Record<string, string>>): string {
  const top = repository({ 'teams/a/flows/a.py': '', ...files })
  mkdirSync(join(top, '.git'))
  return join(top, 'teams/a')
}

test('what requirements and python-path name beside the working directory is among the sources', async () => {
  const cwd = project({
    'libs/x.py': '',
    'pkg/setup.py': '',
    'wheels/b-1.whl': '',
    'requirements.txt': '-e ../../pkg\n--find-links ../../wheels\n'
  })
  const inputs = await readIn(cwd, {
    'requirements-file': '../../requirements.txt',
    'python-path': '../../libs'
  })
  expect(inputs.importRoots).toEqual(['../../libs'])
  expect(inputs.sources.files.map(file => file.path)).toEqual([
    '../../libs/x.py',
    '../../pkg/setup.py',
    '../../wheels/b-1.whl',
    'flows/a.py'
  ])
})

test.each<[string, RawOptions, string]>([
  ['requirements-file', { 'requirements-file': 'FILE' }, "'FILE' in the option requirements-file"],
  ['dockerfile', { dockerfile: 'FILE' }, "'FILE' in the option dockerfile"],
  ['dockerignore', { dockerignore: 'FILE' }, "'FILE' in the option dockerignore"],
  ['files', { files: 'FILE:/srv/x' }, "'FILE' in the option files"],
  [
    'python-dependencies',
    { 'python-dependencies': 'FILE/x' },
    "the requirement 'FILE/x' of python-dependencies"
  ]
])('a path out of the repository is refused, with its option: %s', async (option, raw, what) => {
  const cwd = project({})
  const file = relative(cwd, option.startsWith('python') ? temporaryFolder() : '/etc/hostname')
  if (option.startsWith('python')) mkdirSync(join(cwd, file, 'x'))
  const filled = Object.entries(raw).map(([name, text]) => [name, text?.replace('FILE', file)])
  await expect(readIn(cwd, Object.fromEntries(filled) as RawOptions)).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining(
      `${what.replace('FILE', file)} lies outside the git repository`
    )
  })
})

test('an absolute path of a file may lie anywhere', async () => {
  const requirements = repository({ 'lock.txt': 'pandas\n' })
  const inputs = await readIn(project({}), {
    'requirements-file': join(requirements, 'lock.txt')
  })
  expect(allLines(inputs.requirements)).toEqual([expect.objectContaining({ name: 'pandas' })])
})

test('a module with the name of one of the standard library is warned of', async () => {
  const { log } = logWithLines()
  await readIn(repository({ ...FLOWS, 'statistics.py': '' }), {}, log)
  expect(log.notices).toEqual([
    expect.objectContaining({
      level: 'warning',
      file: 'statistics.py',
      message: expect.stringContaining("has the name of a module of Python's standard library")
    })
  ])
})
