import { expect, test } from '@jest/globals'
import { missingLibrary, withLibraryHint } from '../../../../src/build/load/system-library.js'
import { FlowstoreError } from '../../../../src/errors.js'

const problem = (message: string) =>
  new FlowstoreError('MODULE_IMPORT', message, { file: 'flows/a.py', line: 3, hint: 'First.' })

test.each([
  [
    'ImportError: libpq.so.5: cannot open shared object file: No such file or directory',
    'libpq.so.5'
  ],
  [
    "ImportError: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by /x/_a.so)",
    'GLIBC_2.38 of /lib/x86_64-linux-gnu/libc.so.6'
  ],
  ["ModuleNotFoundError: No module named 'pandas'", undefined]
])('%s: what this machine lacks is %s', (message, library) => {
  expect(missingLibrary(problem(message))).toBe(library)
})

test('the hint names the library, and keeps what was said before', () => {
  const hinted = withLibraryHint(problem('libpq.so.5: cannot open shared object file'))
  expect(hinted).toMatchObject({
    code: 'MODULE_IMPORT',
    file: 'flows/a.py',
    line: 3,
    hint: expect.stringMatching(/^First\. This machine lacks .*libpq\.so\.5.*load-in: image/)
  })
})
