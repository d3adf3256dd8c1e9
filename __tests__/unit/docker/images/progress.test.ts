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

/** A field of a protobuf message, of up to 127 bytes. */
const field = (id: number, ...parts: readonly (string | Buffer)[]): Buffer => {
  const content = Buffer.concat(parts.map(part => Buffer.from(part)))
  return Buffer.concat([Buffer.from([id * 8 + 2, content.length]), content])
}

/** The entry of a trace: `StatusResponse` of BuildKit's control API. */
const traceEntry = (...fields: readonly Buffer[]): string =>
  JSON.stringify({ id: 'moby.buildkit.trace', aux: Buffer.concat(fields).toString('base64') })

test('BuildKit’s traces become the lines that their steps print', async () => {
  const log = field(3, field(4, 'flowstore: hello\n'))
  expect(await events(traceEntry(log))).toEqual([{ stream: 'flowstore: hello' }])
})

test('BuildKit’s traces become the steps that begin or fail, without internal ones', async () => {
  const started = field(5)
  const completed = field(6)
  const entry = traceEntry(
    field(1, field(3, '[1/2] FROM a'), started),
    field(1, field(3, '[internal] load metadata'), started),
    field(1, field(3, '[1/2] FROM a'), started, completed),
    field(1, field(3, '[2/2] RUN false'), started, completed, field(7, 'exit code: 1'))
  )
  expect(await events(entry)).toEqual([{ stream: '[1/2] FROM a\nfailed: [2/2] RUN false' }])
})
