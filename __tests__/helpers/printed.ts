import { afterEach, beforeEach, jest } from '@jest/globals'

/**
 * What this process prints in each test of the file, on both streams; nothing of it is shown. The exit code that a
 * test sets is put back.
 */
export function capturePrinted(): { readonly text: () => string } {
  const exitCode = process.exitCode
  let printed = ''
  beforeEach(() => {
    printed = ''
    for (const stream of [process.stdout, process.stderr]) {
      jest.spyOn(stream, 'write').mockImplementation(text => {
        printed += String(text)
        return true
      })
    }
  })
  afterEach(() => {
    jest.restoreAllMocks()
    process.exitCode = exitCode
  })
  return { text: () => printed }
}
