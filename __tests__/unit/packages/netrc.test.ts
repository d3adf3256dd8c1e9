import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { loginIn, netrcLogin } from '../../../src/packages/netrc.js'
import { repository } from '../../helpers/flowstore.js'

const NETRC = `# a comment
machine a.test login me password one
machine b.test
  login you
  account x
  password two
macdef init
machine c.test login no password no

default login any password else
`

test.each([
  ['a.test', { username: 'me', password: 'one' }],
  ['b.test', { username: 'you', password: 'two' }],
  ['c.test', { username: 'any', password: 'else' }]
])('the login for %s is that of its machine, else the default', (host, login) => {
  expect(loginIn(NETRC, host)).toEqual(login)
})

test('a host without a machine and a default has no login', () => {
  expect(loginIn('machine a.test login me password one', 'b.test')).toBeUndefined()
})

test('the file is that of NETRC, else one in the home folder, else none', async () => {
  const root = repository({
    'home/.netrc': 'machine a.test login home password x',
    other: 'machine a.test login other password x'
  })
  const home = join(root, 'home')
  const nameFor = async (env: Record<string, string>) => (await netrcLogin('a.test', env))?.username
  expect(await nameFor({ HOME: home })).toBe('home')
  expect(await nameFor({ HOME: home, NETRC: join(root, 'other') })).toBe('other')
  expect(await nameFor({ HOME: root })).toBeUndefined()
})
