import { spawn } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from '@jest/globals'
import { describeWithPrefect, field } from '../helpers/field.js'
import { freshName, oneFlow } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'
import { VERSION } from '../../src/version.js'

const PARAMETER = `from prefect import Flow, Parameter, task

print("the module prints")


@task
def show(day):
    print("day is", repr(day))


with Flow("daily") as flow:
    show(Parameter("day"))
`

test.each([
  [['--help'], 'flowstore help build image'],
  [['build', '--help'], 'docker-daemon'],
  [['run', '--help'], '--param'],
  [['help', 'build', 'image'], '--image-tag'],
  [['build', '--help', 'loading'], '--allow-untrusted-code']
])(
  'flowstore %j fits on a screen',
  async (args, words) => {
    const { code, stdout, stderr } = await field({}).flowstore(args)
    expect([code, stderr, stdout]).toEqual([0, '', expect.stringContaining(words)])
    expect(stdout.split('\n').length).toBeLessThanOrEqual(51)
  },
  30_000
)

test('the version, and what to write instead of a mistyped command or option', async () => {
  const { flowstore } = field({ 'a.py': oneFlow('a') })
  expect((await flowstore(['version'])).stdout).toBe(`${VERSION}\n`)
  expect((await flowstore(['-V'])).stdout).toBe(`${VERSION}\n`)
  expect((await flowstore(['buidl'])).stderr).toContain("Did you mean 'flowstore build'?")
  expect((await flowstore(['build', 'a.py', '--rgistry-url', 'x'])).stderr).toContain(
    "Did you mean '--registry-url'?"
  )
}, 30_000)

test('a missing argument, and a file that is not there, are named as the user knows them', async () => {
  const { flowstore } = field({})
  const said = async (...args: string[]) => (await flowstore(args)).stderr.split('\n')[0]
  expect(await said('build')).toBe('error MISSING_OPTION: the argument FLOWS is required')
  expect(await said('run', 'no.json')).toBe(
    "error FILE_NOT_FOUND: the storage 'no.json' does not exist"
  )
  expect(await said('deploy', 'no.json')).toBe(
    "error FILE_NOT_FOUND: the file of deployments 'no.json' does not exist"
  )
}, 30_000)

test('a boolean with a wrong value is one plain error, as JSON too', async () => {
  const { flowstore } = field({ 'a.py': oneFlow('a') })
  const plain = await flowstore(['build', 'a.py', '--push', 'maybe'])
  expect([plain.code, plain.stdout]).toEqual([2, ''])
  expect(plain.stderr).toMatch(/^error INVALID_OPTION: the option '--push' is 'maybe'/)
  const json = await flowstore(['build', 'a.py', '--json', '--push=maybe'])
  expect(JSON.parse(json.stdout)).toMatchObject({
    exitCode: 2,
    errors: [{ code: 'INVALID_OPTION', hint: expect.stringMatching(/^Write --push or --no-push/) }]
  })
}, 30_000)

test('a hint names options as the command line writes them', async () => {
  const { flowstore } = field({ 'a.py': oneFlow('a') })
  const { code, stderr } = await flowstore(['build', 'a.py'])
  expect([code, stderr]).toEqual([2, expect.stringContaining('or set --no-push.')])
  expect(stderr).not.toMatch(/push: false/)
}, 30_000)

await describeWithPrefect('1.4.1', 'the command line', python => {
  const bytes = ['--storage', 'bytes', '--python', python]

  test('--push false builds, and --quiet prints nothing but the result', async () => {
    const { flowstore } = field({ 'a.py': PARAMETER })
    const ended = await flowstore(['build', 'a.py', ...bytes, '--push', 'false', '--quiet'])
    expect([ended.code, ended.stderr]).toEqual([0, ''])
    expect(ended.stdout).toContain('1 flow')
  }, 60_000)

  test('--verbose prints what modules print, which is left out otherwise', async () => {
    const { flowstore } = field({ 'a.py': PARAMETER })
    const verbose = await flowstore(['build', 'a.py', ...bytes, '--verbose'])
    expect(verbose.stderr).toContain('| the module prints')
    expect((await flowstore(['build', 'a.py', ...bytes])).text).not.toContain('the module prints')
  }, 60_000)

  test('a failing build prints file, line and phase as JSON', async () => {
    const { flowstore } = field({ 'a.py': '\n\nimport absent_package\n' })
    const { code, stdout } = await flowstore(['build', 'a.py', ...bytes, '--json'])
    expect(JSON.parse(stdout)).toMatchObject({
      exitCode: code,
      errors: [{ code: 'MODULE_IMPORT', file: 'a.py', line: 3, phase: 'load' }]
    })
  }, 60_000)

  test('colours are where they are asked for', async () => {
    const { flowstore } = field({ 'a.py': oneFlow('a') })
    const args = ['build', 'b.py', ...bytes]
    expect((await flowstore(args)).stderr).not.toContain('\u001b')
    expect((await flowstore(args, { FORCE_COLOR: '1' })).stderr).toContain('\u001b[31merror')
    expect((await flowstore(args, { NO_COLOR: '1' })).stderr).not.toContain('\u001b')
  }, 60_000)

  test('a reader that closes early ends nothing', async () => {
    const { root, flowstore } = field({ 'a.py': oneFlow('a') })
    const child = spawn(
      process.execPath,
      [resolve('dist/flowstore.js'), 'build', 'a.py', ...bytes],
      { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] }
    )
    child.stdout.destroy()
    child.stderr.destroy()
    const code = await new Promise(done => child.once('exit', done))
    expect(code).toBe(0)
    expect((await flowstore(['run', '.flowstore', '--quiet'])).code).toBe(0)
  }, 60_000)

  test.each(['missing', 'a.py', 'a.py/below'])(
    'TMPDIR that can’t be written to (%s) is named, and what to set',
    async name => {
      const { root, flowstore } = field({ 'a.py': oneFlow('a') })
      const TMPDIR = join(root, name)
      const { code, stderr } = await flowstore(['build', 'a.py', ...bytes], { TMPDIR })
      expect([code, stderr]).toEqual([7, expect.stringContaining('error WRITE_FAILED: ')])
      expect(stderr).toContain(`can't write to the temporary folder ${TMPDIR}: `)
      expect(stderr).toContain('hint: Set TMPDIR to a folder')
    },
    60_000
  )

  test('a log without a terminal says within 15 seconds how far a load is', async () => {
    const slow = `import time\n\ntime.sleep(17)\n${oneFlow('slow')}`
    const { flowstore } = field({ 'flows/a.py': oneFlow('a'), 'flows/b.py': slow })
    const { code, stderr } = await flowstore(['build', 'flows', ...bytes])
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/loading modules: 1 of 2, flows\/b\.py \(1\d s\)/)
    ])
  }, 90_000)

  test('run takes text, JSON and the Python of the build, and names a missing parameter', async () => {
    const { flowstore } = field({ 'a.py': PARAMETER })
    await flowstore(['build', 'a.py', ...bytes])
    const storage = '.flowstore/storage.json'
    const run = (...args: string[]) => flowstore(['run', storage, ...args])
    const text = await run('--param', 'day=2020-01-01')
    expect([text.code, text.stderr]).toEqual([0, expect.stringContaining("'2020-01-01'")])
    expect((await run('--param', 'day=[1]')).stderr).toContain('[1]')
    const missing = await run()
    expect([missing.code, missing.stderr]).toEqual([
      2,
      expect.stringContaining('it requires the parameter day')
    ])
  }, 90_000)

  test('run of another file says where the storage is', async () => {
    const { root, flowstore } = field({ 'a.py': oneFlow('a') })
    const local = ['--storage', 'local', '--directory', 'stored', '--python', python]
    await flowstore(['build', 'a.py', ...local])
    const { code, stderr } = await flowstore(['run', '.flowstore/flows.json'])
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('flowstore run .flowstore/storage.json')
    ])
    copyFileSync(join(root, '.flowstore/report.json'), join(root, 'copied.json'))
    expect((await flowstore(['run', 'copied.json'])).stderr).toContain('is a report.json')
  }, 60_000)
})

describeWith(['docker', 'registry', 'python:3.6'], 'a Docker storage without a registry', bed => {
  test('runs from the image in the daemon, also for an old release', async () => {
    const { flowstore } = field({ 'a.py': oneFlow('a') })
    const build = ['build', 'a.py', '--no-push', '--prefect-version', '0.5.4']
    const image = ['--base-image', bed.baseImages['3.6'], '--image-name', freshName('field-run')]
    const built = await flowstore([...build, ...image])
    expect([built.code, built.stderr]).toEqual([0, expect.any(String)])
    const run = await flowstore(['run', '.flowstore'])
    expect([run.code, run.stdout]).toEqual([0, expect.stringContaining('a: Success')])
  }, 300_000)
})
