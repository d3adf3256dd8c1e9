import { lstatSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { extractTar, packTar, unpackTar, type TarEntry } from '../../../src/util/tar.js'
import { repository, temporaryFolder } from '../../helpers/flowstore.js'

const entries = (): TarEntry[] => {
  const root = repository({ 'big.bin': 'x'.repeat(3_000_000) })
  return [
    { path: 'folder', folder: true },
    { path: 'folder/a.txt', content: 'a' },
    { path: 'folder/run', content: '#!', mode: 0o755 },
    { path: 'folder/link', link: 'a.txt' },
    { path: `deep/${'long/'.repeat(40)}name`, content: 'far' },
    { path: 'big.bin', source: join(root, 'big.bin'), size: 3_000_000 }
  ]
}

test('the same entries make the same bytes, which unpack to the entries', async () => {
  const [one, other] = await Promise.all([buffer(packTar(entries())), buffer(packTar(entries()))])
  expect(one.equals(other)).toBe(true)
  const files = await unpackTar(packTar(entries()))
  expect(files.get('folder/a.txt')?.toString()).toBe('a')
  expect(files.get(`deep/${'long/'.repeat(40)}name`)?.toString()).toBe('far')
  expect(files.get('big.bin')?.length).toBe(3_000_000)
})

test('an archive becomes files, links and modes on disk', async () => {
  const folder = temporaryFolder()
  await pipeline(packTar(entries()), await extractTar(folder))
  expect(readFileSync(join(folder, 'folder/a.txt'), 'utf8')).toBe('a')
  expect(readlinkSync(join(folder, 'folder/link'))).toBe('a.txt')
  expect(lstatSync(join(folder, 'folder/run')).mode & 0o777).toBe(0o755)
})

test.each([
  [2, /\/file grew while/],
  [4, /\/file shrank while/]
])(
  'a file that no longer has its size (%i) fails the archive with its name',
  async (size, message) => {
    const root = repository({ file: 'abc' })
    await expect(
      buffer(packTar([{ path: 'x', source: join(root, 'file'), size }]))
    ).rejects.toMatchObject({ code: 'FILE_CHANGED', message: expect.stringMatching(message) })
  }
)

test('a missing file fails the archive with its name', async () => {
  await expect(
    buffer(packTar([{ path: 'x', source: '/no/such/file', size: 1 }]))
  ).rejects.toMatchObject({
    code: 'FILE_CHANGED',
    message: '/no/such/file disappeared while flowstore was reading the repository'
  })
  await expect(
    buffer(packTar([{ path: 'x', source: temporaryFolder(), size: 1 }]))
  ).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
    message: expect.stringContaining('is a folder, not a file')
  })
})

test('no error is unhandled if the reader stops', async () => {
  const entries = Array.from({ length: 1000 }, (_, number) => ({
    path: String(number),
    content: Buffer.alloc(10_000)
  }))
  const reader = new Writable({
    write(_chunk, _encoding, done) {
      done(new Error('gone'))
    }
  })
  await expect(pipeline(packTar(entries), reader)).rejects.toThrow('gone')
})

test('an archive that fails in the middle of a file fails once', async () => {
  const bytes = await buffer(packTar([{ path: 'a', content: Buffer.alloc(100_000) }]))
  const unheard: unknown[] = []
  const hear = (error: unknown) => unheard.push(error)
  process.on('unhandledRejection', hear)
  const archive = new PassThrough()
  const unpacked = unpackTar(archive)
  archive.write(bytes.subarray(0, 2000), () => archive.destroy(new Error('aborted')))
  await expect(unpacked).rejects.toThrow('aborted')
  await new Promise(resolve => setTimeout(resolve, 20))
  process.off('unhandledRejection', hear)
  expect(unheard).toEqual([])
})

test('the error of a changed file reaches the reader however late it reads', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'grown.log'), 'longer than it was')
  const archive = packTar([{ path: 'grown.log', source: join(folder, 'grown.log'), size: 3 }])
  await delay(50)
  const read = async () => {
    for await (const part of archive) void part
  }
  await expect(read()).rejects.toMatchObject({ code: 'FILE_CHANGED' })
})
