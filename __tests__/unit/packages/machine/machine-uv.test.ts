import { dirname } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { silentLog } from '../../../../src/log.js'
import { machineUv } from '../../../../src/packages/machine/machine-uv.js'
import { requirementsOf } from '../../../../src/packages/requirements.js'
import { program } from '../../../helpers/programs.js'
import { temporaryFolder } from '../../../helpers/flowstore.js'

describe('the choice between uv and pip on this machine', () => {
  const none = requirementsOf({ lines: [], file: undefined, texts: new Map() })
  const uv = program('uv', '#!/bin/sh\nexit 0\n')
  const asked = (python: string, installer: 'auto' | 'uv') =>
    machineUv(installer, { path: program('python', python), version: '3.9.18' }, none, '/', {
      env: { PATH: `${dirname(uv)}:/usr/bin:/bin` },
      cache: temporaryFolder(),
      log: silentLog()
    })

  test('uv installs if pip has no settings', async () => {
    expect(await asked('#!/bin/sh\nexit 0\n', 'auto')).toMatchObject({ program: uv, orPip: true })
  })

  const WITHOUT_PIP = '#!/bin/sh\necho "/x/python: No module named pip" >&2\nexit 1\n'

  test('auto does not use uv without pip', async () => {
    expect(await asked(WITHOUT_PIP, 'auto')).toBeUndefined()
  })

  test('installer: uv uses uv even without pip', async () => {
    expect(await asked(WITHOUT_PIP, 'uv')).toMatchObject({ program: uv, orPip: false })
  })

  test.each(['auto', 'uv'] as const)(
    'a pip that can’t read its settings is an error with its message (%s)',
    async installer => {
      const python = '#!/bin/sh\necho "ERROR: Configuration file is broken" >&2\nexit 1\n'
      await expect(asked(python, installer)).rejects.toMatchObject({
        code: 'DEPENDENCY_INSTALL',
        message: expect.stringContaining("can't read its configuration"),
        detail: 'ERROR: Configuration file is broken'
      })
    }
  )
})
