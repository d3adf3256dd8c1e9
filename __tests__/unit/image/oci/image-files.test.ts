import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { ImageFiles } from '../../../../src/image/oci/image-files.js'
import { OCI } from '../../../../src/registry/media-types.js'
import { tarOf, type TarEntry } from '../../../../src/util/tar.js'

/** The filesystem of layers, with the content of every file. */
async function filesOf(...layers: readonly (readonly TarEntry[])[]): Promise<ImageFiles> {
  const files = new ImageFiles()
  for (const entries of layers) {
    const body = Readable.from([gzipSync(await tarOf(entries))])
    await files.add(body, OCI.layer, () => true)
  }
  return files
}

const textAt = (files: ImageFiles, path: string) => files.entry(path)?.content?.toString()

describe('the filesystem of an image', () => {
  test('an upper layer replaces a file of a lower one', async () => {
    const files = await filesOf(
      [{ path: 'etc/name', content: 'old' }],
      [{ path: 'etc/name', content: 'new', mode: 0o600 }]
    )
    expect(textAt(files, '/etc/name')).toBe('new')
    expect(files.at('/etc/name')?.mode).toBe(0o600)
  })

  test('a whiteout removes a file, and a folder with all that is in it', async () => {
    const files = await filesOf(
      [
        { path: 'a/one', content: '1' },
        { path: 'b/c/two', content: '2' },
        { path: 'bc', content: '3' }
      ],
      [
        { path: 'a/.wh.one', content: '' },
        { path: '.wh.b', content: '' }
      ]
    )
    expect(textAt(files, '/a/one')).toBeUndefined()
    expect(textAt(files, '/b/c/two')).toBeUndefined()
    expect(textAt(files, '/bc')).toBe('3')
  })

  test('an opaque whiteout removes what lower layers have in a folder, and nothing of its own layer', async () => {
    const files = await filesOf(
      [
        { path: 'a', folder: true },
        { path: 'a/old', content: 'old' }
      ],
      [
        { path: 'a/new', content: 'new' },
        { path: 'a/.wh..wh..opq', content: '' }
      ]
    )
    expect(textAt(files, '/a/old')).toBeUndefined()
    expect(files.at('/a/new')).toBeDefined()
  })

  test('a path leads through links, absolute and relative', async () => {
    const files = await filesOf([
      { path: 'usr', folder: true },
      { path: 'usr/lib', folder: true },
      { path: 'usr/lib/x', content: 'x' },
      { path: 'lib', link: 'usr/lib' },
      { path: 'usr/y', link: '/lib/x' }
    ])
    expect(files.real('/lib/x')).toBe('/usr/lib/x')
    expect(textAt(files, '/usr/y')).toBe('x')
    expect(files.at('/usr/y')?.type).toBe('link')
  })

  test('links that lead in a circle lead nowhere', async () => {
    const files = await filesOf([
      { path: 'a', link: 'b' },
      { path: 'b', link: 'a' }
    ])
    expect(files.real('/a')).toBeUndefined()
  })

  test('a file replaces a folder of a lower layer', async () => {
    const files = await filesOf(
      [
        { path: 'a', folder: true },
        { path: 'a/one', content: '1' }
      ],
      [{ path: 'a', content: 'now a file' }]
    )
    expect(textAt(files, '/a')).toBe('now a file')
    expect(files.at('/a/one')).toBeUndefined()
  })

  test('a layer in zstd is read where Node can, else the error names the release that can', async () => {
    const layer = 'application/vnd.oci.image.layer.v1.tar+zstd'
    const files = new ImageFiles()
    const zlib: { zstdCompressSync?: (data: Buffer) => Buffer } = await import('node:zlib')
    const content = await tarOf([{ path: 'a', content: 'text' }])
    const packed = zlib.zstdCompressSync?.(content) ?? content
    const added = files
      .add(Readable.from([packed]), layer, () => true)
      .then(
        () => files.at('/a')?.content?.toString() ?? '',
        (error: unknown) => (error as Error).message
      )
    expect(await added).toMatch(zlib.zstdCompressSync ? /^text$/ : /zstd.*22\.15 and later can/)
  })

  test('a layer that is compressed in an unknown way is an error', async () => {
    const files = new ImageFiles()
    const layer = 'application/vnd.oci.image.layer.v1.tar+lz4'
    await expect(files.add(Readable.from([]), layer, () => true)).rejects.toMatchObject({
      reason: `a layer of the media type ${layer} can't be read here`
    })
  })
})
