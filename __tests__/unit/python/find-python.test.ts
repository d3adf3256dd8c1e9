import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { arch } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { findPython } from '../../../src/python/find-python.js'
import { temporaryFolder } from '../../helpers/flowstore.js'
import { programAt } from '../../helpers/programs.js'

const SHELL = '/bin/sh'
const toolCache = process.env['RUNNER_TOOL_CACHE']

afterEach(() => {
  if (toolCache === undefined) delete process.env['RUNNER_TOOL_CACHE']
  else process.env['RUNNER_TOOL_CACHE'] = toolCache
})

/** An executable file that is a script of a shell. */
const program = (path: string, script: string): string =>
  programAt(path, `#!${SHELL}\n${script}\n`)

/** A program that prints a version as an interpreter does. */
const python = (path: string, version: string): string => program(path, `echo ${version}`)

test('the first suitable Python on PATH is taken', async () => {
  const [one, other] = [temporaryFolder(), temporaryFolder()]
  python(join(one, 'python3'), '3.13')
  const suits = python(join(other, 'python3'), '3.9')
  const found = await findPython(undefined, ['3.8', '3.9'], { PATH: `${one}:${other}` }, '/')
  expect(found).toEqual({ path: suits, python: '3.9', foundIn: 'PATH' })
  expect(await findPython(undefined, undefined, { PATH: one }, '/')).toMatchObject({
    python: '3.13'
  })
})

test('the tool cache is preferred if a version is requested', async () => {
  const [folder, cache] = [temporaryFolder(), temporaryFolder()]
  const onPath = python(join(folder, 'python3'), '3.9')
  const cached = python(join(cache, 'Python/3.9.18', arch(), 'bin/python'), '3.9')
  writeFileSync(join(cache, 'Python/3.9.18', `${arch()}.complete`), '')
  process.env['RUNNER_TOOL_CACHE'] = cache
  const env = { PATH: folder, RUNNER_TOOL_CACHE: cache }
  expect(await findPython('3.9', undefined, env, '/')).toEqual({
    path: cached,
    python: '3.9',
    foundIn: 'tool cache'
  })
  expect(await findPython(undefined, ['3.9'], env, '/')).toMatchObject({
    path: onPath,
    foundIn: 'PATH'
  })
})

test('the newest patch release of pyenv is taken', async () => {
  const root = temporaryFolder()
  python(join(root, 'versions/3.9.7/bin/python'), '3.9')
  const newest = python(join(root, 'versions/3.9.18/bin/python'), '3.9')
  const env = { PATH: '', PYENV_ROOT: root }
  expect(await findPython(undefined, ['3.8', '3.9'], env, '/')).toEqual({
    path: newest,
    python: '3.9',
    foundIn: 'pyenv'
  })
})

test('uv is asked last, and installs a Python', async () => {
  const folder = temporaryFolder()
  const made = join(folder, 'made/python')
  program(
    join(folder, 'uv'),
    `if [ "$2" = install ]; then mkdir -p ${dirname(made)}; printf '#!${SHELL}\\necho %s\\n' "$3" > ${made}; chmod +x ${made}; else echo ${made}; fi`
  )
  const env = { PATH: `${folder}:/bin:/usr/bin`, PYENV_ROOT: '/nowhere' }
  expect(await findPython('4.7', undefined, env, '/')).toEqual({
    path: made,
    python: '4.7',
    foundIn: 'uv'
  })
})

test('the error says why each Python that was found is not suitable', async () => {
  const folder = temporaryFolder()
  const broken = program(join(folder, 'python3'), 'echo first >&2; echo last words >&2; exit 3')
  const silent = program(join(folder, 'python'), 'exit 0')
  const forbidden = join(folder, 'python4.8')
  writeFileSync(forbidden, '')
  program(join(folder, 'uv'), 'echo "no download for 4.8" >&2; exit 2')
  const root = temporaryFolder()
  mkdirSync(join(root, 'versions/4.8.1'), { recursive: true })
  const env = { PATH: folder, PYENV_ROOT: root }
  await expect(findPython('4.8', undefined, env, '/')).rejects.toMatchObject({
    code: 'PYTHON_NOT_FOUND',
    message: 'no Python 4.8 is on this machine',
    detail: [
      `${broken}: ended with exit code 3: last words`,
      `${silent}: does not print its version as Python does`,
      `${forbidden}: spawn ${forbidden} EACCES`,
      `${join(root, 'versions/4.8.1/bin/python')}: spawn ${join(root, 'versions/4.8.1/bin/python')} ENOENT`,
      'uv: no download for 4.8'
    ].join('\n')
  })
})

test('a source that fails does not end the search', async () => {
  const folder = temporaryFolder()
  const loop = join(folder, 'loop')
  symlinkSync(loop, loop)
  const env = { PATH: folder, PYENV_ROOT: loop }
  await expect(findPython('4.9', undefined, env, '/')).rejects.toMatchObject({
    detail: expect.stringContaining('pyenv: ELOOP')
  })
  const made = python(join(folder, 'made'), '4.9')
  program(join(folder, 'uv'), `echo ${made}`)
  expect(await findPython('4.9', undefined, env, '/')).toMatchObject({ foundIn: 'uv' })
})

test('a path or a command is taken as it is given', async () => {
  const folder = temporaryFolder()
  const given = python(join(folder, 'bin/mine'), '3.7')
  expect(await findPython('bin/mine', ['3.9'], { PATH: '' }, folder)).toEqual({
    path: given,
    python: '3.7',
    foundIn: 'option'
  })
  const env = { PATH: join(folder, 'bin') }
  expect(await findPython('mine', ['3.9'], env, '/')).toMatchObject({
    path: given,
    foundIn: 'PATH'
  })
  chmodSync(given, 0o644)
  await expect(findPython(given, undefined, env, '/')).rejects.toMatchObject({
    code: 'PYTHON_NOT_FOUND',
    message: `there is no Python interpreter '${given}'`,
    detail: `${given}: spawn ${given} EACCES`
  })
  await expect(findPython('./absent', undefined, env, '/')).rejects.toMatchObject({
    message: "there is no Python interpreter './absent'",
    detail: undefined
  })
})

test('if there is no Python, the error names the versions and the places that were searched', async () => {
  await expect(findPython(undefined, ['3.6', '3.7'], { PATH: '' }, '/')).rejects.toMatchObject({
    code: 'PYTHON_NOT_FOUND',
    message: 'no Python 3.7, 3.6 is on this machine',
    hint: expect.stringContaining('tool cache')
  })
})
