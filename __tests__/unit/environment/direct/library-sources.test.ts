import { statSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, test } from '@jest/globals'
import {
  isLibraryFile,
  libraryModules,
  readModules,
  writeModules
} from '../../../../src/environment/direct/library-sources.js'
import { ImageFiles } from '../../../../src/image/oci/image-files.js'
import { tarOf, type TarEntry } from '../../../../src/util/tar.js'
import { temporaryFolder } from '../../../helpers/flowstore.js'

const LIBRARY = 'usr/local/lib/python3.12'
const PYTHON = { executable: '/usr/local/bin/python', version: '3.12.1', prefix: '/usr/local' }

/** A file with the modules that an image lacks the bytecode of. */
async function written(entries: readonly TarEntry[]): Promise<string> {
  const files = new ImageFiles()
  const archive = Readable.from([await tarOf(entries)])
  await files.add(archive, 'application/vnd.oci.image.layer.v1.tar', isLibraryFile)
  const file = join(temporaryFolder(), 'library.jsonl')
  await writeModules(file, libraryModules(files, PYTHON))
  return file
}

const withBytecode = [
  { path: `${LIBRARY}/stat.py`, content: '' },
  { path: `${LIBRARY}/__pycache__/stat.cpython-312.pyc`, content: '' }
]

test('the file has the modules of the standard library that have no bytecode', async () => {
  const content = '# \u00e9\r\n"\\n"\n'
  const file = await written([
    ...withBytecode,
    { path: `${LIBRARY}/os.py`, content },
    { path: `${LIBRARY}/test/test_os.py`, content },
    { path: `${LIBRARY}/site-packages/pip/main.py`, content }
  ])
  const modules = []
  for await (const module of readModules(file)) modules.push(module)
  expect(modules).toEqual([{ path: 'os.py', mtime: 0, content: Buffer.from(content) }])
})

test('the file is empty if all modules have bytecode', async () => {
  expect(statSync(await written(withBytecode)).size).toBe(0)
})
