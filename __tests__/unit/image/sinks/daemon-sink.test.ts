import { expect, test } from '@jest/globals'
import { daemonSink, type DaemonSinkOptions } from '../../../../src/image/sinks/daemon-sink.js'
import { silentLog } from '../../../../src/log.js'
import { registriesWith } from '../../../helpers/registry-client.js'
import { NO_IMAGE_METADATA } from '../../../helpers/stages.js'
import { serveAnswers, type Answers } from '../../../helpers/daemon-server.js'

const DIGEST = `sha256:${'a'.repeat(64)}`
const REPOSITORY = 'registry.test/acme/flows'
const NAME = { repository: REPOSITORY, tag: 'k', tags: ['latest', 'stable'] }
const FULL = { status: 500, json: { message: 'no space left on device' } }

const pushed = (tag: string): Answers => ({
  [`POST /images/${REPOSITORY}:${tag}/push`]: {
    status: 200,
    lines: [{ aux: { Tag: tag, Digest: DIGEST, Size: 3 } }]
  },
  [`GET /distribution/${REPOSITORY}:${tag}/json`]: {
    status: 200,
    json: { Descriptor: { digest: DIGEST } }
  }
})

const TAGGED: Answers = {
  'POST /images/sha256:1/tag': { status: 201 },
  [`POST /images/${REPOSITORY}:k/tag`]: { status: 201 }
}

/** A sink on a daemon with these answers, and the daemon's requests without the parts that all share. */
async function sinkOn(answers: Answers, more: Partial<DaemonSinkOptions> = {}) {
  const { daemon, log } = await serveAnswers(answers)
  const sink = daemonSink({
    daemon,
    base: 'flowstore-environment:e',
    lateInstructions: [],
    buildKwargs: {},
    metadata: NO_IMAGE_METADATA,
    check: () => Promise.resolve(),
    registries: registriesWith(),
    repository: undefined,
    log: silentLog(),
    ...more
  })
  const asked = () => log.map(line => line.replace(`repo=${encodeURIComponent(REPOSITORY)}&`, ''))
  return { sink, asked }
}

test('an image is tagged, then pushed, then each additional tag is set and pushed', async () => {
  const answers = { ...TAGGED, ...pushed('k'), ...pushed('latest'), ...pushed('stable') }
  const { sink, asked } = await sinkOn(answers)
  const published = await sink.publish('sha256:1', NAME)
  expect(published.pushed).toEqual({ digest: DIGEST, platforms: [] })
  await published.tags.move()
  expect(asked()).toEqual([
    'POST /images/sha256:1/tag?tag=k',
    `POST /images/${REPOSITORY}:k/push?tag=k`,
    `GET /distribution/${REPOSITORY}:k/json`,
    `POST /images/${REPOSITORY}:k/tag?tag=latest`,
    `POST /images/${REPOSITORY}:latest/push?tag=latest`,
    `GET /distribution/${REPOSITORY}:latest/json`,
    `POST /images/${REPOSITORY}:k/tag?tag=stable`,
    `POST /images/${REPOSITORY}:stable/push?tag=stable`,
    `GET /distribution/${REPOSITORY}:stable/json`
  ])
})

test('without credentials an image gets its tags in the daemon, and is not pushed', async () => {
  const { sink, asked } = await sinkOn(TAGGED, { registries: null })
  const published = await sink.publish('sha256:1', NAME)
  expect(published.pushed).toBeNull()
  await published.tags.move()
  expect(asked()).toEqual([
    'POST /images/sha256:1/tag?tag=k',
    `POST /images/${REPOSITORY}:k/tag?tag=latest`,
    `POST /images/${REPOSITORY}:k/tag?tag=stable`
  ])
})

test('an image that can’t be tagged is removed, and nothing is pushed', async () => {
  const { sink, asked } = await sinkOn({
    'POST /images/sha256:1/tag': FULL,
    'DELETE /images/sha256:1': { status: 200, json: [] }
  })
  await expect(sink.publish('sha256:1', NAME)).rejects.toMatchObject({
    code: 'DAEMON',
    words: 'no space left on device'
  })
  expect(asked()).toEqual(['POST /images/sha256:1/tag?tag=k', 'DELETE /images/sha256:1'])
})

test('the error is that of the tag, even if the image can’t be removed either', async () => {
  const { sink } = await sinkOn({
    'POST /images/sha256:1/tag': FULL,
    'DELETE /images/sha256:1': { status: 409, json: { message: 'a container uses it' } }
  })
  await expect(sink.publish('sha256:1', NAME)).rejects.toMatchObject({
    words: 'no space left on device'
  })
})

test('an image is checked by its id', async () => {
  const checked: string[] = []
  const check = (id: string) => Promise.resolve(void checked.push(id))
  const { sink } = await sinkOn({}, { check })
  await sink.check('sha256:1')
  expect(checked).toEqual(['sha256:1'])
})

test('an image that is discarded is removed from the daemon', async () => {
  const { sink, asked } = await sinkOn({ 'DELETE /images/sha256:1': { status: 200, json: [] } })
  await sink.discard('sha256:1')
  expect(asked()).toEqual(['DELETE /images/sha256:1'])
})

test('the push is a phase of the log', async () => {
  const log = silentLog()
  const { sink } = await sinkOn({ ...TAGGED, ...pushed('k') }, { log })
  await sink.publish('sha256:1', NAME)
  expect(log.phases.map(phase => phase.name)).toEqual(['push'])
})
