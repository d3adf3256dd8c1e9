import { expect, test } from '@jest/globals'
import { readFrames } from '../../../../src/docker/engine/frames.js'

const frame = (stream: number, text: string) => {
  const header = Buffer.alloc(8)
  header.writeUInt8(stream, 0)
  header.writeUInt32BE(Buffer.byteLength(text), 4)
  return Buffer.concat([header, Buffer.from(text)])
}
const ALL = Buffer.concat([frame(1, 'one '), frame(2, ''), frame(2, 'two\n'), frame(1, 'three')])

test.each([1, 3, 7, 8, 9, 20, ALL.length])('frames in chunks of %d bytes are read', size => {
  let text = ''
  const read = readFrames(bytes => (text += bytes.toString()))
  for (let at = 0; at < ALL.length; at += size) read(ALL.subarray(at, at + size))
  expect(text).toBe('one two\nthree')
})

test('frames of standard error and standard output are distinguished', () => {
  const errors: string[] = []
  readFrames((bytes, isError) => {
    if (isError) errors.push(bytes.toString())
  })(ALL)
  expect(errors).toEqual(['two\n'])
})
