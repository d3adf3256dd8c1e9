import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { readParts, readWhole, releasePart } from '../../../src/util/file-parts.js'
import { temporaryFolder } from '../../helpers/flowstore.js'

const CONTENT = randomBytes(300_000)

function file(): string {
  const path = join(temporaryFolder(), 'big.bin')
  writeFileSync(path, CONTENT)
  return path
}

test('parts that are not released keep their content', async () => {
  const parts: Buffer[] = []
  for await (const part of readParts(file(), CONTENT.length)) parts.push(part)
  expect(Buffer.concat(parts).equals(CONTENT)).toBe(true)
})

test('the memory of released parts is used again', async () => {
  const memories = new Set<unknown>()
  const copies: Buffer[] = []
  for await (const part of readParts(file(), CONTENT.length)) {
    memories.add(part.buffer)
    copies.push(Buffer.from(part))
    releasePart(part)
    releasePart(part)
  }
  expect(Buffer.concat(copies).equals(CONTENT)).toBe(true)
  expect(memories.size).toBe(1)
})

test('a buffer that is not a part is not used as memory for parts', async () => {
  const other = Buffer.alloc(1 << 16, 'x')
  releasePart(other)
  for await (const part of readParts(file())) expect(part.buffer).not.toBe(other.buffer)
  expect(other.every(byte => byte === 120)).toBe(true)
})

test('a file is read whole, whatever its size', async () => {
  const path = join(temporaryFolder(), 'small.txt')
  writeFileSync(path, 'small')
  const small = await readWhole(path)
  expect((await readWhole(file())).equals(CONTENT)).toBe(true)
  // Its memory is its own: reading another file does not change it.
  expect(small.toString()).toBe('small')
})

test('a file that has disappeared is an error that names it', async () => {
  const path = join(temporaryFolder(), 'gone.txt')
  await expect(readWhole(path)).rejects.toMatchObject({
    code: 'FILE_CHANGED',
    message: expect.stringContaining(path)
  })
})
