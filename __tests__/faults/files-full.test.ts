import { resolve } from 'node:path'
import { expect, test } from '@jest/globals'
import { describeWithPrefect } from '../helpers/field.js'
import { oneFlow, repository, run, temporaryFolder } from '../helpers/flowstore.js'

/** Starts a program for which a folder is a disk of 3 MB: the one for its temporary files. */
const ON_SMALL_DISK = [
  ...['--mount', ...(process.getuid?.() === 0 ? [] : ['--map-root-user'])],
  ...['sh', '-c', 'mount -t tmpfs -o size=3m tmpfs "$0" && TMPDIR="$0" exec "$@"']
]

const WRITES = `import tempfile
with tempfile.TemporaryFile() as file:
    file.write(b'x' * (8 << 20))
`

const READS_BACK = `class Writes:
    def __reduce__(self):
        return exec, ("import tempfile; tempfile.TemporaryFile().write(b'x' * (8 << 20))",)


WRITES = Writes()
`

const LARGE = `DATA = __import__('os').urandom(4 << 20)
`

const holding = (name: string): string => oneFlow('a').replace('return 1', `return ${name}`)

const probe = await run('unshare', [...ON_SMALL_DISK, temporaryFolder(), 'true'])

await describeWithPrefect('1.4.1', 'a load on a full disk', python => {
  if (probe.code !== 0) {
    process.stderr.write(`skipped: a load on a full disk: ${probe.stderr}`)
    // eslint-disable-next-line jest/no-disabled-tests, jest/expect-expect
    test.skip('needs the right to mount a disk', () => {})
    return
  }

  test.each([
    ['a module that is imported', `${WRITES}${oneFlow('a')}`, 'f.py:3'],
    ['a flow that is read back', `${READS_BACK}${holding('WRITES')}`, 'f.py'],
    ['the loader with its result', `${LARGE}${holding('DATA')}`, "Python can't write its result"]
  ])(
    'blames the disk if %s finds it full',
    async (_, module, words) => {
      const cwd = repository({ 'f.py': module })
      const { code, stderr } = await run(
        'unshare',
        [
          ...[...ON_SMALL_DISK, temporaryFolder(), process.execPath, resolve('dist/flowstore.js')],
          ...['build', 'f.py', '--storage', 'local', '--directory', 'flows', '--python', python]
        ],
        cwd
      )
      expect([code, stderr]).toEqual([7, expect.stringContaining(words)])
      expect(stderr).toContain('error WRITE_FAILED')
      expect(stderr).toContain('hint: Free some space on the disk')
    },
    60_000
  )
})
