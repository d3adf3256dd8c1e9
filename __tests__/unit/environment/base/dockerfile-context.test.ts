import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { dockerfileContext } from '../../../../src/environment/base/dockerfile-context.js'
import { dockerfileDigest } from '../../../../src/environment/base/dockerfile-digest.js'
import { dockerfileInputs } from '../../../../src/environment/base/dockerfile-inputs.js'
import { repository } from '../../../helpers/flowstore.js'

const FILES = {
  '.git/config': 'token',
  '.gitignore': 'dist/\n.env\n',
  '.env': 'secret',
  'a.py': '',
  'dist/y.whl': '1',
  'sub/.git': 'gitdir: x'
}

const dockerfileOf = (cwd: string) => ({ path: 'Dockerfile', cwd, buildKwargs: {} })

/** The paths of a Dockerfile's context, and what it would copy but git ignores. */
async function contextOf(text: string, more: Readonly<Record<string, string>> = {}) {
  const cwd = repository({ ...FILES, ...more })
  const inputs = await dockerfileInputs(`FROM a\n${text}\n`)
  const { context, leftOut } = await dockerfileContext(dockerfileOf(cwd), inputs)
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

/** How the digest of a Dockerfile changes with a file. */
async function digestsAround(text: string, path: string) {
  const cwd = repository({ ...FILES, Dockerfile: `FROM a\n${text}\n` })
  const digest = async () =>
    (await dockerfileDigest(dockerfileOf(cwd), () => Promise.resolve('sha256:1')))?.digest
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
