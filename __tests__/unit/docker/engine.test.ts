import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { afterEach, expect, test } from '@jest/globals'
import { Engine, readFrames } from '../../../src/docker/engine.js'
import { packTar, unpackTar } from '../../../src/util/tar.js'
import { temporaryFolder } from '../../helpers/flowstore.js'

let server: Server
afterEach(() => {
  server.close()
})

const listen = async (answer: (asked: IncomingMessage, answer: ServerResponse) => void) => {
  const socketPath = join(temporaryFolder(), 'engine.sock')
  server = createServer(answer)
  await new Promise<void>(done => server.listen(socketPath, done))
  return new Engine({ socketPath })
}

test('asks in JSON, and hears the engine in its own words', async () => {
  const engine = await listen((asked, answer) => {
    let body = ''
    asked.on('data', (data: Buffer) => (body += data.toString()))
    asked.on('end', () => {
      if (asked.url === '/words') answer.writeHead(409).end('{"message":"it is in use"}')
      else if (asked.url === '/page') answer.writeHead(502).end('<html>')
      else if (asked.url === '/empty') answer.writeHead(204).end()
      else answer.end(JSON.stringify([asked.method, asked.headers['content-type'], body]))
    })
  })
  const get = (path: string) => engine.ask({ method: 'GET', path })
  expect(await engine.ask({ method: 'POST', path: '/a', json: { b: 1 } })).toEqual([
    'POST',
    'application/json',
    '{"b":1}'
  ])
  expect(await get('/empty')).toBeUndefined()
  await expect(get('/words')).rejects.toMatchObject({ statusCode: 409, message: 'it is in use' })
  await expect(get('/page')).rejects.toMatchObject({ statusCode: 502, message: '<html>' })
})

test('an archive is streamed, and what breaks it is what is thrown', async () => {
  const engine = await listen((asked, answer) => {
    unpackTar(asked).then(
      files => answer.end(JSON.stringify([...files.keys()])),
      () => answer.destroy()
    )
  })
  const put = (archive: NodeJS.ReadableStream) =>
    engine.ask({ method: 'PUT', path: '/archive', archive })
  expect(await put(packTar([{ path: 'a', content: 'b' }]))).toEqual(['a'])
  const gone = packTar([{ path: 'a', source: '/nonexistent/file', size: 3 }])
  await expect(put(gone)).rejects.toMatchObject({ code: 'FILE_CHANGED' })
})

test('goes on with the raw connection, or says why not', async () => {
  const engine = await listen((_asked, answer) => {
    answer.writeHead(404).end('{"message":"no such container"}')
  })
  await expect(engine.attach('/containers/x/attach')).rejects.toThrow('no such container')
  server.on('upgrade', (_asked, socket: Duplex) => {
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nfirst')
    socket.pipe(socket)
  })
  const socket = await engine.attach('/containers/y/attach')
  const heard = new Promise<string>(done => {
    let text = ''
    socket.on('data', (data: Buffer) => {
      text += data.toString()
      if (text.endsWith('last')) done(text)
    })
  })
  socket.end('last')
  expect(await heard).toBe('firstlast')
  socket.destroy()
})

test('frames are taken apart wherever they are cut', () => {
  const frame = (stream: number, text: string) => {
    const header = Buffer.alloc(8)
    header.writeUInt8(stream, 0)
    header.writeUInt32BE(Buffer.byteLength(text), 4)
    return Buffer.concat([header, Buffer.from(text)])
  }
  const all = Buffer.concat([frame(1, 'one '), frame(2, ''), frame(2, 'two\n'), frame(1, 'three')])
  for (const size of [1, 3, 7, 8, 9, 20, all.length]) {
    let text = ''
    const read = readFrames(bytes => (text += bytes.toString()))
    for (let at = 0; at < all.length; at += size) read(all.subarray(at, at + size))
    expect(text).toBe('one two\nthree')
  }
})
