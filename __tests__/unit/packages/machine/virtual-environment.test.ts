import { mkdirSync, symlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { silentLog } from '../../../../src/log.js'
import {
  cacheFolder,
  ensureVirtualEnvironment,
  isComplete,
  programOf
} from '../../../../src/packages/machine/virtual-environment.js'
import { program } from '../../../helpers/programs.js'
import { temporaryFolder } from '../../../helpers/flowstore.js'

describe('a virtual environment in a cache', () => {
  test('that can’t be read is an error, and is not taken for a missing one', () => {
    const folder = cacheFolder(temporaryFolder(), 'python', 'key')
    expect(isComplete(folder)).toBe(false)
    const python = programOf(folder, 'python')
    mkdirSync(dirname(python), { recursive: true })
    symlinkSync(python, python)
    expect(() => isComplete(folder)).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }))
  })

  test('that can’t be made leaves nothing behind', async () => {
    const folder = cacheFolder(temporaryFolder(), 'python', 'key')
    const path = program('python', '#!/bin/sh\nmkdir -p "$3"\necho "ERROR: no venv"\nexit 1\n')
    const made = ensureVirtualEnvironment(
      {
        folder,
        base: { path, version: '3.9.18' },
        runs: [],
        cwd: '/',
        env: { PATH: '/usr/bin:/bin' }
      },
      reason => new Error(reason) as never,
      silentLog()
    )
    await expect(made).rejects.toThrow('ERROR: no venv')
    expect(isComplete(folder)).toBe(false)
  })
})
