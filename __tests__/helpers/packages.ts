import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { sha256 } from '../../src/util/hash.js'
import { mustRun, repository, temporaryFolder } from './flowstore.js'

/** A package of a repository, with an extra. */
export const TOOLS: Readonly<Record<string, string>> = {
  'libs/tools/setup.py': `from setuptools import setup

setup(
    name="tools",
    version="1",
    py_modules=["tools"],
    extras_require={"x": ["inflection==0.5.1"]},
)
`,
  'libs/tools/tools.py': 'x = 1\n'
}

/** `setup.py` of a package `snow` that no index has. */
export const SNOW =
  'from setuptools import setup\nsetup(name="snow", version="1", py_modules=["snow"])\n'

/** The hash of inflection 0.5.1's wheel on PyPI, as a requirements file has it. */
export const INFLECTION_HASH =
  '--hash=sha256:f38b2b640938a4f35ade69ac3d053042959b62a0f1076a5bbaa1b9526605a8a2'

const CRC_TABLE = Array.from({ length: 256 }, (_value, index) => {
  let crc = index
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  return crc >>> 0
})

const crc32 = (bytes: Buffer): number =>
  (bytes.reduce((crc, byte) => (CRC_TABLE[(crc ^ byte) & 255] ?? 0) ^ (crc >>> 8), -1) ^ -1) >>> 0

/** An archive of stored files, as wheels are. */
function zip(files: Readonly<Record<string, string>>): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [path, text] of Object.entries(files)) {
    const [name, content] = [Buffer.from(path), Buffer.from(text)]
    const facts = Buffer.alloc(26)
    facts.writeUInt16LE(20, 0)
    facts.writeUInt32LE(0x00210000, 6)
    facts.writeUInt32LE(crc32(content), 10)
    facts.writeUInt32LE(content.length, 14)
    facts.writeUInt32LE(content.length, 18)
    facts.writeUInt16LE(name.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), facts, name, content])
    const place = Buffer.alloc(14)
    place.writeUInt32LE(offset, 10)
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), facts, place, name]))
    parts.push(local)
    offset += local.length
  }
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(parts.length, 8)
  end.writeUInt16LE(parts.length, 10)
  end.writeUInt32LE(Buffer.concat(directory).length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, ...directory, end])
}

/** A wheel that no index has: the package `rain`, release 1. */
export const WHEEL = {
  name: 'rain-1-py3-none-any.whl',
  bytes: (): Buffer =>
    zip({
      'rain.py': 'drops = 3\n',
      'rain-1.dist-info/METADATA': 'Metadata-Version: 2.1\nName: rain\nVersion: 1\n',
      'rain-1.dist-info/WHEEL': 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
      'rain-1.dist-info/RECORD':
        'rain.py,,\nrain-1.dist-info/METADATA,,\nrain-1.dist-info/WHEEL,,\nrain-1.dist-info/RECORD,,\n'
    }),
  hash: (): string => sha256(WHEEL.bytes())
}

/** Serves files as the git repository `/snow.git`, over plain HTTP on every address. */
export async function serveGit(
  files: Readonly<Record<string, string>>
): Promise<{ port: number; close: () => void }> {
  const work = repository(files)
  const served = temporaryFolder()
  const git = (cwd: string, ...args: string[]) =>
    mustRun('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args], cwd)
  await git(work, 'init', '--quiet')
  await git(work, 'add', '.')
  await git(work, 'commit', '--quiet', '--message', 'all')
  await git(served, 'clone', '--quiet', '--bare', work, 'snow.git')
  await git(join(served, 'snow.git'), 'update-server-info')
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    readFile(join(served, pathname)).then(
      content => response.end(content),
      () => response.writeHead(404).end()
    )
  })
  await new Promise<void>(done => server.listen(0, '0.0.0.0', done))
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    close: () => server.close()
  }
}
