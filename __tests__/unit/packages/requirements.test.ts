import { expect, test } from '@jest/globals'
import { localPaths, readRequirements } from '../../../src/packages/read-requirements.js'
import {
  exactRequirements,
  prefectPin,
  prefectRequest,
  requirementLines,
  prefectLines,
  requirementsOf,
  type WrittenRequirements
} from '../../../src/packages/requirements.js'
import { parseRequirements } from '../../../src/packages/requirement.js'
import { repository } from '../../helpers/flowstore.js'

test('a requirements file is read with every file that it names', async () => {
  const root = repository({
    'requirements/all.txt': '-r more.txt\n--constraint ../pins.txt\npandas\n./libs/tools\n',
    'requirements/more.txt': '-r all.txt\n# -r not-there.txt\ninflection==0.5.1\n',
    'pins.txt': 'numpy<2\n'
  })
  const found = await readRequirements(root, ['requests'], 'requirements/all.txt')
  expect([...found.texts.keys()]).toEqual([
    'requirements/all.txt',
    'requirements/more.txt',
    'pins.txt'
  ])
  expect(found.local).toEqual(['./libs/tools'])
  expect(requirementLines(found)).toEqual(
    expect.arrayContaining(['requests', 'pandas', 'inflection==0.5.1', 'numpy<2'])
  )
})

test('given packages are installed from the indexes of the requirements and lock files', () => {
  const given = { lines: ['--index-url https://a.test/simple', 'x'], file: undefined }
  const texts = new Map([['r.txt', '--extra-index-url https://b.test/simple\ny\n']])
  const exported = {
    file: 'Pipfile.lock',
    lines: ['-i https://c.test/simple', 'z==1'],
    locked: true
  }
  const exact = (more: Partial<WrittenRequirements> = {}) =>
    exactRequirements(requirementsOf({ ...given, texts, exported, ...more }), { x: '1', y: '2' })
      ?.lines
  expect(exact()).toEqual([
    '--index-url https://a.test/simple',
    '-i https://c.test/simple',
    '--extra-index-url https://b.test/simple',
    'x==1',
    'y==2'
  ])
  const lines = ['tools @ git+https://git.test/tools']
  expect(exact({ exported: { ...exported, lines } })).toBeUndefined()
  expect(exact({ lines })).toBeUndefined()
  expect(exact({ lines: ['./x'] })).toBeUndefined()
})

test('a missing file that another one names is an error at that line', async () => {
  const root = repository({ 'requirements.txt': 'pandas\n-r nope.txt\n' })
  await expect(readRequirements(root, [], 'requirements.txt')).rejects.toMatchObject({
    code: 'FILE_NOT_FOUND',
    message: "the requirements file 'nope.txt' can't be read",
    file: 'requirements.txt',
    line: 2
  })
})

test.each([
  '-e .',
  '-e tools',
  './x',
  'libs/tools[x]',
  'wheels/a-1-py3-none-any.whl',
  'wheels/a-1-py3-none-any.whl --hash=sha256:aa',
  '--find-links wheels',
  'tools @ file:///x',
  '/abs/path'
])('%s is a path of the repository', async line => {
  expect((await readRequirements('/', [line], undefined)).local).toEqual([line])
})

test.each([
  'pandas>=1',
  'x @ git+https://github.com/a/b',
  'git+https://github.com/a/b#egg=b',
  '-e git+https://github.com/a/b#egg=b',
  '--find-links https://x.test/a',
  '--extra-index-url https://x.test/a',
  '# a/b',
  'prefect[aws]==1.4.1; python_version>"3"'
])('%s is not a path of the repository', async line => {
  expect((await readRequirements('/', [line], undefined)).local).toEqual([])
})

test('archives that requirements name are found even if git ignores them', async () => {
  const root = repository({
    'in/all.txt': '-f links\n./wheels/a-1-py3-none-any.whl ; python_version > "3"\n./libs\n',
    'in/links/b-1.tar.gz': '',
    'in/links/notes.md': '',
    'wheels/a-1-py3-none-any.whl': '',
    'libs/setup.py': ''
  })
  const found = await readRequirements(root, ['../out.whl', '/abs.whl'], 'in/all.txt')
  expect((await localPaths(root, found)).archives).toEqual([
    'in/links/b-1.tar.gz',
    'wheels/a-1-py3-none-any.whl'
  ])
})

test('the first pin of Prefect is found among requirement lines, extras and markers aside', () => {
  const pin = "prefect[aws]==1.4.1 ; python_version > '3'"
  const lines = ['# prefect==9', 'pandas', 'prefect>=1,<2', pin, 'prefect==1.0.0']
  expect(prefectPin(parseRequirements(lines.join('\n')))).toEqual({ version: '1.4.1', text: pin })
})

test('a version range or another package does not pin Prefect', () => {
  expect(prefectPin(parseRequirements('prefect>=1\nprefect-client==2.0'))).toBeUndefined()
})

test('all lines about Prefect decide which releases are allowed, also those of included files', () => {
  const requirements = requirementsOf({
    lines: ['Prefect[aws] (>=1.2)'],
    file: 'requirements.txt',
    texts: new Map([['requirements.txt', 'pandas\nprefect<2 # not 2\nprefect-client']])
  })
  expect(prefectRequest(undefined, requirements)).toEqual({
    option: undefined,
    pin: undefined,
    range: {
      specifier: '>=1.2,<2',
      text: "Prefect[aws] (>=1.2)' and 'prefect<2",
      file: undefined,
      line: undefined
    }
  })
})

test('a line about Prefect is named with its file', () => {
  const texts = new Map([['requirements.txt', 'pandas\nprefect>=2']])
  const requirements = requirementsOf({ lines: [], file: 'requirements.txt', texts })
  expect(prefectRequest(undefined, requirements).range).toMatchObject({
    file: 'requirements.txt',
    line: 2
  })
})

test('a lock file decides about the packages that it names, except Prefect', () => {
  const lines = ['prefect==1.4.1', 'urllib3<2', 'marshmallow<4']
  const exported = { file: 'uv.lock', lines: ['URLLIB3==2.6.3', 'prefect==1.4.1'] }
  const beside = (locked: boolean) =>
    prefectLines(
      requirementsOf({
        lines: ['marshmallow'],
        file: undefined,
        texts: new Map(),
        exported: { ...exported, locked }
      }),
      lines
    )
  expect(beside(true)).toEqual({
    lines: ['prefect==1.4.1', 'marshmallow<4'],
    overruled: ['urllib3<2']
  })
  expect(beside(false)).toEqual({ lines, overruled: [] })
})
