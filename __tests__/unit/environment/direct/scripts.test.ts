import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import {
  recordedPaths,
  withInterpreter,
  withRecorded
} from '../../../../src/environment/direct/scripts.js'

const changed = (text: string, from: string) =>
  withInterpreter(Buffer.from(text), from, '/usr/local/bin/python')?.toString()

describe('the interpreter of a console script', () => {
  test('is changed in its first line', () => {
    expect(changed('#!/home/me/python\nimport sys\n', '/home/me/python')).toBe(
      '#!/usr/local/bin/python\nimport sys\n'
    )
  })

  test('is changed where a shell starts Python, since the path is long', () => {
    const script = `#!/bin/sh\n'''exec' '/a b/python' "$0" "$@"\n' '''\nimport sys\n`
    expect(changed(script, '/a b/python')).toBe('#!/usr/local/bin/python\nimport sys\n')
  })

  test('stays in a script of another interpreter, and in a program', () => {
    expect(changed('#!/bin/bash\necho\n', '/home/me/python')).toBeUndefined()
    expect(changed('\x7fELF', '/home/me/python')).toBeUndefined()
  })
})

describe('the RECORD of a package', () => {
  const RECORD = '../../../bin/tool,sha256=old,12\ntool/__init__.py,sha256=same,3\ntool/RECORD,,\n'

  test('gets the hash and the size of a changed script, and keeps all other lines', () => {
    const content = Buffer.from('#!/usr/local/bin/python\n')
    const hash = createHash('sha256').update(content).digest('base64url')
    expect(withRecorded(RECORD, new Map([['../../../bin/tool', content]]))).toBe(
      `../../../bin/tool,sha256=${hash},24\ntool/__init__.py,sha256=same,3\ntool/RECORD,,\n`
    )
  })

  test('names its files, also one whose name has a comma or a quote', () => {
    expect(recordedPaths(`${RECORD}"a,b ""c"".txt",sha256=x,1\r\n`)).toEqual([
      '../../../bin/tool',
      'tool/__init__.py',
      'tool/RECORD',
      'a,b "c".txt'
    ])
  })
})
