import { chmodSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { silentLog } from '../../../../src/log.js'
import { toolProgram } from '../../../../src/packages/machine/tools.js'
import { program } from '../../../helpers/programs.js'
import { temporaryFolder } from '../../../helpers/flowstore.js'

const told = () => {
  const lines: string[] = []
  const keep = (line: string) => void lines.push(line)
  return { lines, log: Object.assign(silentLog(), { info: keep, debug: keep }) }
}

const TOOL = { name: 'tool', requirements: ['tool==1'], pythons: ['3.99'] }
const PURPOSE = { what: 'to test', hint: 'Put tool on PATH.', cwd: '/' }

describe('a tool', () => {
  test('is the first on PATH that works, and the log says why others do not', async () => {
    const { log, lines } = told()
    const broken = program('tool', '')
    chmodSync(broken, 0o644)
    const without = program('tool', '#!/bin/sh\necho no such command >&2\nexit 3\n')
    const good = program('tool', '#!/bin/sh\nexit 0\n')
    const PATH = [broken, without, good].map(path => dirname(path)).join(':')
    const machine = { env: { PATH: `${PATH}:/usr/bin:/bin` }, cache: temporaryFolder(), log }
    expect(await toolProgram(TOOL, ['--help'], PURPOSE, machine)).toBe(good)
    expect(lines).toEqual([
      expect.stringContaining(`${broken} on PATH can't be started: `),
      `${without} --help ended with 3: no such command\n`
    ])
  })
})
