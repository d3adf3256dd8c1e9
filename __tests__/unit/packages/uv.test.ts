import { expect, test } from '@jest/globals'
import { pipRuns } from '../../../src/packages/pip.js'
import { readRequirements } from '../../../src/packages/read-requirements.js'
import { notForUv, runsUv, UV_NEUTRAL_VARIABLES, uvArguments } from '../../../src/packages/uv.js'
import { repository } from '../../helpers/flowstore.js'

const read = (text: string, lines: string[] = []) =>
  readRequirements(repository({ 'requirements.txt': text }), lines, 'requirements.txt')

test('uv runs on the Pythons that it has wheels for', () => {
  expect(['3.6.15', '3.7.16', '3.8.0', '3.9.18', '3.14.1', '2.7.18'].map(runsUv)).toEqual([
    false,
    false,
    true,
    true,
    true,
    false
  ])
})

test.each([
  ['--pre', '--pre'],
  ['--prefer-binary', '--prefer-binary'],
  ['--trusted-host x.test', '--trusted-host x.test'],
  ['--no-binary :all:', '--no-binary :all:'],
  ['--only-binary=a', '--only-binary=a'],
  ['-r https://x.test/more.txt', '-r https://x.test/more.txt'],
  ['a==1 --global-option="-x"', 'a==1 --global-option="-x"'],
  ['a==1 \\\n  --config-settings x=y', 'a==1 --config-settings x=y'],
  ['git+https://x.test/a#egg=a', 'git+https://x.test/a#egg=a'],
  ['-e git+https://x.test/a#subdirectory=b&egg=a', '-e git+https://x.test/a#subdirectory=b&egg=a'],
  ['a @ hg+https://x.test/a', 'a @ hg+https://x.test/a']
])('pip installs %p', async (text, line) => {
  expect(notForUv(await read(text))).toBe(line)
  expect(
    notForUv(await read('b', text.split('\n').length > 1 ? ['a==1 -C x=y'] : [line]))
  ).toBeDefined()
})

test('uv installs requirements that it reads as pip does', async () => {
  const text = `-i https://x.test/simple
--extra-index-url=https://y.test/simple
-f ./wheels
--require-hashes
a[x]==1 ; python_version > "3" \\
    --hash=sha256:aa # --pre
b @ git+https://x.test/b@main#subdirectory=c
-e ./libs/tools[x]
libs/more
`
  expect(notForUv(await read(text, ['c>=1,<2', '-e .']))).toBeUndefined()
})

test('the constraints of a run with hashes are checked in a run before it', async () => {
  const commands = async (text: string, lines: string[] = []) =>
    pipRuns(await read(text), { prefect: '1.4.1', lines, present: false }, file => file).flatMap(
      run => uvArguments(run, name => `/at/${name}`).map(args => args.join(' '))
    )
  const hashed = '-r /at/flowstore-hashed.txt'
  expect(await commands('a==1 --hash=sha256:aa', ['urllib3<2'])).toEqual([
    `${hashed} -c /at/flowstore-hashed-constraints.txt --dry-run`,
    `${hashed} --require-hashes`,
    '-r /at/flowstore-requirements.txt'
  ])
  expect(await commands('a==1 --hash=sha256:aa')).toEqual([`${hashed} --require-hashes`])
  expect(await commands('a', ['urllib3<2'])).toEqual(['-r /at/flowstore-requirements.txt'])
})

test('variables of uv are divided by whether they affect what is installed', () => {
  const own = new RegExp(`^${UV_NEUTRAL_VARIABLES}`)
  expect(['UV_CACHE_DIR=', 'UV_LINK_MODE=copy'].every(line => own.test(line))).toBe(true)
  expect(['UV_INDEX=x', 'UV_CONSTRAINT=', 'UV_EXCLUDE_NEWER='].some(line => own.test(line))).toBe(
    false
  )
})
