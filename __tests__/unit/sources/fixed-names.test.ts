import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { isVersionControl, liesInVersionControl } from '../../../src/sources/fixed-names.js'
import { repository } from '../../helpers/flowstore.js'

test.each(['.git', '.GIT', '.Git', '.hg', '.svn', '.bzr', '.jj', 'CVS', '_darcs'])(
  '%s is version control',
  name => {
    expect(isVersionControl(name)).toBe(true)
  }
)

test.each(['git', '.github', '.gitignore', 'cvs'])('%s is not version control', name => {
  expect(isVersionControl(name)).toBe(false)
})

test('a path lies in version control also through a link', () => {
  const root = repository({ '.git/config': '' })
  symlinkSync('.git', join(root, 'link'))
  expect(liesInVersionControl(root, join(root, 'link/config'))).toBe(true)
})
