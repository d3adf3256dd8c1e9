import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import type { BuildKwargs } from '../../../../src/docker/build-kwargs.js'
import { FlowstoreError } from '../../../../src/errors.js'
import { dockerfileDigest } from '../../../../src/environment/base/dockerfile-digest.js'
import { readDockerIgnore } from '../../../../src/sources/docker-ignore.js'
import { repository, writeFiles } from '../../../helpers/flowstore.js'

const DOCKERFILE = 'FROM a\nCOPY data /data\n'

const dockerfileIn = async (cwd: string, buildKwargs: BuildKwargs = {}) => ({
  path: 'Dockerfile',
  cwd,
  dockerIgnore: await readDockerIgnore(cwd),
  namesIgnored: true,
  buildKwargs
})

/** The digest of the Dockerfile in a folder. */
const digestIn = async (
  cwd: string,
  base = 'sha256:1',
  buildKwargs: BuildKwargs = {}
): Promise<string | undefined> => {
  const found = await dockerfileDigest(await dockerfileIn(cwd, buildKwargs), () =>
    Promise.resolve(base)
  )
  return found?.digest
}

test('the digest changes with the text, the copied files, the base image and build arguments', async () => {
  const cwd = repository({ Dockerfile: DOCKERFILE, 'data/x': '1' })
  const digests = [
    await digestIn(cwd),
    await digestIn(cwd, 'sha256:2'),
    await digestIn(cwd, 'sha256:1', { buildargs: { A: '1' } })
  ]
  writeFileSync(join(cwd, 'data/x'), '2')
  digests.push(await digestIn(cwd))
  writeFileSync(join(cwd, 'Dockerfile'), `${DOCKERFILE}RUN true\n`)
  digests.push(await digestIn(cwd))
  expect(new Set(digests).size).toBe(5)
  expect(digests).not.toContain(undefined)
})

test('the digest does not change with files that are not copied', async () => {
  const cwd = repository({ Dockerfile: DOCKERFILE, 'data/x': '1', other: '1' })
  const before = await digestIn(cwd)
  writeFileSync(join(cwd, 'other'), '2')
  expect(await digestIn(cwd)).toBe(before)
})

test('the digest does not change with labels', async () => {
  const cwd = repository({ Dockerfile: DOCKERFILE, 'data/x': '1' })
  expect(await digestIn(cwd, 'sha256:1', { labels: { commit: 'abc' } })).toBe(await digestIn(cwd))
})

test('a Dockerfile that copies a missing file has no digest', async () => {
  const cwd = repository({ Dockerfile: 'FROM a\nCOPY missing /data\n' })
  expect(await digestIn(cwd)).toBeUndefined()
})

/** The digest of a Dockerfile if an error is thrown for the image that it is built on. */
const withoutBase = async (error: Error) =>
  dockerfileDigest(await dockerfileIn(repository({ Dockerfile: 'FROM a\n' })), () =>
    Promise.reject(error)
  )

test('a Dockerfile on an image that the daemon lacks has no digest', async () => {
  const error = new FlowstoreError('BASE_IMAGE_PULL', 'the daemon has no image a')
  expect(await withoutBase(error)).toBeUndefined()
})

test('a Dockerfile that can’t be read is an error with the reason', async () => {
  const cwd = repository({ 'Dockerfile/x': '' })
  await expect(digestIn(cwd)).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
    message: expect.stringContaining('Dockerfile is a folder, not a file')
  })
})

test('a fault of flowstore in asking for a base image is not hidden', async () => {
  await expect(withoutBase(new TypeError('a bug'))).rejects.toThrow('a bug')
})

/** A repository whose Dockerfile copies everything but what .dockerignore leaves out. */
const withIgnored = (): string =>
  repository({
    Dockerfile: 'FROM a\nCOPY . /app\n',
    '.dockerignore': '.git\n**/__pycache__\nlogs\n!logs/kept\n',
    'src/a.py': '1',
    '.git/HEAD': '1',
    'logs/kept/x': '1'
  })

test('the digest does not change with files that .dockerignore leaves out, nor with their folders', async () => {
  const cwd = withIgnored()
  const before = await digestIn(cwd)
  writeFiles(cwd, { '.git/objects/ab/x': '1', 'src/__pycache__/x': '1', 'logs/old/x': '1' })
  expect(await digestIn(cwd)).toBe(before)
})

test('the digest changes with a file that an exception of .dockerignore keeps', async () => {
  const cwd = withIgnored()
  const before = await digestIn(cwd)
  writeFileSync(join(cwd, 'logs/kept/x'), '2')
  expect(await digestIn(cwd)).not.toBe(before)
})
