import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import {
  dockerfileInputs,
  dockerfileDigest
} from '../../../../src/environment/base/dockerfile-digest.js'
import { repository } from '../../../helpers/flowstore.js'

test('images and sources are read from the text, stages and arguments followed', () => {
  expect(
    dockerfileInputs(
      [
        'ARG VERSION=3.9',
        'ARG REGISTRY',
        'FROM --platform=linux/amd64 ${REGISTRY:-docker.io}/python:$VERSION AS first',
        'COPY a.txt dir/ /srv/',
        'COPY ["with space", "/srv/"]',
        'RUN --mount=type=cache,target=/root/.cache pip install x',
        'FROM first',
        'COPY --from=first /srv /srv',
        'COPY --from=busybox:1 /bin/sh /bin/sh',
        'RUN --mount=type=bind,from=debian:12,target=/x true',
        'ADD archive.tar /opt'
      ].join('\n'),
      { VERSION: '3.8' }
    )
  ).toEqual({
    images: ['docker.io/python:3.8', 'busybox:1', 'debian:12'],
    sources: ['a.txt', 'dir', 'with space', 'archive.tar']
  })
  expect(dockerfileInputs('FROM a\nRUN --mount=type=bind,target=/x true')?.sources).toEqual(['.'])
})

test('a pattern stands for the folder below which Docker looks, each mount for itself', () => {
  expect(
    dockerfileInputs('FROM a\nCOPY src/lib*/x conf/ ./*.txt /srv/\nADD /data/[ab].csv /srv/')
  ).toEqual({ images: ['a'], sources: ['src', 'conf', '.', 'data'] })
  expect(
    dockerfileInputs(
      [
        'FROM a',
        'RUN --mount=type=bind,from=uv:1,source=/uv,target=/bin/uv \\',
        '    --mount=source=requirements.txt,target=/r.txt --mount=type=cache,from=cached,target=/c \\',
        '    tool --from=nothing'
      ].join('\n')
    )
  ).toEqual({ images: ['a', 'uv:1', 'cached'], sources: ['.'] })
})

test.each([
  ['an argument without a value', 'ARG BASE\nFROM $BASE'],
  ['an address', 'FROM a\nADD https://example.com/x /x'],
  ['a variable in a path', 'FROM a\nCOPY $DIR /x']
])('%s can not be told from the text', (_what, text) => {
  expect(dockerfileInputs(text)).toBeUndefined()
})

test('the digest changes with the text, what is copied and the base, and with nothing else', async () => {
  const cwd = repository({ Dockerfile: 'FROM a\nCOPY data /data\n', 'data/x': '1', other: '1' })
  const digest = async (base = 'sha256:1', buildargs = {}, labels = {}) => {
    const buildKwargs = { buildargs, labels }
    const found = await dockerfileDigest({ path: 'Dockerfile', cwd, buildKwargs }, () =>
      Promise.resolve(base)
    )
    return found?.digest
  }
  const seen = [await digest()]
  writeFileSync(join(cwd, 'other'), '2')
  expect(await digest()).toBe(seen[0])
  expect(await digest('sha256:1', {}, { commit: 'abc' })).toBe(seen[0])
  seen.push(await digest('sha256:2'), await digest('sha256:1', { A: '1' }))
  writeFileSync(join(cwd, 'data/x'), '2')
  seen.push(await digest())
  writeFileSync(join(cwd, 'Dockerfile'), 'FROM a\nCOPY data /data\nRUN true\n')
  seen.push(await digest())
  expect(new Set(seen).size).toBe(5)
  expect(seen).not.toContain(undefined)
  writeFileSync(join(cwd, 'Dockerfile'), 'FROM a\nCOPY missing /data\n')
  expect(await digest()).toBeUndefined()
})

test('what .dockerignore leaves out counts for nothing, its folders neither', async () => {
  const cwd = repository({
    Dockerfile: 'FROM a\nCOPY . /app\n',
    '.dockerignore': '.git\n**/__pycache__\nlogs\n!logs/kept\n',
    'src/a.py': '1',
    '.git/HEAD': '1',
    'logs/kept/x': '1'
  })
  const digest = async () =>
    (
      await dockerfileDigest({ path: 'Dockerfile', cwd, buildKwargs: {} }, () =>
        Promise.resolve('sha256:1')
      )
    )?.digest
  const before = await digest()
  for (const folder of ['.git/objects/ab', 'src/__pycache__', 'logs/old']) {
    mkdirSync(join(cwd, folder), { recursive: true })
    writeFileSync(join(cwd, folder, 'x'), '1')
  }
  expect(await digest()).toBe(before)
  writeFileSync(join(cwd, 'logs/kept/x'), '2')
  expect(await digest()).not.toBe(before)
})
