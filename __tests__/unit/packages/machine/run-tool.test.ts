import { expect, test } from '@jest/globals'
import { runTool } from '../../../../src/packages/machine/run-tool.js'
import { program } from '../../../helpers/programs.js'

test('a tool gets the variables that an installer needs, and no credential', async () => {
  const env = { PATH: '/usr/bin:/bin', PIP_INDEX_URL: 'https://x.test', GITHUB_TOKEN: 'secret' }
  const { stdout } = await runTool(program('tool', '#!/bin/sh\nenv\n'), [], '/', { env })
  expect(stdout).toContain('PIP_INDEX_URL=https://x.test')
  expect(stdout).not.toContain('secret')
})

test('a tool gets additional variables, but they do not replace those of the installer', async () => {
  const env = { PATH: '/usr/bin:/bin', PIP_INDEX_URL: 'https://x.test' }
  const variables = { UV_COMPILE_BYTECODE: '1', PIP_INDEX_URL: 'https://y.test' }
  const { stdout } = await runTool(program('tool', '#!/bin/sh\nenv\n'), [], '/', { env }, variables)
  expect(stdout).toContain('UV_COMPILE_BYTECODE=1')
  expect(stdout).toContain('PIP_INDEX_URL=https://x.test')
})
