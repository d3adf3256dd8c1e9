import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { SMALL } from '../../../src/util/file-parts.js'
import { sha256, sha256File } from '../../../src/util/hash.js'
import { temporaryFolder } from '../../helpers/flowstore.js'

test.each([0, 1, SMALL - 1, SMALL, SMALL + 1, 2 * SMALL + 3])(
  'the hash of a file of %i bytes is that of its content',
  async size => {
    const content = randomBytes(size)
    const path = join(temporaryFolder(), 'file')
    writeFileSync(path, content)
    expect(await sha256File(path)).toBe(sha256(content))
  }
)

test('a folder has no hash, and the error names it', async () => {
  const folder = temporaryFolder()
  await expect(sha256File(folder)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
})
