import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { runCli } from '../../src/cli.js'
import { repository } from '../helpers/flowstore.js'
import { capturePrinted } from '../helpers/printed.js'

const { text: printed } = capturePrinted()

const root = repository({
  'f.py': 'flow = 1\n',
  'sub/a.txt': '',
  '.git/config': '',
  'bad.json': '{',
  'list.json': '[]',
  'empty.json': '',
  'bad.toml': '[a\n',
  'uv.lock': '[[package]]\nname = 1\n',
  'poetry.lock': 'x',
  'Pipfile.lock': '[]',
  'binary.txt': '\0\u0001\u0002'
})

/** Options that make a build which needs nothing of this machine. */
const NOTHING = { 'base-url': 'unix:///nowhere/docker.sock', 'prefect-version': '1.4.1' }
const DOCKER = { ...NOTHING, 'base-image': 'python:3.9', 'image-name': 'a/b', push: 'false' }

const flagsOf = (options: Readonly<Record<string, string>>): string[] =>
  Object.entries(options).map(([name, value]) => `--${name}=${value}`)

const BUILD = ['build', ...flagsOf(NOTHING)]

/** Values of an option that are wrong. The message names the option, or the file. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  push: ['maybe', '2', 'yes', '-'],
  healthcheck: ['maybe', 'on', '0', 'tru'],
  force: ['maybe', 'False.', '1'],
  refresh: ['x', 'null'],
  prune: ['x', '[]'],
  register: ['x', '{}'],
  deploy: ['x', 'truefalse'],
  'local-image': ['x', 'python'],
  'stored-as-script': ['x', 'none'],
  'allow-untrusted-code': ['x', 'all'],
  storage: ['Docker!', 's3', 'none', 'docker local', 'gcs'],
  assemble: ['push', 'Append!', 'none'],
  builder: ['docker', 'buildx', '1'],
  installer: ['conda', 'poetry', 'pip,uv'],
  'load-in': ['container', 'here', 'Image!'],
  'on-load-error': ['ignore', 'continue', '1'],
  'storage-conflict': ['ignore', 'none!'],
  'require-check': ['none', 'all!', '1'],
  'load-timeout': ['0', '-1', '1.5', 'x', '1e9', '9999999999', '1 minute'],
  'load-processes': ['0', '-5', 'many', '2.5'],
  'load-memory': ['1', '512', '0m', '12x', '1tb', '1.5g', '-1g', 'all'],
  platforms: ['linux/', '/amd64', 'a/b/c/d', 'linux/amd64,,x'],
  tags: ['a b', '-a', '{nope}', 'x'.repeat(129), '{branch', 'ü'],
  'image-tag': ['a b', '-a', 'a:b', 'x'.repeat(129), 'ü', 'a/b', '{branch}'],
  'image-name': ['a b', 'a:b', '/a', 'a/', 'a//b', '-a', 'a..b', 'ü', '\u0001'],
  'registry-url': ['a b', 'ftp://x', 'x:port', 'A B/c', '\u0001', 'http:///x'],
  'insecure-registries': ['http://x', 'x/y', '10.0.0.0/8', 'a b', 'x:port', '\u0001'],
  'base-image': ['a b', 'a:', 'http://x', '..', 'a@sha256:1', 'a@b', 'a\u0001', 'a:b:c'],
  'base-url': ['x', 'ftp://x', 'tcp://', 'unix:/', 'http://a b'],
  'env-vars': ['A', '=x', '1A=2', 'A=1\nA=2', 'A B=c', 'ü=1', 'A-B=1'],
  'load-env-vars': ['PYTHONPATH=x', '1=2', 'A=1\nA=2', 'LD_PRELOAD=x', '=x'],
  'build-kwargs': [
    ...['x', '[]', '1', '{', 'null', '{"nope":1}', '{"labels":1}', '{"labels":{"a":1}}'],
    ...['{"target":1}', '{"shmsize":"1"}', '{"buildargs":[]}', '"x"']
  ],
  secrets: ['a b', '=x', 'not-in-the-environment', 'flowstore-x=y', 'A=1\nA=2'],
  'secret-files': ['A', '=x', 'A=', 'A=no.txt', 'A=sub', 'A=empty.json', 'flowstore-x=f.py'],
  'index-url': ['x', 'ftp://x/simple', 'https://${NO}@x/simple', 'http://'],
  files: [
    'a',
    'no.txt:/x',
    'f.py:x',
    'f.py:/x\nsub:/x',
    '.git:/x',
    '.git/config:/x',
    ':/x',
    'f.py'
  ],
  'requirements-file': ['no.txt', 'sub', 'uv.lock', 'poetry.lock', 'Pipfile.lock', 'no.lock'],
  dockerfile: ['no', '../no', 'sub'],
  dockerignore: ['no'],
  'python-path': ['no', 'f.py', '/no'],
  sources: ['../x', '/etc', '!', '../**'],
  extras: ['a b', '-', 'ü', 'a,b'],
  groups: ['a b', '?'],
  package: ['a b', '-', '@'],
  'prefect-version': ['x y', '0.5.3', '99', '0.4.0', '2.0.0', '\u0001'],
  python: ['\u0001'],
  'work-pool': ['\u0001'],
  'output-directory': ['\u0001', 'f.py', 'f.py/x'],
  'compare-with': ['a b', 'A:B:C', '-'],
  'default-branch': ['\u0001']
}

/** Command lines that are wrong, each with what the message names. */
const LINES: readonly (readonly [readonly string[], string])[] = [
  [[...BUILD, 'no.py'], 'no.py'],
  [[...BUILD, 'sub'], 'sub'],
  [[...BUILD, 'no/*.py'], 'no/*.py'],
  [[...BUILD, '!f.py'], 'flows'],
  [[...BUILD, 'f.py:'], 'f.py'],
  [[...BUILD, 'no.package'], 'no.package'],
  [[...BUILD, '../../x.py'], 'x.py'],
  [[...BUILD, '/no/x.py'], 'x.py'],
  [BUILD, 'flows'],
  [['build', 'f.py', '--working-directory', '/no/folder'], '/no/folder'],
  [['build', 'f.py', '--working-directory', `${root}/f.py`], 'f.py'],
  [[...BUILD, 'f.py', '--nope'], '--nope'],
  [[...BUILD, 'f.py', '--no-storage'], '--no-storage'],
  [[...BUILD, 'f.py', '--storage'], '--storage'],
  [[...BUILD, 'f.py', '--dockerfile', 'f.py', '--base-image', 'x'], '--dockerfile'],
  [[...BUILD, 'f.py', '--storage', 'bytes', '--image-name', 'a'], '--image-name'],
  [['biuld', 'f.py'], 'biuld'],
  [['f.py'], 'f.py'],
  [['--nope'], '--nope'],
  [['help', 'nope'], 'nope'],
  [['verify'], 'storage.json'],
  [['verify', `${root}/no.json`], 'no.json'],
  [['verify', `${root}/bad.json`], 'bad.json'],
  [['verify', `${root}/list.json`], 'list.json'],
  [['verify', `${root}/empty.json`], 'empty.json'],
  [['verify', 'a b'], 'a b'],
  [['verify', 'A:B:C'], 'A:B:C'],
  [['verify', `${root}/bad.json`, '--nope'], '--nope'],
  [['run'], 'storage.json'],
  [['run', `${root}/no.json`], 'no.json'],
  [['run', `${root}/bad.json`], 'bad.json'],
  [['run', `${root}/list.json`], 'list.json'],
  [['run', `${root}/bad.json`, '--param', 'x'], 'param'],
  [['run', `${root}/bad.json`, '--nope', 'x'], '--nope'],
  [['deploy'], 'deployments.json'],
  [['deploy', `${root}/no.json`], 'no.json'],
  [['deploy', `${root}/bad.json`], 'bad.json'],
  [['deploy', `${root}/list.json`], 'list.json'],
  [['deploy', `${root}/sub`], 'sub'],
  [['deploy', `${root}/bad.json`, '--prune', 'x'], '--prune']
]

/** A base image has its own release: then nobody looks at the release that an option names. */
const withoutBase = (option: string): Readonly<Record<string, string>> =>
  option === 'prefect-version' ? { ...NOTHING, 'image-name': 'a/b', push: 'false' } : DOCKER

const CASES = [
  ...Object.entries(VALUES).flatMap(([option, values]) =>
    values.map(value => ({
      args: ['build', 'f.py', ...flagsOf({ ...withoutBase(option), [option]: value })],
      // A message about a file, a folder or a release names that.
      named: {
        test: (text: string) =>
          RegExp(`(?<![\\w-])(?:--)?${option}(?![\\w-])`).test(text) || text.includes(`'${value}'`)
      }
    }))
  ),
  ...LINES.map(([args, named]) => ({
    args,
    named: { test: (text: string) => text.includes(named) }
  }))
]

const before = process.cwd()
beforeAll(() => {
  process.chdir(root)
})
afterAll(() => {
  process.chdir(before)
})

test('there are at least 200 bad inputs', () => {
  expect(CASES.length).toBeGreaterThanOrEqual(200)
})

test('each bad input ends with an exit code and words that name it, and none is a bug', async () => {
  const wrong: string[] = []
  for (const { args, named } of CASES) {
    const from = printed().length
    process.exitCode = 0
    await runCli(args, { PATH: process.env['PATH'], HOME: root })
    const text = printed().slice(from)
    const code = Number(process.exitCode)
    const [error = ''] = /^error [A-Z_]+: [^]*/m.exec(text) ?? []
    const isNamed = named.test(error) && !error.includes('given twice')
    if (![2, 3, 4, 7].includes(code) || /INTERNAL/.test(text) || !isNamed) {
      wrong.push(`${code} ${JSON.stringify(args.slice(2))}: ${text.slice(-600)}`)
    }
  }
  expect(wrong).toEqual([])
}, 120_000)
