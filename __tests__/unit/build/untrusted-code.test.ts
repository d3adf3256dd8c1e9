import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import {
  strangersReason,
  warnOfValues,
  withoutForkPush
} from '../../../src/build/untrusted-code.js'
import { withSecrets } from '../../../src/build/secrets.js'
import { readInputs } from '../../../src/build/inputs.js'
import { silentLog } from '../../../src/log.js'
import { checkOptions, type RawOptions } from '../../../src/options/options.js'
import { repository, temporaryFolder, writeFiles } from '../../helpers/flowstore.js'
import { services } from '../../helpers/stages.js'

const git = (cwd: string, ...args: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@acme.test', ...args], {
    cwd,
    encoding: 'utf8'
  }).trim()

const FILES = { 'flows/a.py': 'a', 'requirements.txt': 'prefect==1.4.1\n', '.gitignore': 'out/\n' }

/** A folder with a commit of some files; the commit's hash. */
function committed(files: Readonly<Record<string, string>> = FILES) {
  const cwd = repository(files)
  git(cwd, 'init', '--quiet')
  git(cwd, 'add', '--all')
  git(cwd, 'commit', '--quiet', '--message', 'first')
  return { cwd, commit: git(cwd, 'rev-parse', 'HEAD') }
}

/** Reads the inputs of a run, as far as the event allows. */
async function refuse(
  cwd: string,
  commit: string | undefined,
  raw: RawOptions = {},
  event = 'pull_request_target',
  path = process.env['PATH']
): Promise<void> {
  const env = { ...process.env, GITHUB_EVENT_NAME: event, GITHUB_SHA: commit, PATH: path }
  const given = { flows: 'flows', 'registry-url': 'r.test', ...raw }
  await readInputs(checkOptions(given, cwd), services(silentLog(), { cwd, env }))
}

const refusal = (words: string) => ({
  code: 'UNTRUSTED_CODE',
  message: expect.stringContaining(words)
})

test('the commit of the run is trusted', async () => {
  const { cwd, commit } = committed()
  await expect(refuse(cwd, commit)).resolves.toBeUndefined()
})

test('a folder of the commit of the run is trusted', async () => {
  const { cwd, commit } = committed({ 'team/flows/a.py': 'a' })
  await expect(refuse(join(cwd, 'team'), commit)).resolves.toBeUndefined()
})

test('files that git ignores are no sources, so they are not looked at', async () => {
  const { cwd, commit } = committed()
  writeFiles(cwd, { 'out/theirs.py': '' })
  await expect(refuse(cwd, commit)).resolves.toBeUndefined()
})

test('another commit is refused', async () => {
  const { cwd, commit } = committed()
  writeFileSync(join(cwd, 'flows/a.py'), 'theirs')
  git(cwd, 'commit', '--quiet', '--all', '--message', 'theirs')
  await expect(refuse(cwd, commit)).rejects.toMatchObject(
    refusal(`is checked out, and the run is for ${commit}`)
  )
})

test('a changed file is refused, by its name', async () => {
  const { cwd, commit } = committed()
  writeFileSync(join(cwd, 'flows/a.py'), 'theirs')
  await expect(refuse(cwd, commit)).rejects.toMatchObject(
    refusal("'flows/a.py' differs from the commit")
  )
})

test('a file that is absent does no harm', async () => {
  const { cwd, commit } = committed()
  rmSync(join(cwd, 'requirements.txt'))
  await expect(refuse(cwd, commit)).resolves.toBeUndefined()
})

test.each(['--assume-unchanged', '--skip-worktree'])(
  'a changed file is refused, though git’s index says %s',
  async flag => {
    const { cwd, commit } = committed()
    git(cwd, 'update-index', flag, 'flows/a.py')
    writeFileSync(join(cwd, 'flows/a.py'), 'theirs')
    await expect(refuse(cwd, commit)).rejects.toMatchObject(refusal("'flows/a.py' differs"))
  }
)

test.each([
  ['requirements-file', 'out/theirs.txt'],
  ['python-dependencies', './out/theirs-1.0.tar.gz'],
  ['files', 'out:/app'],
  ['dockerfile', 'out/theirs.txt'],
  ['dockerignore', 'out/theirs.txt']
])('a file that git ignores but %s names is refused', async (name, value) => {
  const { cwd, commit } = committed()
  writeFiles(cwd, { 'out/theirs.txt': '', 'out/theirs-1.0.tar.gz': '' })
  await expect(refuse(cwd, commit, { [name]: value })).rejects.toMatchObject(
    refusal('is not in the commit')
  )
})

test.each(['prefect.yaml', '.dockerignore'])(
  'a %s that git ignores is refused, since it is read without an option',
  async name => {
    const { cwd, commit } = committed({ ...FILES, '.gitignore': `${name}\n` })
    writeFileSync(join(cwd, name), '')
    await expect(refuse(cwd, commit)).rejects.toMatchObject(
      refusal(`'${name}' is not in the commit`)
    )
  }
)

test('a file with deployments that git ignores is refused', async () => {
  const { cwd, commit } = committed()
  mkdirSync(join(cwd, 'out'))
  writeFileSync(join(cwd, 'out/theirs.yaml'), '')
  await expect(refuse(cwd, commit, { 'prefect-file': 'out/theirs.yaml' })).rejects.toMatchObject(
    refusal("'out/theirs.yaml' is not in the commit")
  )
})

const PYPROJECT = '[project]\nname = "shop"\nversion = "1"\ndependencies = []\n'
const UV_LOCK =
  'version = 1\n[[package]]\nname = "shop"\nversion = "1"\nsource = { virtual = "." }\n'

/** PATH with a uv that exports nothing. */
function pathWithUv(): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'uv'), '#!/bin/sh\n', { mode: 0o755 })
  return `${folder}:${process.env['PATH'] ?? ''}`
}

test.each([
  ['uv.lock', 'pyproject.toml'],
  ['pyproject.toml', 'uv.lock']
])('a %s that is read because of %s is refused if git ignores it', async (ignored, file) => {
  const texts = { 'pyproject.toml': PYPROJECT, 'uv.lock': UV_LOCK }
  const { cwd, commit } = committed({ ...FILES, ...texts, '.gitignore': `${ignored}\n` })
  await expect(
    refuse(cwd, commit, { 'requirements-file': file }, undefined, pathWithUv())
  ).rejects.toMatchObject(refusal(`'${ignored}' is not in the commit`))
})

test('uv’s own settings are refused if git ignores them and uv reads them', async () => {
  const { cwd, commit } = committed({ ...FILES, '.gitignore': 'uv.toml\n' })
  writeFileSync(join(cwd, 'uv.toml'), '')
  await expect(refuse(cwd, commit)).resolves.toBeUndefined()
  await expect(refuse(cwd, commit, { installer: 'uv' })).rejects.toMatchObject(
    refusal("'uv.toml' is not in the commit")
  )
})

test('what the Dockerfile copies is refused if git ignores it', async () => {
  const { cwd, commit } = committed({ ...FILES, Dockerfile: 'FROM a\nCOPY out/theirs.txt /x\n' })
  writeFiles(cwd, { 'out/theirs.txt': '' })
  await expect(refuse(cwd, commit, { dockerfile: 'Dockerfile' })).rejects.toMatchObject(
    refusal("out/theirs.txt' is not in the commit")
  )
})

test('a Python in the work tree is refused', async () => {
  const { cwd, commit } = committed()
  writeFiles(cwd, { 'out/python': '' })
  await expect(
    refuse(cwd, commit, { storage: 'local', 'registry-url': '', python: 'out/python' })
  ).rejects.toMatchObject(refusal("'out/python' is not in the commit"))
})

test('a machine without git is refused, with the reason', async () => {
  const { cwd, commit } = committed()
  await expect(
    refuse(cwd, commit, {}, 'pull_request_target', temporaryFolder())
  ).rejects.toMatchObject(refusal('git is not on PATH'))
})

test('a folder that is reached through a link is trusted', async () => {
  const { cwd, commit } = committed()
  const link = join(temporaryFolder(), 'link')
  symlinkSync(cwd, link)
  await expect(refuse(link, commit)).resolves.toBeUndefined()
})

test('a submodule of the commit is trusted, and a change in it is refused', async () => {
  const library = committed({ 'lib.py': '' })
  const { cwd } = committed()
  git(cwd, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library.cwd, 'lib')
  git(cwd, 'commit', '--quiet', '--message', 'Add lib')
  const commit = git(cwd, 'rev-parse', 'HEAD')
  await expect(refuse(cwd, commit)).resolves.toBeUndefined()
  writeFileSync(join(cwd, 'lib/lib.py'), 'theirs')
  await expect(refuse(cwd, commit)).rejects.toMatchObject(refusal("'lib' differs"))
})

test('a module that is not in the commit is refused', async () => {
  const { cwd, commit } = committed()
  writeFileSync(join(cwd, 'flows/theirs.py'), '')
  await expect(refuse(cwd, commit)).rejects.toMatchObject(
    refusal("'flows/theirs.py' is not in the commit")
  )
})

test('a data file that is not in the commit is refused', async () => {
  const { cwd, commit } = committed()
  writeFileSync(join(cwd, 'theirs.txt'), 'evil')
  await expect(refuse(cwd, commit)).rejects.toMatchObject(
    refusal("'theirs.txt' is not in the commit")
  )
})

test('a module that git ignores but flows names is refused', async () => {
  const { cwd, commit } = committed()
  writeFiles(cwd, { 'out/theirs.py': '' })
  await expect(refuse(cwd, commit, { flows: 'out/theirs.py' })).rejects.toMatchObject(
    refusal("'out/theirs.py' is not in the commit")
  )
})

test('another repository inside the work tree is refused', async () => {
  const { cwd, commit } = committed()
  mkdirSync(join(cwd, 'pr'))
  git(join(cwd, 'pr'), 'init', '--quiet')
  writeFileSync(join(cwd, 'pr/theirs.py'), '')
  git(join(cwd, 'pr'), 'add', '--all')
  await expect(refuse(cwd, commit)).rejects.toMatchObject(refusal("'pr/theirs.py' is not in"))
})

test('a folder without git is refused', async () => {
  const cwd = repository(FILES)
  await expect(refuse(cwd, 'abc')).rejects.toMatchObject(refusal('git rev-parse failed'))
})

test('a run that does not say its commit is refused', async () => {
  const { cwd } = committed()
  await expect(refuse(cwd, undefined)).rejects.toMatchObject(refusal('for an unknown commit'))
})

test('allow-untrusted-code allows it', async () => {
  const cwd = repository(FILES)
  await expect(refuse(cwd, 'abc', { 'allow-untrusted-code': 'true' })).resolves.toBeUndefined()
})

test('other events load what is checked out', async () => {
  const cwd = repository(FILES)
  await expect(refuse(cwd, 'abc', {}, 'push')).resolves.toBeUndefined()
})

/** The options of a run for a pull request, and its notices. */
async function forkRun(raw: RawOptions, head = 'ada/flows') {
  const path = join(temporaryFolder(), 'event.json')
  const repo = (name: string) => ({ sha: 'head', repo: { full_name: name } })
  writeFileSync(
    path,
    JSON.stringify({ pull_request: { head: repo(head), base: repo('acme/flows') } })
  )
  const log = silentLog()
  const env = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_EVENT_PATH: path }
  const options = checkOptions({ flows: 'flows', 'registry-url': 'r.test', ...raw }, '/')
  const { push, assemble } = await withoutForkPush(options, services(log, { env }))
  return { push, assemble, notices: log.notices.map(notice => notice.message) }
}

test('a pull request from a fork is built without a push, with a notice', async () => {
  expect(await forkRun({ assemble: 'append' })).toEqual({
    push: false,
    assemble: 'auto',
    notices: [expect.stringContaining('from a fork (ada/flows)')]
  })
})

test.each([
  ['of the repository itself', {}, 'acme/flows', true],
  ['of a fork with allow-untrusted-code', { 'allow-untrusted-code': 'true' }, 'ada/flows', true],
  ['of a fork without a push', { push: 'false' }, 'ada/flows', false]
])('a pull request %s is built as the options say', async (_what, raw, head, push) => {
  expect(await forkRun(raw, head)).toMatchObject({ push, notices: [] })
})

describe('code that may be a stranger’s', () => {
  const VALUES = {
    'load-env-vars': 'A=1',
    secrets: 'TOKEN=s3cret-of-the-index',
    'index-url': 'https://me:${TOKEN}@pypi.test/simple',
    dockerfile: 'flows/Dockerfile'
  }
  const SEEN = [
    'sees the values of load-env-vars',
    'sees the logins of package indexes, to build packages',
    'sees the secrets that its Dockerfile mounts'
  ]

  const warnings = async (
    event: string,
    raw: RawOptions,
    more: Readonly<Record<string, string>> = {}
  ): Promise<string[]> => {
    const { cwd, commit } = committed({ 'flows/a.py': 'a', 'flows/Dockerfile': 'FROM scratch' })
    const log = silentLog()
    const env = { PATH: process.env['PATH'], GITHUB_EVENT_NAME: event, GITHUB_SHA: commit, ...more }
    const options = checkOptions(
      { flows: 'flows', 'registry-url': 'r.test', ...VALUES, ...raw },
      cwd
    )
    await warnOfValues(options, await withSecrets(options, services(log, { cwd, env })))
    return log.notices.map(({ message }) => message).sort()
  }

  test('is warned of with all that it sees, if it is allowed', async () => {
    expect(await warnings('pull_request_target', { 'allow-untrusted-code': 'true' })).toEqual(
      [...SEEN].sort().map(words => expect.stringContaining(words))
    )
    expect(await warnings('push', { 'allow-untrusted-code': 'true' })).toEqual([])
    expect(await warnings('pull_request_target', {})).toEqual([])
  })

  test('is warned of on a pull request from a fork, if that has such values', async () => {
    const repo = (name: string) => ({ sha: 'a', repo: { full_name: name } })
    const event = { pull_request: { head: repo('ada/flows'), base: repo('acme/flows') } }
    const GITHUB_EVENT_PATH = join(repository({ 'e.json': JSON.stringify(event) }), 'e.json')
    const fork = { GITHUB_EVENT_PATH, GITHUB_REPOSITORY: 'acme/flows' }
    expect(await warnings('pull_request', {}, fork)).toEqual(
      [...SEEN]
        .sort()
        .map(words => expect.stringContaining(`from a fork (ada/flows), and its code, ${words}`))
    )
    const empty = { 'load-env-vars': '', secrets: 'TOKEN=' }
    expect(await warnings('pull_request', empty, fork)).toEqual([])
  })
})

test('import roots and local packages beside the working directory have to be in the commit', async () => {
  const { cwd: top, commit } = committed({
    'teams/a/flows/a.py': 'a',
    'libs/x.py': 'x',
    'pkg/setup.py': ''
  })
  const cwd = join(top, 'teams/a')
  const roots = { 'python-path': '../../libs' }
  const packages = { 'python-dependencies': '../../pkg' }
  await expect(refuse(cwd, commit, { ...roots, ...packages })).resolves.toBeUndefined()
  writeFileSync(join(top, 'pkg/theirs.py'), '')
  await expect(refuse(cwd, commit, roots)).resolves.toBeUndefined()
  await expect(refuse(cwd, commit, packages)).rejects.toMatchObject(
    refusal("'../../pkg/theirs.py' is not in the commit")
  )
  writeFileSync(join(top, 'libs/theirs.py'), '')
  await expect(refuse(cwd, commit, roots)).rejects.toMatchObject(
    refusal("'../../libs/theirs.py' is not in the commit")
  )
})

/** A run for a pull request. */
function pullRequestFrom(repo: string) {
  const path = join(temporaryFolder(), 'event.json')
  const head = { sha: 'a', repo: { full_name: repo } }
  const base = { repo: { full_name: 'acme/flows' } }
  writeFileSync(path, JSON.stringify({ pull_request: { head, base } }))
  return { env: { GITHUB_EVENT_NAME: 'pull_request', GITHUB_EVENT_PATH: path } }
}

test('a pull request from a fork is a reason for a container, unless its code was read', async () => {
  const fork = pullRequestFrom('eve/flows')
  expect(await strangersReason({ allowUntrustedCode: false }, fork)).toBe(
    'the pull request is from a fork (eve/flows)'
  )
  expect(await strangersReason({ allowUntrustedCode: true }, fork)).toBeUndefined()
})

test('a pull request within the repository, and another run, are no reason for a container', async () => {
  const own = pullRequestFrom('acme/flows')
  expect(await strangersReason({ allowUntrustedCode: false }, own)).toBeUndefined()
  expect(await strangersReason({ allowUntrustedCode: false }, { env: {} })).toBeUndefined()
})
