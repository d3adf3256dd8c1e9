import { describe, expect, test } from '@jest/globals'
import {
  hasAttachedValue,
  hasHashes,
  isIndexOption,
  isLocal,
  normalizedName,
  parseRequirement,
  parseRequirements,
  withoutEditableOption
} from '../../../src/packages/requirement.js'

test('lines are joined, cleared of comments and numbered as pip does it', () => {
  const text =
    '# first\na==1 \\\n  --hash=sha256:aa # why\n\n  # no\nb @ git+https://x.test#egg=b\r\nc \\\n# ends it\nd\\'
  expect(parseRequirements(text).map(({ line, number }) => [number, line])).toEqual([
    [2, 'a==1 --hash=sha256:aa'],
    [6, 'b @ git+https://x.test#egg=b'],
    [7, 'c'],
    [9, 'd']
  ])
})

test('a line keeps its text unchanged', () => {
  const written = '  a == 1  \\\n    --hash=sha256:aa   # why'
  expect(parseRequirements(`${written}\nb`)[0]?.raw).toBe(written)
})

const NAMED = { kind: 'named', extras: [], specifier: '', marker: '', hashes: [], options: '' }
const URL = { kind: 'url', extras: [], marker: '', editable: false }
const PATH = { kind: 'path', name: undefined, extras: [], marker: '', editable: false }

describe('a package from an index', () => {
  test.each([
    ['pandas', { name: 'pandas' }],
    ['My.Tools_2', { name: 'My.Tools_2' }],
    ['a>=1, <2', { name: 'a', specifier: '>=1, <2' }],
    ['a (>=1)', { name: 'a', specifier: '(>=1)' }],
    ['a [x, y] == 1', { name: 'a', extras: ['x', 'y'], specifier: '== 1' }],
    ['a;python_version>"3"', { name: 'a', marker: 'python_version>"3"' }],
    [
      'a[x]===1 ; os_name == "nt"',
      { name: 'a', extras: ['x'], specifier: '===1', marker: 'os_name == "nt"' }
    ],
    [
      'a==1 --hash=sha256:aa --hash sha256:bb',
      { name: 'a', specifier: '==1', hashes: ['sha256:aa', 'sha256:bb'] }
    ],
    [
      'a==1 --hash=sha256:aa ; python_version > "3"',
      { name: 'a', specifier: '==1', hashes: ['sha256:aa'], marker: 'python_version > "3"' }
    ],
    [
      'a==1 --global-option="-x" --hash=sha256:aa',
      { name: 'a', specifier: '==1', options: '--global-option="-x"', hashes: ['sha256:aa'] }
    ]
  ])('%s', (line, parts) => {
    expect(parseRequirement(line)).toEqual({ ...NAMED, line, raw: line, number: 1, ...parts })
  })
})

describe('a package at a URL', () => {
  test.each([
    ['git+https://x.test/a@v1', { name: undefined, url: 'git+https://x.test/a@v1', vcs: 'git' }],
    ['git+ssh://git@x.test/a', { url: 'git+ssh://git@x.test/a', vcs: 'git' }],
    ['hg+https://x.test/a', { url: 'hg+https://x.test/a', vcs: 'hg' }],
    ['https://x.test/a-1.zip', { url: 'https://x.test/a-1.zip', vcs: undefined }],
    [
      'a[x] @ git+https://x.test/a@v1#subdirectory=b ; python_version > "3"',
      {
        name: 'a',
        extras: ['x'],
        url: 'git+https://x.test/a@v1#subdirectory=b',
        vcs: 'git',
        marker: 'python_version > "3"'
      }
    ],
    ['a@https://x.test/a;b.whl', { name: 'a', url: 'https://x.test/a;b.whl' }],
    ['-e git+https://x.test/a#egg=a', { url: 'git+https://x.test/a#egg=a', editable: true }],
    ['--editable=git+https://x.test/a', { url: 'git+https://x.test/a', editable: true }]
  ])('%s', (line, parts) => {
    const parsed = parseRequirement(line)
    expect(parsed).toMatchObject({ ...URL, line, ...parts })
    expect(isLocal(parsed)).toBe(false)
  })
})

describe('a package in the file system', () => {
  test.each([
    ['.', { path: '.' }],
    ['./libs/tools[x]', { path: './libs/tools', extras: ['x'] }],
    ['libs/tools ; os_name == "nt"', { path: 'libs/tools', marker: 'os_name == "nt"' }],
    ['a-1.tar.bz2', { path: 'a-1.tar.bz2' }],
    ['a-1-py3-none-any.whl --hash=sha256:aa', { path: 'a-1-py3-none-any.whl' }],
    ['/abs/path', { path: '/abs/path' }],
    ['file:///x/y', { path: 'file:///x/y' }],
    ['a[x] @ file:///x', { path: 'file:///x', name: 'a', extras: ['x'] }],
    ['-e tools', { path: 'tools', editable: true }],
    ['-e=.', { path: '.', editable: true }],
    ['--editable ./x[y]', { path: './x', extras: ['y'], editable: true }]
  ])('%s', (line, parts) => {
    const parsed = parseRequirement(line)
    expect(parsed).toMatchObject({ ...PATH, line, ...parts })
    expect(isLocal(parsed)).toBe(true)
  })
})

describe('options', () => {
  test.each([
    ['-r more.txt', { kind: 'include', target: 'more.txt', isUrl: false }],
    ['-rmore.txt', { kind: 'include', target: 'more.txt' }],
    ['-r "my more.txt"', { kind: 'include', target: 'my more.txt' }],
    ['--constraint=https://x.test/c.txt', { kind: 'include', isUrl: true }],
    ['-i https://x.test', { kind: 'option', name: '--index-url', value: 'https://x.test' }],
    ['--pre', { kind: 'option', name: '--pre', value: '' }],
    ['-f wheels', { kind: 'option', name: '--find-links', value: 'wheels' }],
    ['--use-feature=x', { kind: 'option', name: '--use-feature', value: 'x' }]
  ])('%s', (line, parts) => {
    expect(parseRequirement(line)).toMatchObject({ line, ...parts })
  })

  test('options that say where packages come from are recognised', () => {
    const lines = ['--pre', '--trusted-host x', '--no-binary :all:', '--use-feature=x', '-r a', 'a']
    expect(lines.map(line => isIndexOption(parseRequirement(line)))).toEqual([
      ...[true, true, true],
      ...[false, false, false]
    ])
  })

  test('a folder of archives is local, and a page of links is not', () => {
    expect(isLocal(parseRequirement('--find-links wheels'))).toBe(true)
    expect(isLocal(parseRequirement('-f https://x.test/a'))).toBe(false)
  })

  test('a short option may have its value right after it', () => {
    expect(['-rmore.txt', '-e.'].map(line => hasAttachedValue(parseRequirement(line)))).toEqual([
      true,
      true
    ])
    expect(['-r x', '-e=x', '--pre', 'a-b'].map(parseRequirement).some(hasAttachedValue)).toBe(
      false
    )
  })
})

test.each(['?', '"quoted"', 'a b', '-', '${PACKAGE}==1'])('%p is left to pip', line => {
  expect(parseRequirement(line)).toEqual({ kind: 'unknown', line, raw: line, number: 1 })
})

test('a hash in a comment is ignored', () => {
  expect(parseRequirements('a==1 # --hash=sha256:aa').some(hasHashes)).toBe(false)
})

test('names are compared as indexes compare them', () => {
  expect(normalizedName('My_.Tools')).toBe('my-tools')
})

test.each([
  ['-e tools # why', './tools # why'],
  ['  --editable=./x[y] \\', './x[y] \\'],
  ['-e git+https://x.test/a#egg=a', 'git+https://x.test/a#egg=a'],
  ['-e a @ file:///a', 'a @ file:///a'],
  ['# -e .', '# -e .'],
  ['a --editable-looking', 'a --editable-looking']
])('%p is written as %p for a normal install', (line, plain) => {
  expect(withoutEditableOption(line)).toBe(plain)
})
