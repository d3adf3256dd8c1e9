import { expect, test } from '@jest/globals'
import { knownSecrets } from '../../../src/build/known-secrets.js'
import { NO_INDEXES } from '../../../src/packages/indexes.js'
import { repository } from '../../helpers/flowstore.js'

test('known are declared secrets, logins of indexes and of docker, and tokens of the environment', async () => {
  const auth = Buffer.from('me:docker-password').toString('base64')
  const DOCKER_CONFIG = repository({
    'config.json': JSON.stringify({ auths: { 'ghcr.io': { auth }, 'a.test': {} } })
  })
  const known = await knownSecrets({
    env: { DOCKER_CONFIG, GITHUB_TOKEN: 'of the step', HOME: '/root', MAX_TOKENS: '1000' },
    secrets: new Map([['KEY', 'declared']]),
    indexes: { ...NO_INDEXES, passwords: ['of the index'] }
  })
  expect(Object.fromEntries(known)).toEqual({
    'the variable GITHUB_TOKEN': 'of the step',
    "docker's login at ghcr.io": 'docker-password',
    'the login of package index 1': 'of the index',
    'the secret KEY': 'declared'
  })
})

test('a configuration of docker that can’t be read has no logins', async () => {
  const DOCKER_CONFIG = repository({ 'config.json': 'no JSON' })
  const known = await knownSecrets({
    env: { DOCKER_CONFIG },
    secrets: new Map(),
    indexes: NO_INDEXES
  })
  expect(known.size).toBe(0)
})
