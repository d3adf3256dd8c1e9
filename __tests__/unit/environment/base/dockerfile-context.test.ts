import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import {
  dockerfileContext,
  dockerfileText,
  type UserDockerfile
} from '../../../../src/environment/base/dockerfile-context.js'
import { dockerfileDigest } from '../../../../src/environment/base/dockerfile-digest.js'
import { dockerfileInputs } from '../../../../src/environment/base/dockerfile-inputs.js'
import { readDockerIgnore, withoutBringingBack } from '../../../../src/sources/docker-ignore.js'
import { repository } from '../../../helpers/flowstore.js'

const FILES = {
  '.git/config': 'token',
  '.gitignore': 'dist/\n.env\n',
  '.env': 'secret',
  'a.py': '',
  'dist/y.whl': '1',
  'sub/.git': 'gitdir: x'
}

const dockerfileOf = async (cwd: string, more: Partial<UserDockerfile> = {}) => ({
  path: 'Dockerfile',
  cwd,
  dockerIgnore: await readDockerIgnore(cwd),
  namesIgnored: true,
  buildKwargs: {},
  ...more
})

/** The paths of a Dockerfile's context, and what it would copy but git ignores. */
async function contextOf(
  text: string,
  more: Readonly<Record<string, string>> = {},
  options: Partial<UserDockerfile> = {}
) {
  const cwd = repository({ ...FILES, ...more })
  const inputs = await dockerfileInputs(`FROM a\n${text}\n`)
  const { context, leftOut } = await dockerfileContext(await dockerfileOf(cwd, options), inputs)
  return { paths: context.map(({ path }) => path), leftOut }
}

test('the context has neither version control nor what git ignores', async () => {
  expect(await contextOf('COPY . /app')).toEqual({
    paths: ['.gitignore', 'a.py', 'sub'],
    leftOut: ['.env', 'dist/']
  })
})

test.each([
  ['a pattern', 'COPY dist/*.whl /tmp/'],
  ['a folder', 'COPY ./dist /tmp/'],
  ['a mount', 'RUN --mount=type=bind,source=dist,target=/d pip install /d/y.whl'],
  ['a path beside one that can’t be told', 'COPY dist/y.whl $OTHER /tmp/']
])('an ignored path that the Dockerfile names is in the context: %s', async (_what, text) => {
  expect((await contextOf(text)).paths).toEqual(['.gitignore', 'a.py', 'dist', 'dist/y.whl', 'sub'])
})

test('an ignored file that the Dockerfile names is in the context', async () => {
  expect((await contextOf('COPY . /app\nCOPY .env /app/.env')).paths).toContain('.env')
})

test('an exception of .dockerignore brings an ignored file back', async () => {
  const { paths, leftOut } = await contextOf('COPY . /app', { '.dockerignore': '!.env\n!.git\n' })
  expect(paths).toEqual(['.dockerignore', '.env', '.gitignore', 'a.py', 'sub'])
  expect(leftOut).toEqual(['dist/'])
})

test('ignored paths that the Dockerfile does not copy are not told', async () => {
  expect((await contextOf('COPY sub /app')).leftOut).toEqual([])
})

test.each([
  ['COPY .env /x', ['.env']],
  ['COPY dist/y.whl /x', ['dist/']],
  ['COPY dist/*.whl /x', ['dist/']],
  ['COPY . /x\nRUN --mount=source=dist,target=/d true', ['.env', 'dist/']]
])('a Dockerfile of a module names nothing that git ignores: %j', async (text, leftOut) => {
  const context = await contextOf(text, {}, { namesIgnored: false })
  expect(context).toEqual({ paths: ['.gitignore', 'a.py', 'sub'], leftOut })
})

test('exceptions of a file that a module chooses bring no ignored file back', async () => {
  const dockerIgnore = withoutBringingBack(
    await readDockerIgnore(repository({ '.dockerignore': '!.env\n' }))
  )
  const { paths } = await contextOf('COPY . /x', {}, { dockerIgnore })
  expect(paths).toEqual(['.gitignore', 'a.py', 'sub'])
})

test('an ignored path beside one that a Dockerfile of a module names is not told', async () => {
  const files = { '.envrc': '' }
  expect((await contextOf('COPY .envrc /x', files, { namesIgnored: false })).leftOut).toEqual([])
})

test('the output directory is not in the context, and not told', async () => {
  expect(await contextOf('COPY . /x', {}, { output: 'dist' })).toEqual({
    paths: ['.gitignore', 'a.py', 'sub'],
    leftOut: ['.env']
  })
})

test('the output directory is in the context if the Dockerfile names something in it', async () => {
  const { paths } = await contextOf('COPY dist/*.whl /x', {}, { output: 'dist' })
  expect(paths).toContain('dist/y.whl')
})

test('an ignored file that an argument names is in the context', async () => {
  expect((await contextOf('ARG C=.env\nCOPY ${C} /x')).paths).toContain('.env')
})

/** How the digest of a Dockerfile changes with a file. */
async function digestsAround(text: string, path: string, options: Partial<UserDockerfile> = {}) {
  const cwd = repository({ ...FILES, Dockerfile: `FROM a\n${text}\n` })
  const digest = async () =>
    (await dockerfileDigest(await dockerfileOf(cwd, options), () => Promise.resolve('sha256:1')))
      ?.digest
  const before = await digest()
  writeFileSync(join(cwd, path), 'changed')
  return [before, await digest()] as const
}

test.each([
  ['COPY . /app', '.git/config'],
  ['COPY . /app', '.env'],
  ['COPY . /app', 'dist/y.whl']
])('the digest for %s does not change with %s', async (text, path) => {
  const [before, after] = await digestsAround(text, path)
  expect(before).toMatch(/^sha256:/)
  expect(after).toBe(before)
})

test.each([
  ['COPY dist/*.whl /tmp/', 'dist/y.whl'],
  ['COPY . /app\nCOPY dist /tmp/', 'dist/y.whl'],
  ['COPY .env /app/', '.env']
])('the digest for %j changes with %s', async (text, path) => {
  const [before, after] = await digestsAround(text, path)
  expect(after).not.toBe(before)
})

test.each([
  ['COPY .env a.py /app/', '.env'],
  ['COPY dist /app/', 'dist/y.whl']
])('the digest for %j of a module does not change with %s', async (text, path) => {
  const [before, after] = await digestsAround(text, path, { namesIgnored: false })
  expect(before).toMatch(/^sha256:/)
  expect(after).toBe(before)
})

test('a folder in the place of a Dockerfile is an error that says so', async () => {
  const cwd = repository({ 'docker/a.txt': '' })
  await expect(dockerfileText({ path: 'docker', cwd })).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
    message: 'docker is a folder, not a file'
  })
})
