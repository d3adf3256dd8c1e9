import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import tar from 'tar-stream'
import { LayerFolders } from '../../../../src/image/oci/layer-folders.js'
import { OCI } from '../../../../src/registry/media-types.js'
import { verified } from '../../../../src/registry/verified.js'
import { temporaryFolder } from '../../../helpers/flowstore.js'
import { digestOf } from '../../../helpers/registry-server.js'

type Header = Parameters<ReturnType<typeof tar.pack>['entry']>[0]
/** The header of an entry, and its content. */
type Entry = readonly [header: Header, content?: string]

const SITE = 'usr/lib/python3.9/site-packages'
const file = (name: string, content = name): Entry => [{ name: `${SITE}/${name}` }, content]
const link = (name: string, linkname: string, type: 'symlink' | 'link' = 'symlink'): Entry => [
  { name: `${SITE}/${name}`, type, linkname }
]

async function layerOf(entries: readonly Entry[]): Promise<Buffer> {
  const pack = tar.pack()
  for (const [header, content] of entries) {
    if (content === undefined) pack.entry({ size: 0, ...header })
    else pack.entry(header, content)
  }
  pack.finalize()
  return gzipSync(await buffer(pack))
}

/** An empty folder for the packages of layers. */
function packageFolders() {
  const root = temporaryFolder()
  const here = join(root, 'site')
  mkdirSync(here)
  const folders = new LayerFolders([{ image: `/${SITE}`, here }], path => path.endsWith('.pth'))
  const add = async (entries: readonly Entry[]) =>
    folders.addBelow(Readable.from([await layerOf(entries)]), OCI.layer, 'sha256:1')
  return { root, here, folders, add }
}

/** Adds layers from the top one down; returns the files there are then. */
async function filesOf(...layers: readonly (readonly Entry[])[]): Promise<Record<string, string>> {
  const { here, add } = packageFolders()
  for (const layer of layers) await add(layer)
  const names = readdirSync(here, { recursive: true, encoding: 'utf8' }).sort()
  return Object.fromEntries(
    names
      .filter(name => lstatSync(join(here, name)).isFile())
      .map(name => [name, readFileSync(join(here, name), 'utf8')])
  )
}

/** What adding a layer throws, and what it left. */
async function refused(
  ...entries: readonly Entry[]
): Promise<{ error: unknown; left: string[]; beside: string[] }> {
  const { root, here, add } = packageFolders()
  const error: unknown = await add(entries).catch((thrown: unknown) => thrown)
  const left = readdirSync(here, { recursive: true, encoding: 'utf8' })
  return {
    error,
    left: left.filter(name => !lstatSync(join(here, name)).isDirectory()),
    beside: readdirSync(root)
  }
}

describe('the folders of an image', () => {
  test('get the files of layers that are in them, and nothing else', async () => {
    const files = await filesOf([file('a.py'), [{ name: 'etc/passwd' }, 'root'], file('b/c.py')])
    expect(files).toEqual({ 'a.py': 'a.py', 'b/c.py': 'b/c.py' })
  })

  test('keep times, which bytecode is valid for, and which files are programs', async () => {
    const { here, add } = packageFolders()
    const mtime = new Date(1_600_000_000_000)
    await add([
      [{ name: `./${SITE}/run`, mtime, mode: 0o4755 }, 'x'],
      [{ name: `${SITE}/a.py`, mtime, mode: 0o666 }, 'x']
    ])
    expect(statSync(join(here, 'run')).mtimeMs).toBe(1_600_000_000_000)
    const modes = ['run', 'a.py'].map(name =>
      (statSync(join(here, name)).mode & 0o7777).toString(8)
    )
    expect(modes).toEqual(['755', '644'])
  })

  test('keep what an upper layer has', async () => {
    const files = await filesOf([file('a.py', 'new')], [file('a.py', 'old'), file('b.py')])
    expect(files).toEqual({ 'a.py': 'new', 'b.py': 'b.py' })
  })

  test('lack what an upper layer removed: a file, a folder, and all that was in a folder', async () => {
    const files = await filesOf(
      [file('.wh.a.py', ''), file('.wh.gone', ''), file('new/.wh..wh..opq', ''), file('new/x.py')],
      [file('a.py'), file('gone/b/c.py'), file('new/old.py'), file('stays.py')]
    )
    expect(files).toEqual({ 'new/x.py': 'new/x.py', 'stays.py': 'stays.py' })
  })

  test('lack what is below a folder that an upper layer removed outside of them', async () => {
    const files = await filesOf([[{ name: 'usr/lib/.wh.python3.9' }, '']], [file('a.py')])
    expect(files).toEqual({})
  })

  test('have the file of an upper layer where a lower one has a folder', async () => {
    const files = await filesOf([file('a', 'new')], [file('a/b.py'), file('a/c.py')])
    expect(files).toEqual({ a: 'new' })
  })

  test('keep a removed file of their own layer', async () => {
    expect(await filesOf([file('.wh.a.py', ''), file('a.py')])).toEqual({ 'a.py': 'a.py' })
  })

  test('have links that stay in them, and hard links', async () => {
    const { here, add } = packageFolders()
    await add([
      file('a/one.py'),
      link('b/two.py', '../a/one.py'),
      link('c.py', `${SITE}/a/one.py`, 'link')
    ])
    expect(readlinkSync(join(here, 'b/two.py'))).toBe('../a/one.py')
    expect(readFileSync(join(here, 'c.py'), 'utf8')).toBe('a/one.py')
  })

  test('give the texts that are to be kept', async () => {
    const { folders, add } = packageFolders()
    await add([file('a.pth', 'x'), file('a.py', 'y')])
    expect([...folders.texts()]).toEqual([[`/${SITE}/a.pth`, 'x']])
  })
})

describe('a layer that is not as it should be leaves no file', () => {
  test.each([
    ['../../evil.py', `${SITE}/../../evil.py`],
    ['an absolute path', '/etc/evil.py']
  ])('with the path %s', async (_what, name) => {
    const { error, left, beside } = await refused(file('a.py'), [{ name }, 'x'])
    expect(error).toMatchObject({
      code: 'REGISTRY',
      message: `the layer sha256:1 has the path '${name}', which leads out of it`
    })
    expect([left, beside]).toEqual([[], ['site']])
  })

  test.each([
    ['a link out of the folders', [link('a', '../../../../etc')]],
    ['an absolute link out of the folders', [link('a', '/etc/passwd')]],
    ['a link through a link', [link('x', '.'), link('y', 'x/../..')]],
    ['a file below a link', [link('x', '.'), file('x/a.py')]],
    ['a hard link to a file outside', [link('a', 'etc/passwd', 'link')]],
    ['a device', [[{ name: `${SITE}/a`, type: 'character-device' }] as Entry]],
    [
      'a link instead of the folder',
      [[{ name: SITE, type: 'symlink', linkname: '/etc' }] as Entry]
    ],
    [
      'a link above the folder',
      [[{ name: 'usr/lib/python3.9', type: 'symlink', linkname: '/etc' }] as Entry]
    ]
  ])('with %s', async (_what, entries) => {
    const { error, left } = await refused(file('first.py'), ...entries)
    expect(error).toMatchObject({
      name: 'LayerUnusable',
      reason: expect.stringContaining('in the layer sha256:1, /usr/lib')
    })
    expect(left).toEqual([])
  })

  test('and a file in the place of a link is no file behind the link', async () => {
    const { here, add } = packageFolders()
    await add([file('a.py', 'old'), link('b.py', 'a.py'), file('b.py', 'new')])
    expect(['a.py', 'b.py'].map(name => readFileSync(join(here, name), 'utf8'))).toEqual([
      'old',
      'new'
    ])
  })

  test('with another digest', async () => {
    const { here, folders } = packageFolders()
    const layer = await layerOf([file('a.py')])
    const wrong = digestOf('other')
    const error: unknown = await folders
      .addBelow(verified(Readable.from([layer]), wrong), OCI.layer, wrong)
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'REGISTRY',
      message: `the registry has ${digestOf(layer)} instead of ${wrong}`
    })
    expect(readdirSync(here)).toEqual([])
  })

  test('that ends too early', async () => {
    const { here, folders } = packageFolders()
    const layer = await layerOf([file('a.py', 'x'.repeat(10_000))])
    const error: unknown = await folders
      .addBelow(Readable.from([layer.subarray(0, layer.length - 20)]), OCI.layer, 'sha256:1')
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'REGISTRY',
      message: expect.stringContaining("the layer sha256:1 can't be unpacked: ")
    })
    expect(readdirSync(here)).toEqual([])
  })

  test('of a media type that is not known', async () => {
    const { folders } = packageFolders()
    const layer = Readable.from([Buffer.from('')])
    const type = 'application/vnd.oci.image.layer.v1.tar+zstd'
    await expect(folders.addBelow(layer, type, 'sha256:1')).rejects.toMatchObject({
      reason: expect.stringContaining('zstd')
    })
  })

  test('on a disk that can’t be written, and the error names the file', async () => {
    const { here, add } = packageFolders()
    // A name that is too long for a file system fails as a full disk does.
    const long = 'x'.repeat(300)
    const error: unknown = await add([file('a.py'), file(long)]).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'WRITE_FAILED',
      message: expect.stringContaining(`can't write ${join(here, long)}: ENAMETOOLONG`)
    })
    expect(readdirSync(here)).toEqual([])
  })

  test('can be added again', async () => {
    const { here, add } = packageFolders()
    await add([file('a.py'), link('b', '/etc')]).catch(() => undefined)
    await add([file('a.py', 'again')])
    expect(readFileSync(join(here, 'a.py'), 'utf8')).toBe('again')
  })
})
