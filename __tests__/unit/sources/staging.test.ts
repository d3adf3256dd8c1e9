import { chmodSync, existsSync, lstatSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { listSources, withFolders } from '../../../src/sources/listing.js'
import { stageSources } from '../../../src/sources/staging.js'
import { repository } from '../../helpers/flowstore.js'

test('a staged copy has the files that a container would have, and no link that leads outside', async () => {
  const root = repository({
    'pkg/a.py': 'x = 1\n',
    'run.sh': 'true',
    '.gitignore': 'ignored\n',
    ignored: '1'
  })
  chmodSync(join(root, 'run.sh'), 0o775)
  symlinkSync('pkg/a.py', join(root, 'inside'))
  symlinkSync('../elsewhere', join(root, 'outside'))
  symlinkSync('/etc/hostname', join(root, 'absolute'))
  const staged = await stageSources(await listSources(root))
  await staged.copy()
  const { sources } = staged
  const at = (path: string) => join(sources.root, path)
  expect(readFileSync(at('pkg/a.py'), 'utf8')).toBe('x = 1\n')
  expect(lstatSync(at('pkg/a.py')).mtimeMs).toBe(0)
  expect([lstatSync(at('pkg/a.py')).mode & 0o777, lstatSync(at('run.sh')).mode & 0o777]).toEqual([
    0o644, 0o755
  ])
  expect(readlinkSync(at('inside'))).toBe('pkg/a.py')
  for (const path of ['ignored', 'outside', 'absolute']) expect(existsSync(at(path))).toBe(false)
  await staged.remove()
  expect(existsSync(sources.root)).toBe(false)
})

test('a staged copy keeps the place of folders beside the root, and links between them', async () => {
  const top = repository({ 'teams/a/flow.py': '', 'libs/tools.py': 'x = 1\n' })
  const root = join(top, 'teams/a')
  symlinkSync('../../libs/tools.py', join(root, 'tools.py'))
  symlinkSync('../../../up.py', join(root, 'up.py'))
  const staged = await stageSources(await withFolders(await listSources(root), ['../../libs'], []))
  await staged.copy()
  const { sources } = staged
  expect(sources.root).toMatch(/\/teams\/a$/)
  expect(readFileSync(join(sources.root, '../../libs/tools.py'), 'utf8')).toBe('x = 1\n')
  expect(readFileSync(join(sources.root, 'tools.py'), 'utf8')).toBe('x = 1\n')
  expect(existsSync(join(sources.root, 'up.py'))).toBe(false)
  await staged.remove()
  expect(existsSync(join(sources.root, '../..'))).toBe(false)
})
