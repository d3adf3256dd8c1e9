import { PassThrough } from 'node:stream'
import { expect, test } from '@jest/globals'
import { ConnectionEnded, RequestChannel } from '../../../../src/python/protocol/channel.js'

const file = (content: string) => JSON.stringify({ 'a/b': Buffer.from(content).toString('base64') })

const tokens = ['T', 'U']

/** A session with streams for its process, which ends by `end`. */
function room() {
  const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()]
  let end: (code: number) => void = () => undefined
  const ended = new Promise<number>(resolve => (end = resolve))
  const read = (folder: string) => Promise.resolve(new Map([['read', Buffer.from(folder)]]))
  const session = new RequestChannel({ input, output, errors, ended, read }, '/out', index => (tokens[index] ?? ''))
  return { session, input, output, errors, end: (code: number) => end(code) }
}

test('answers come in order, with the output before them, however the stream is split into chunks', async () => {
  const { session, input, output, errors } = room()
  const asked = [session.ask(folder => `one ${folder}`), session.ask(folder => `two ${folder}`)]
  const printed = 'said by one\nT 9 {}\n\nT\nsaid by two'
  for (const byte of `printed at the import\nT 0 ${file('x'.repeat(1000))}\nT 0 {}\n\nU 3 null\n`)
    output.write(byte)
  for (const byte of printed) errors.write(byte)
  const first = await asked[0]
  expect(first).toMatchObject({ exitCode: 0, log: 'said by one\nT 9 {}\n' })
  expect(first?.files.get('a/b')?.toString()).toBe('x'.repeat(1000))
  expect(session.isIdle).toBe(false)
  errors.write('\nU\n')
  expect(await asked[1]).toMatchObject({ exitCode: 3, log: 'said by two' })
  expect([...((await asked[1])?.files.keys() ?? [])]).toEqual(['read'])
  expect(session.isIdle).toBe(true)
  expect(String(input.read())).toBe('10\none /out/0T\n10\ntwo /out/1U\n')
})

test('a process that ends without an answer gives its exit code and its last output', async () => {
  const { session, errors, end } = room()
  const asked = session.ask(() => 'one')
  for (let line = 0; line < 300; line += 1) errors.write(`${'y'.repeat(10_000)}\n`)
  errors.write('last words')
  await new Promise(setImmediate)
  end(137)
  const { exitCode, log, files } = await asked
  expect([exitCode, files.size, log.endsWith('\nlast words')]).toEqual([137, 0, true])
  expect(log.length).toBeLessThanOrEqual(1 << 20)
})

test('a process that ends without a failure before its answer has lost its connection', async () => {
  const { session, end } = room()
  const asked = session.ask(() => 'one')
  end(0)
  await expect(asked).rejects.toBeInstanceOf(ConnectionEnded)
})

test('lines of progress are reported, however they are split, and are no output of modules', async () => {
  const { session, output, errors } = room()
  const seen: unknown[] = []
  session.marks.onModule = module => seen.push(module)
  const asked = session.ask(() => 'one')
  const text = 'one\n\u001e0/2 a.py\u001e\ntwo\n\u001e1/2 ä b.py\u001e\nthree\n\nT\n'
  for (const byte of Buffer.from(text)) errors.write(Buffer.from([byte]))
  output.write('T 0 {}\n')
  expect(await asked).toMatchObject({ log: 'one\ntwo\nthree\n' })
  expect(seen).toEqual([
    { done: 0, count: 2, file: 'a.py' },
    { done: 1, count: 2, file: 'ä b.py' }
  ])
})
