import { describe, expect, test } from '@jest/globals'
import { packageIndexes, tellSameIndexes, withIndexes } from '../../../src/packages/indexes.js'
import { repository } from '../../helpers/flowstore.js'

const NONE = { extraIndexUrls: [] }
const SECRETS = new Map([['TOKEN', 'a/b@c']])

test('without options and variables, pip and uv use what they are configured with', async () => {
  const indexes = await packageIndexes(NONE, { PATH: '/bin' }, new Map())
  expect(indexes).toMatchObject({ addresses: undefined, variables: {}, hasLogins: false })
  expect(withIndexes({ PATH: '/bin' }, indexes)).toEqual({ PATH: '/bin' })
})

test('a login is in the variables of pip and uv, encoded, and in no address', async () => {
  const options = {
    indexUrl: 'https://me:${TOKEN}@a.test/simple',
    extraIndexUrls: ['https://only-a-token@b.test/simple', 'http://c.test/simple/']
  }
  const indexes = await packageIndexes(options, {}, SECRETS)
  expect(indexes.addresses).toEqual({
    index: 'https://a.test/simple',
    extra: ['https://b.test/simple', 'http://c.test/simple/']
  })
  const main = 'https://me:a%2Fb%40c@a.test/simple'
  const extra = 'https://only-a-token@b.test/simple http://c.test/simple/'
  expect(indexes.variables).toEqual({
    PIP_INDEX_URL: main,
    UV_DEFAULT_INDEX: main,
    PIP_EXTRA_INDEX_URL: extra,
    UV_INDEX: extra
  })
  expect([indexes.hasLogins, indexes.passwords]).toEqual([true, ['a/b@c', 'only-a-token']])
})

test('another token gives the same addresses', async () => {
  const options = { indexUrl: 'https://me:${TOKEN}@a.test/simple', extraIndexUrls: [] }
  const addresses = ['one', 'two', ''].map(
    async token => (await packageIndexes(options, {}, new Map([['TOKEN', token]]))).addresses
  )
  expect(new Set((await Promise.all(addresses)).map(each => JSON.stringify(each))).size).toBe(1)
})

test('an index without a login gets that of the netrc file', async () => {
  const env = { HOME: repository({ '.netrc': 'machine a.test login me password s3cret' }) }
  const options = { indexUrl: 'https://a.test/x', extraIndexUrls: ['https://you:own@a.test/y'] }
  const { variables } = await packageIndexes(options, env, new Map())
  expect(variables['PIP_INDEX_URL']).toBe('https://me:s3cret@a.test/x')
  expect(variables['UV_INDEX']).toBe('https://you:own@a.test/y')
})

describe('the variables of pip and uv', () => {
  test.each([
    ['PIP_INDEX_URL', 'index'],
    ['UV_DEFAULT_INDEX', 'index'],
    ['UV_INDEX_URL', 'index'],
    ['PIP_EXTRA_INDEX_URL', 'extra'],
    ['UV_INDEX', 'extra'],
    ['UV_EXTRA_INDEX_URL', 'extra']
  ])('%s counts as the option', async (name, kind) => {
    const env = { [name]: 'acme=https://x:y@a.test/simple' }
    const indexes = await packageIndexes(NONE, env, new Map())
    const url = 'https://a.test/simple'
    expect(indexes.addresses).toEqual(
      kind === 'index' ? { index: url, extra: [] } : { index: undefined, extra: [url] }
    )
    const together = withIndexes(env, indexes)
    expect(tellSameIndexes(together)).toBe(true)
    expect(JSON.stringify(together)).not.toContain('acme=')
  })

  test('an option replaces them', async () => {
    const env = { PIP_INDEX_URL: 'https://b.test', UV_INDEX_URL: 'https://b.test' }
    const options = { indexUrl: 'https://a.test/', extraIndexUrls: [] }
    const indexes = await packageIndexes(options, env, new Map())
    expect(withIndexes(env, indexes)).toEqual({
      PIP_INDEX_URL: 'https://a.test/',
      UV_DEFAULT_INDEX: 'https://a.test/',
      UV_INDEX_URL: undefined
    })
  })

  test('variables that name different indexes are refused by their names', async () => {
    const env = { PIP_INDEX_URL: 'https://x:s3cret@a.test', UV_DEFAULT_INDEX: 'https://b.test' }
    const failure: unknown = await packageIndexes(NONE, env, new Map()).catch(
      (error: unknown) => error
    )
    expect(failure).toMatchObject({
      code: 'INVALID_OPTION',
      message: 'the variables PIP_INDEX_URL and UV_DEFAULT_INDEX name different indexes'
    })
    expect(JSON.stringify(failure)).not.toContain('s3cret')
  })

  test('an address of a file stays with the program that has it', async () => {
    const env = { UV_INDEX: 'file:///srv/wheels/simple' }
    const indexes = await packageIndexes(NONE, env, new Map())
    expect(withIndexes(env, indexes)).toEqual(env)
    expect(tellSameIndexes(env)).toBe(false)
  })
})

test.each(['pypi.acme.com/s3cret', 'ftp://x:s3cret@a.test', 'https://x:s3c/ret@a.test/simple'])(
  'what is no address is refused without showing it',
  async text => {
    const failure: unknown = await packageIndexes(
      { indexUrl: undefined, extraIndexUrls: [text] },
      {},
      new Map()
    ).catch((error: unknown) => error)
    expect(failure).toMatchObject({
      code: 'INVALID_OPTION',
      message: "the option 'extra-index-urls' has something that is no address of an index"
    })
    expect(JSON.stringify(failure)).not.toContain('s3c')
  }
)

test('a secret that is not declared is refused by its name', async () => {
  const options = { indexUrl: 'https://x:${TOKEN}@a.test', extraIndexUrls: [] }
  await expect(packageIndexes(options, {}, new Map())).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining("the option 'index-url' names the secret ${TOKEN}"),
    hint: expect.stringContaining('TOKEN=VALUE')
  })
})
