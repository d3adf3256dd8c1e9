import { realpathSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { moduleFiles } from '../../../../src/build/store/helper-modules.js'
import type { Sources } from '../../../../src/sources/sources.js'
import { repository } from '../../../helpers/flowstore.js'

/** Sources with a module, a link to its folder, and a link to itself. */
function sourcesWithLinks(): Sources {
  const root = realpathSync(
    repository({ 'pkg/helper.py': 'value = 1', 'undeclared.py': 'value = 2' })
  )
  symlinkSync('pkg', join(root, 'linked'))
  symlinkSync('loop.py', join(root, 'loop.py'))
  const files = [
    { path: 'linked', size: 3, executable: false, link: 'pkg' },
    { path: 'loop.py', size: 7, executable: false, link: 'loop.py' },
    { path: 'pkg/helper.py', size: 9, executable: false }
  ]
  return { root, files, size: 19 }
}

test.each(['pkg/helper.py', 'linked/helper.py'])('%s is a file of the sources', async file => {
  const sources = sourcesWithLinks()
  expect(await moduleFiles(sources, [{ file, path: 'pkg/helper.py' }])).toEqual([
    { source: join(sources.root, 'pkg/helper.py'), path: 'pkg/helper.py', size: 9 }
  ])
})

test.each([
  ['a file that is not declared', 'undeclared.py'],
  ['a missing file', 'absent.py'],
  ['a name with a zero byte', 'a\0b'],
  ['a name that is too long', 'a'.repeat(300)],
  ['a link to itself', 'loop.py']
])('%s is not a file of the sources', async (_name, file) => {
  await expect(moduleFiles(sourcesWithLinks(), [{ file, path: 'a.py' }])).rejects.toMatchObject({
    code: 'LOAD_FAILED',
    message: expect.stringContaining('not a file of the declared sources')
  })
})
