import { expect, test } from '@jest/globals'
import { dockerfileInputs } from '../../../../src/environment/base/dockerfile-inputs.js'

test('images and sources are read from the text, through stages and arguments', async () => {
  expect(
    await dockerfileInputs(
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
    sources: ['a.txt', 'dir', 'with space', 'archive.tar'],
    isComplete: true
  })
})

test('a bind mount without a source has the whole context as its source', async () => {
  const inputs = await dockerfileInputs('FROM a\nRUN --mount=type=bind,target=/x true')
  expect(inputs.sources).toEqual(['.'])
})

test('a pattern gives the folder that Docker looks for matches in', async () => {
  expect(
    await dockerfileInputs('FROM a\nCOPY src/lib*/x conf/ ./*.txt /srv/\nADD /data/[ab].csv /srv/')
  ).toEqual({ images: ['a'], sources: ['src', 'conf', '.', 'data'], isComplete: true })
})

test('each mount of a RUN has its own image and source', async () => {
  expect(
    await dockerfileInputs(
      [
        'FROM a',
        'RUN --mount=type=bind,from=uv:1,source=/uv,target=/bin/uv \\',
        '    --mount=source=requirements.txt,target=/r.txt --mount=type=cache,from=cached,target=/c \\',
        '    tool --from=nothing'
      ].join('\n')
    )
  ).toEqual({ images: ['a', 'uv:1', 'cached'], sources: ['requirements.txt'], isComplete: true })
})

test.each([
  ['an argument without a value', 'ARG BASE\nFROM $BASE\nCOPY dist /x'],
  ['an address', 'FROM a\nADD https://example.com/x dist /x'],
  ['a variable in a path', 'FROM a\nCOPY $DIR /x\nCOPY dist /x']
])('the inputs of a Dockerfile with %s can’t all be read from its text', async (_what, text) => {
  expect(await dockerfileInputs(text)).toMatchObject({ sources: ['dist'], isComplete: false })
})

test.each([
  ['an ARG', 'ARG C=.env\nCOPY ${C} /x'],
  ['an ARG of a build argument', 'ARG B\nCOPY $B /x'],
  ['an ARG that has the value of one before FROM', 'ARG TOP\nCOPY $TOP /x'],
  ['an ARG of another', 'ARG A=.e\nARG C=${A}nv\nCOPY $C /x'],
  ['an ENV of an ARG', 'ARG A=.env\nENV C=$A\nCOPY $C /x'],
  ['a default', 'ARG EMPTY=\nCOPY ${EMPTY:-.env} /x'],
  ['an ARG in a mount', 'ARG C=.env\nRUN --mount=source=$C,target=/x true']
])('a path with %s is told; the base image may still have another value', async (_what, text) => {
  expect(await dockerfileInputs(`ARG TOP=.env\nFROM a\n${text}\n`, { B: '.env' })).toEqual({
    images: ['a'],
    sources: ['.env'],
    isComplete: false
  })
})

test.each([
  ['an ENV', 'ENV C=.env\nCOPY $C /x'],
  ['an ENV of another', 'ENV A=.e\nENV C="${A}nv"\nCOPY ["${C}", "/x"]'],
  ['an ENV, which wins over an ARG', 'ENV C=.env\nARG C=other\nCOPY $C /x'],
  ['an ENV of the stage below', 'ENV C=.env\nFROM first\nCOPY $C /x']
])('a path with %s is sure', async (_what, text) => {
  expect(await dockerfileInputs(`FROM a AS first\n${text}\n`)).toEqual({
    images: ['a'],
    sources: ['.env'],
    isComplete: true
  })
})

test.each([
  ['of another stage', 'ENV C=.env\nFROM b\nCOPY $C /x'],
  ['without a value', 'ARG C\nCOPY $C /x'],
  ['with a value that can’t be told', 'ENV C=$HOME/x\nCOPY $C /x'],
  ['in single quotes', "ENV A=1\nENV C='$A'\nCOPY $C /x"],
  ['that is escaped', 'ENV C=.env\nCOPY \\$C /x'],
  ['in a form that is not known', 'ENV C=.env\nCOPY ${C:+other} /x']
])('a path with a variable %s can’t be told', async (_what, text) => {
  expect(await dockerfileInputs(`FROM a\n${text}\n`)).toMatchObject({
    sources: [],
    isComplete: false
  })
})
