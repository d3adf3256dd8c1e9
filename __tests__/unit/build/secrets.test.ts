import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { withSecrets } from '../../../src/build/secrets.js'
import { errorsOf } from '../../../src/errors.js'
import { repository } from '../../helpers/flowstore.js'
import { options, services } from '../../helpers/stages.js'

const LARGEST = 500 * 1024

const root = repository({
  'token.txt': 's3cret-of-a-file\r\n',
  'empty.txt': ' \n',
  'large.txt': 'x'.repeat(LARGEST + 1),
  'sub/a.txt': ''
})

const read = (raw: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) =>
  withSecrets(options(raw), services(undefined, { cwd: root, env: { HOME: root, ...env } }))

/** The errors that it ends with. */
const failure = async (line: string): Promise<string[]> => {
  const error: unknown = await read({ secrets: 'B=x', 'secret-files': line }).catch(
    (caught: unknown) => caught
  )
  return errorsOf(error).map(({ code, message }) => `${code}: ${message}`)
}

test('a secret is a value, a variable, or the content of a file as it is', async () => {
  const { secrets } = await read(
    { secrets: 'A=one\nB', 'secret-files': `C=token.txt\nD=${join(root, 'token.txt')}` },
    { B: 'two' }
  )
  expect([...secrets].map(([id, value]) => [id, value.toString()])).toEqual([
    ['A', 'one'],
    ['B', 'two'],
    ['C', 's3cret-of-a-file\r\n'],
    ['D', 's3cret-of-a-file\r\n']
  ])
})

test('the login of an index is the content of a file without the line break at its end', async () => {
  const { indexes, findSecret } = await read({
    'secret-files': 'TOKEN=token.txt',
    'index-url': 'https://me:${TOKEN}@pypi.test/simple'
  })
  expect(indexes.passwords).toEqual(['s3cret-of-a-file'])
  expect(findSecret?.('x s3cret-of-a-file x')).toBe('the secret TOKEN')
})

test.each([
  ['A=no.txt', "FILE_NOT_FOUND: the file of the line A=no.txt of the option 'secret-files'"],
  ['A=sub', "FILE_UNREADABLE: the file of the line A=sub of the option 'secret-files'"],
  ['A=empty.txt', 'is empty'],
  ['A=large.txt', 'has 500.0 KiB; a secret has at most 500.0 KiB'],
  ['B=token.txt', "the options 'secrets' and 'secret-files' both set B"]
])('the line %s is an error that names it', async (line, words) => {
  expect(await failure(line)).toEqual([expect.stringContaining(words)])
})

test('each line that is wrong is an error of one run', async () => {
  expect(await failure('A=no.txt\nC=sub\nB=token.txt')).toHaveLength(3)
})

test('files that modules must not read are those of the options, netrc, and docker’s logins', async () => {
  const { secretPaths } = await read(
    { 'secret-files': 'TOKEN=token.txt' },
    { NETRC: '/etc/netrc', DOCKER_CONFIG: '/etc/docker-logins' }
  )
  expect(secretPaths).toEqual([
    join(root, 'token.txt'),
    '/etc/netrc',
    '/etc/docker-logins/config.json'
  ])
})
