import { readdirSync, symlinkSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { expect, test } from '@jest/globals'
import { describeWithPrefect } from '../helpers/field.js'
import {
  freshName,
  oneFlow,
  repository,
  run,
  temporaryFolder,
  writeFiles
} from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'
import { uvProgram, WITHOUT_INDEXES } from '../helpers/uv.js'

/** Starts a program for which the folder of a variable is a disk of 3 MB. */
const onSmallDisk = (variable: string): string[] => [
  ...['--mount', ...(process.getuid?.() === 0 ? [] : ['--map-root-user'])],
  ...['sh', '-c', `mount -t tmpfs -o size=3m tmpfs "$0" && ${variable}="$0" exec "$@"`]
]
/** That of its temporary files. */
const ON_SMALL_DISK = onSmallDisk('TMPDIR')

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

describeWith(
  ['registry', 'python:3.9'],
  'the packages of an environment image on a full disk',
  bed => {
    const check = probe.code === 0 ? test : test.skip
    check(
      'are unpacked by nobody: the error names the disk, and nothing half stays',
      async () => {
        const root = repository({ 'flow.py': oneFlow('a') })
        const python = temporaryFolder()
        symlinkSync(bed.pythons['3.9'] ?? '', `${python}/python3`)
        const env = {
          ...WITHOUT_INDEXES,
          PATH: [python, '/usr/bin', '/bin'].join(':'),
          DOCKER_HOST: 'unix:///nowhere/docker.sock'
        }
        const args = [
          ...[resolve('dist/flowstore.js'), 'build', 'flow.py', '--load-in', 'runner'],
          ...['--registry-url', bed.registry.url, '--image-name', freshName('full')],
          ...['--base-image', bed.baseImages['3.9'], '--prefect-version', '1.4.1']
        ]
        const first = await run(process.execPath, args, root, {
          ...env,
          PATH: `${dirname(await uvProgram())}:${env.PATH}`,
          XDG_CACHE_HOME: temporaryFolder()
        })
        expect([first.code, first.stderr]).toEqual([0, expect.anything()])
        writeFiles(root, { 'flow.py': oneFlow('b') })
        const small = temporaryFolder()
        const list = `"$@"; code=$?; ls -A "$0/flowstore/flowstore-python" >&2; exit $code`
        const { code, stderr } = await run(
          'unshare',
          [
            ...[...onSmallDisk('XDG_CACHE_HOME'), small, 'sh', '-c', list, small],
            ...[process.execPath, ...args]
          ],
          root,
          env
        )
        expect([code, stderr]).toEqual([7, expect.stringContaining('error WRITE_FAILED')])
        expect(stderr).toContain('ENOSPC')
        expect(readdirSync(small)).toEqual([])
      },
      120_000
    )
  }
)
