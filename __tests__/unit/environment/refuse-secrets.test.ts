import { statSync, writeFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { expect, test } from '@jest/globals'
import { refuseInBuild, refuseInPackages } from '../../../src/environment/refuse-secrets.js'
import { errorsOf } from '../../../src/errors.js'
import { secretSearch } from '../../../src/util/secret-search.js'
import type { TarEntry } from '../../../src/util/tar.js'
import { temporaryFolder } from '../../helpers/flowstore.js'

const VALUE = 's3cret-of-the-build'
const find = secretSearch(new Map([['the secret TOKEN', VALUE]]))

const refused = async (dockerfile: string, context: readonly TarEntry[]): Promise<string[]> => {
  try {
    await refuseInBuild('app.dockerfile', dockerfile, context, find)
    return []
  } catch (error) {
    return errorsOf(error).map(({ code, message }) => `${code}: ${message}`)
  }
}

test('an instruction and the content of a file with a secret are refused, without its value', async () => {
  const errors = await refused(`FROM a\nENV A=${VALUE}\n`, [
    { path: 'conf', folder: true },
    {
      path: 'conf/a.json',
      content: JSON.stringify({ auth: Buffer.from(`me:${VALUE}`).toString('base64') })
    },
    { path: 'conf/b.txt', content: 'none' }
  ])
  expect(errors).toEqual([
    'SECRET_FOUND: the secret TOKEN is in app.dockerfile, and would be published',
    "SECRET_FOUND: the secret TOKEN is in the file 'conf/a.json' that the image copies, and would be published"
  ])
  expect(errors.join()).not.toContain(VALUE)
})

test('a secret is found where two parts of a large file meet', async () => {
  const source = join(temporaryFolder(), 'large.bin')
  const bytes = Buffer.alloc(17 << 20, 'x')
  bytes.write(VALUE, (16 << 20) - 5)
  writeFileSync(source, bytes)
  const entry = { path: 'large.bin', source, size: statSync(source).size }
  expect(await refused('FROM a', [entry])).toHaveLength(1)
  bytes.fill('x')
  writeFileSync(source, bytes)
  expect(await refused('FROM a', [entry])).toEqual([])
})

test.each([
  'rain-1.0.dist-info/direct_url.json',
  'rain.egg-info/PKG-INFO',
  'rain.pth',
  '../../bin/rain'
])('a secret that an installation wrote into %s is refused', async file => {
  const path = posix.join('opt/lib/python3.9', file)
  const entries = [
    { path: 'opt/lib/python3.9/rain/core.py', content: '' },
    { path, content: `{"url": "https://me:${VALUE}@example.com/rain.whl"}` }
  ]
  await expect(refuseInPackages(entries, find)).rejects.toMatchObject({
    code: 'SECRET_FOUND',
    message: `the secret TOKEN is in the file '${path}' of the installed packages, and would be published`
  })
})

test('the modules of installed packages are not read', async () => {
  const entries = [{ path: 'opt/rain/core.py', source: '/nowhere', size: 1 }]
  await expect(refuseInPackages(entries, find)).resolves.toBeUndefined()
})

test('without a known secret no file is read', async () => {
  const entry = { path: 'a.bin', source: join(temporaryFolder(), 'none.bin'), size: 1 }
  expect(await refuseInBuild('Dockerfile', 'FROM a', [entry], undefined)).toBeUndefined()
  expect(await refused('FROM a', [entry])).toEqual([expect.stringContaining('FILE_CHANGED')])
})
