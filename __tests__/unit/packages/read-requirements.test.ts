import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { silentLog } from '../../../src/log.js'
import { localPaths, readRequirements } from '../../../src/packages/read-requirements.js'
import { repository } from '../../helpers/flowstore.js'

/** A file that exists but that nobody can read, whatever rights they have. */
const unreadable = (root: string, path: string): string => {
  symlinkSync(join(root, path), join(root, path))
  return root
}

describe('a missing file and an unreadable one are different errors', () => {
  test('as the requirements file', async () => {
    await expect(readRequirements(repository({}), [], 'requirements.txt')).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND'
    })
    await expect(
      readRequirements(unreadable(repository({}), 'requirements.txt'), [], 'requirements.txt')
    ).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      file: 'requirements.txt',
      message: expect.stringContaining("'requirements.txt' can't be read: ELOOP")
    })
  })

  test('as a folder, with what to name instead', async () => {
    const root = repository({ 'app/requirements.txt': '' })
    await expect(readRequirements(root, [], 'app')).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: "'app' is a folder, not a file",
      hint: 'Name the file itself.'
    })
  })

  test('as a lock file, before any tool is asked to export it', async () => {
    for (const name of ['uv.lock', 'poetry.lock', 'Pipfile.lock', 'pyproject.toml']) {
      await expect(readRequirements(repository({}), [], name)).rejects.toMatchObject({
        code: 'FILE_NOT_FOUND',
        message: `the requirements file '${name}' can't be read`
      })
    }
  })

  test('as the project of a poetry.lock', async () => {
    const root = unreadable(repository({ 'jobs/poetry.lock': '' }), 'jobs/pyproject.toml')
    await expect(readRequirements(root, [], 'jobs/poetry.lock')).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      file: 'jobs/pyproject.toml'
    })
  })

  test('as an archive, and as a folder to find archives in', async () => {
    const root = repository({ 'flow.py': '' })
    const archives = async (line: string) =>
      localPaths(root, await readRequirements(root, [line], undefined))
    expect(await archives('./a.whl')).toEqual({ archives: [], outside: [] })
    expect(await archives('-f wheels')).toEqual({ archives: [], outside: [] })
    unreadable(unreadable(root, 'a.whl'), 'wheels')
    await expect(archives('./a.whl')).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      file: 'a.whl'
    })
    await expect(archives('-f wheels')).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
  })
})

test('a file in quotes is read, and a file at a URL is left to pip', async () => {
  const root = repository({ 'in/my pins.txt': 'a<2\n' })
  writeFileSync(join(root, 'in/all.txt'), '-c "my pins.txt"\n-r https://x.test/more.txt\n')
  const { texts } = await readRequirements(root, [], 'in/all.txt')
  expect([...texts.keys()]).toEqual(['in/all.txt', 'in/my pins.txt'])
})

test('archives are found with extras and in editable form; project folders are not archives', async () => {
  const root = repository({ 'wheels/a-1.whl': '', 'b-1.tar.bz2': '' })
  mkdirSync(join(root, 'libs'))
  const lines = [
    './wheels/a-1.whl[x] ; os_name == "nt"',
    'b-1.tar.bz2',
    '-e ./libs',
    'file:///c.whl'
  ]
  const { archives } = await localPaths(root, await readRequirements(root, lines, undefined))
  expect(archives).toEqual(['b-1.tar.bz2', 'wheels/a-1.whl'])
})

describe('the indexes of a lock file', () => {
  const ONE = 'https://one.test/simple'
  const TWO = 'https://two.test/simple'
  const lockOf = (...urls: string[]) =>
    JSON.stringify({
      _meta: { sources: urls.map(url => ({ name: 'own', url, verify_ssl: true })) },
      default: { rain: { version: '==1' } },
      develop: {}
    })
  const linesOf = async (lock: string, env: Record<string, string | undefined>) => {
    const root = repository({ 'Pipfile.lock': lock })
    const machine = { env, cache: root, log: silentLog() }
    return (await readRequirements(root, [], 'Pipfile.lock', machine)).exported?.lines
  }

  test.each([
    ['PIP_INDEX_URL', 'https://me:secret@one.test/simple/', []],
    ['PIP_EXTRA_INDEX_URL', `${TWO} https://me:secret@one.test/simple`, []],
    ['PIP_INDEX_URL', 'https://me:secret@other.test/simple', [`--index-url ${ONE}`]],
    ['PIP_INDEX_URL', undefined, [`--index-url ${ONE}`]]
  ])('are those of %s=%s, which may have a login', async (name, value, left) => {
    expect(await linesOf(lockOf(ONE), { [name]: value })).toEqual([...left, 'rain==1'])
  })

  test('beside PyPI are left out too, and so are those with the name of a login in them', async () => {
    const env = { PIP_EXTRA_INDEX_URL: 'https://me:secret@one.test/simple' }
    const lock = lockOf('https://pypi.org/simple', 'https://${NAME}:${TOKEN}@one.test/simple')
    expect(await linesOf(lock, env)).toEqual(['rain==1'])
  })

  test('all stay beside one that no variable names: pip would take that one alone', async () => {
    const env = { PIP_EXTRA_INDEX_URL: 'https://me:secret@two.test/simple' }
    expect(await linesOf(lockOf(ONE, TWO), env)).toEqual([
      `--index-url ${ONE}`,
      `--extra-index-url ${TWO}`,
      'rain==1'
    ])
  })
})
