import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { packTar, unpackTar } from '../../../src/util/tar.js'
import { uploading } from '../../../src/http/upload.js'
import { temporaryFolder } from '../../helpers/flowstore.js'
import { serve } from '../../helpers/registry-server.js'

const CONTENT = randomBytes(5_000_000)

/** Sends an archive with one file, as dockerode does. */
async function sent(host: string, size = CONTENT.length): Promise<IncomingMessage> {
  const source = join(temporaryFolder(), 'big.bin')
  writeFileSync(source, CONTENT)
  const archive = uploading(packTar([{ path: 'big.bin', source, size }]))
  return new Promise((resolve, reject) => {
    const asked = request(`http://${host}/build`, { method: 'POST' }, resolve)
    archive.on('error', (error: Error) => asked.destroy(error))
    asked.on('error', reject)
    archive.pipe(asked)
  })
}

test('files that are sent concurrently to slow readers arrive unchanged', async () => {
  const host = await serve((asked, answer) => {
    const read = async () => {
      const parts: Buffer[] = []
      for await (const part of asked) {
        parts.push(part as Buffer)
        if (parts.length % 20 === 0) await setTimeout(2)
      }
      answer.end(Buffer.concat(parts))
    }
    void read()
  })
  const answers = await Promise.all([1, 2, 3].map(async () => buffer(await sent(host))))
  for (const archive of answers) {
    const files = await unpackTar(new Blob([new Uint8Array(archive)]).stream() as never)
    expect(files.get('big.bin')?.equals(CONTENT)).toBe(true)
  }
})

test('a file that grew fails the request with its name', async () => {
  const host = await serve(asked => asked.resume())
  await expect(sent(host, 1000)).rejects.toMatchObject({
    code: 'FILE_CHANGED',
    message: expect.stringContaining('big.bin')
  })
})

test('the upload ends when the reader responds early or closes the connection', async () => {
  const early = await serve((_, answer) => {
    answer.writeHead(400).end('no')
  })
  expect((await sent(early)).statusCode).toBe(400)
  const gone = await serve(asked => {
    asked.socket.destroy()
  })
  await expect(sent(gone)).rejects.toMatchObject({
    code: expect.stringMatching(/ECONNRESET|EPIPE/)
  })
})
