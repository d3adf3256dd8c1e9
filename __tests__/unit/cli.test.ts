import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, jest, test } from '@jest/globals'
import { runCli } from '../../src/cli.js'
import { VERSION } from '../../src/version.js'
import { repository } from '../helpers/flowstore.js'
import { capturePrinted } from '../helpers/printed.js'

const printed = capturePrinted()

/** What a command line prints, and its exit code. */
async function cli(...argv: string[]) {
  process.exitCode = 0
  await runCli(argv, {})
  return { text: printed.text(), code: process.exitCode }
}

test.each([[[]], [['--help']], [['-h']], [['help']], [['help', '--help']]])(
  '%j prints the overview',
  async argv => {
    expect((await cli(...argv)).text).toMatch(/^Usage: flowstore COMMAND/)
  }
)

test.each([
  [['build', '--help'], /^Usage: flowstore build/],
  [['help', 'build'], /^Usage: flowstore build/],
  [['build', 'flows/', '-h'], /^Usage: flowstore build/],
  [['run', '--help'], /^Usage: flowstore run/],
  [['build', '--help', 'image'], /^Image:/],
  [['help', 'build', 'image'], /^Image:/]
])('%j explains what it names', async (argv, words) => {
  expect(await cli(...argv)).toEqual({ text: expect.stringMatching(words), code: 0 })
})

test.each([['version'], ['--version'], ['-V']])('%s prints the version', async flag => {
  expect(await cli(flag)).toEqual({ text: `${VERSION}\n`, code: 0 })
})

test.each([
  [['biuld', 'flows/'], "Did you mean 'flowstore build'?"],
  [['flows/', '--no-push'], 'The command comes first: flowstore build flows/ --no-push'],
  [['deploy-all'], 'The commands are build, run, verify, deploy, help, version']
])('%j is an error with what to write', async (argv, hint) => {
  expect(await cli(...argv)).toEqual({ text: expect.stringContaining(hint), code: 2 })
})

test.each([
  [['build', '--json', '--psh'], true],
  [['build', '--json=true', '--psh'], true],
  [['build', '--json', 'false', '--psh'], false],
  [['build', '--json', '--no-json', '--psh'], false],
  [['build', '--psh', '--', '--json'], false]
])('%j prints its error as JSON: %s', async (argv, isJson) => {
  const { text, code } = await cli(...argv)
  const json = text.slice(text.indexOf('{'))
  const error = { code: 'UNKNOWN_OPTION', hint: "Did you mean '--push'?", file: null, phase: null }
  const link = expect.stringMatching(/docs\/errors\.md#unknown_option$/)
  expect(code).toBe(2)
  expect(text.includes('{')).toBe(isJson)
  expect(isJson ? JSON.parse(json) : {}).toMatchObject(
    isJson ? { exitCode: 2, errors: [{ ...error, link }] } : {}
  )
})

test.each([[[]], [['--json']]])('no error shows a secret of the run: %j', async more => {
  const cwd = repository({ 'flow.py': '', 'key.pem': 'short\nMIIEpAIBAAKC\n' })
  jest.spyOn(process, 'cwd').mockReturnValue(cwd)
  const { text, code } = await cli(
    ...['build', 'MIIEpAIBAAKC.py', 's3cret-t0ken-1234/*.py', '--storage', 'memory'],
    ...['--secret-files', 'KEY=key.pem', '--secrets', 'TOKEN=s3cret-t0ken-1234', ...more]
  )
  const written = readFileSync(join(cwd, '.flowstore', 'failure.json'), 'utf8')
  expect(code).toBe(2)
  for (const shown of [text, written]) {
    expect(shown).toContain("'***.py'")
    expect(shown).not.toMatch(/MIIEpAIBAAKC|s3cret-t0ken-1234/)
  }
})
