import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import {
  baseFacts,
  isWantedFile,
  parseBaseFacts
} from '../../../../src/environment/direct/base-facts.js'
import { ImageFiles } from '../../../../src/image/oci/image-files.js'
import { OCI } from '../../../../src/registry/media-types.js'
import { tarOf, type TarEntry } from '../../../../src/util/tar.js'

const program = (path: string, content = ''): TarEntry => ({ path, content, mode: 0o755 })
const folder = (path: string): TarEntry => ({ path, folder: true })

/** The files of an image like `python:3.12`. */
const PYTHON: readonly TarEntry[] = [
  ...['usr', 'usr/local', 'usr/local/bin', 'usr/local/lib', 'usr/local/lib/python3.12'].map(folder),
  folder('usr/local/lib/python3.12/site-packages'),
  folder('usr/local/lib/python3.12/site-packages/pip-23.3.2.dist-info'),
  { path: 'usr/local/bin/python', link: 'python3.12' },
  program('usr/local/bin/python3.12', '\0/usr/local/lib\x003.12.1\0'),
  { path: 'usr/local/lib/python3.12/os.py', content: 'import stat\n' },
  {
    path: 'usr/local/lib/python3.12/site-packages/pip-23.3.2.dist-info/METADATA',
    content: 'Name: pip\nVersion: 23.3.2\n'
  },
  folder('usr/local/lib/python3.12/site-packages/pip-23.3.2.dist-info/licenses'),
  folder('lib'),
  folder('lib/x86_64-linux-gnu'),
  {
    path: 'lib/x86_64-linux-gnu/libc.so.6',
    content: 'GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.\n'
  }
]

async function factsOf(entries: readonly TarEntry[]) {
  const files = new ImageFiles()
  await files.add(Readable.from([gzipSync(await tarOf(entries))]), OCI.layer, isWantedFile)
  return baseFacts(files, '/usr/local/bin:/usr/bin')
}

describe('what the files of a base image tell', () => {
  test('its Python, its C library, and its packages', async () => {
    const { python, libc, distributions } = await factsOf(PYTHON)
    expect(python).toEqual({
      executable: '/usr/local/bin/python',
      version: '3.12.1',
      prefix: '/usr/local'
    })
    expect(libc).toBe('glibc 2.36')
    expect(Object.keys(distributions)).toEqual(['pip-23.3.2.dist-info/METADATA'])
  })

  test('the same after they were written as JSON', async () => {
    const facts = await factsOf(PYTHON)
    expect(parseBaseFacts(JSON.stringify(facts))).toEqual(facts)
    expect(parseBaseFacts('{"python":')).toBeUndefined()
  })

  test('musl, if its loader is there', async () => {
    const entries = PYTHON.filter(({ path }) => !path.includes('libc.so'))
    const { libc } = await factsOf([...entries, program('lib/ld-musl-x86_64.so.1')])
    expect(libc).toBe('musl')
  })

  const without = (part: string) => PYTHON.filter(({ path }) => !path.includes(part))

  test.each([
    ['no Python on PATH', without('local/bin'), 'the base image has no python on its PATH'],
    [
      'no standard library',
      without('os.py'),
      'the base image has no standard library in /usr/local/lib/python3.12'
    ],
    [
      'a Python of the distribution',
      [...PYTHON, { path: 'usr/local/lib/python3.12/EXTERNALLY-MANAGED', content: '' }],
      "the base image's Python /usr/local/bin/python3.12 is the distribution's own"
    ],
    [
      'a virtual environment',
      [...PYTHON, { path: 'usr/local/pyvenv.cfg', content: '' }],
      "the base image's Python /usr/local/bin/python is one of a virtual environment"
    ],
    [
      'a program without its version',
      [...without('bin/python3.12'), program('usr/local/bin/python3.12', 'no version')],
      "the version of the base image's Python 3.12 can't be read from its files"
    ],
    [
      'two versions in its program',
      [...without('bin/python3.12'), program('usr/local/bin/python3.12', '3.12.1\x003.12.2\0')],
      "the version of the base image's Python 3.12 can't be read from its files"
    ],
    ['no C library', without('libc.so'), 'the C library of the base image is not known']
  ])('not enough, with the reason, for %s', async (_title, entries, message) => {
    await expect(factsOf(entries)).rejects.toMatchObject({ message })
  })
})
