import { PassThrough, Readable } from 'node:stream'
import { expect, test } from '@jest/globals'
import { followProgress, type ProgressEvent } from '../../../../src/docker/images/progress.js'

/** The events of a stream that comes in these pieces. */
async function events(...pieces: (Buffer | string)[]): Promise<ProgressEvent[]> {
  const seen: ProgressEvent[] = []
  await followProgress(
    Readable.from(
      pieces.map(piece => Buffer.from(piece)),
      { objectMode: false }
    ),
    event => seen.push(event)
  )
  return seen
}

test('entries are read however the stream is split into chunks', async () => {
  const text = Buffer.from('{"stream":"ä"}\r\n{"aux":{"ID":"sha256:1"}}\n')
  for (let at = 1; at < text.length; at += 1) {
    expect(await events(text.subarray(0, at), text.subarray(at))).toEqual([
      { stream: 'ä' },
      { aux: { ID: 'sha256:1' } }
    ])
  }
})

test('an error is thrown with the daemon’s message once the stream has ended', async () => {
  const seen: ProgressEvent[] = []
  const stream = Readable.from(
    [Buffer.from('{"errorDetail":{"message":"first"}}\n{"stream":"x"}\n{"error":"second"}\n')],
    { objectMode: false }
  )
  await expect(followProgress(stream, event => seen.push(event))).rejects.toMatchObject({
    words: 'first'
  })
  expect(seen).toEqual([{ stream: 'x' }])
})

test('a last line without a line break is read', async () => {
  await expect(events('{"stream":"x"}\n{"error":"late"}')).rejects.toMatchObject({ words: 'late' })
})

test('a stream that breaks off is an error', async () => {
  const stream = new PassThrough()
  stream.write('{"stream":"x"}\n')
  const following = followProgress(stream, () => {
    stream.destroy()
  })
  await expect(following).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' })
})

test('BuildKit’s traces become the lines that their steps print', async () => {
  // StatusResponse { logs { msg: "flowstore: hello\n" } }
  const message = Buffer.from('flowstore: hello\n')
  const log = Buffer.concat([Buffer.from([0x22, message.length]), message])
  const trace = Buffer.concat([Buffer.from([0x1a, log.length]), log]).toString('base64')
  expect(await events(JSON.stringify({ id: 'moby.buildkit.trace', aux: trace }))).toEqual([
    { stream: 'flowstore: hello' }
  ])
})
