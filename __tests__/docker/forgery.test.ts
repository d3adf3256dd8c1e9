import { expect, test } from '@jest/globals'
import { flowstore, repository, run } from '../helpers/flowstore.js'
import { forgingModule, type Ending } from '../helpers/forging.js'
import { describeWith } from '../helpers/test-bed.js'

const LIMIT = 120_000

describeWith(['docker', 'prefect:1.4.1'], 'modules that try to forge the healthcheck', bed => {
  /** A base image with another user than root. */
  async function baseOfUser(): Promise<string> {
    const tag = 'flowstore-test:forgery-user'
    const folder = repository({ Dockerfile: `FROM ${bed.prefectBase}\nUSER 1234\n` })
    const env = { ...process.env, DOCKER_BUILDKIT: '0' }
    const made = await run('docker', ['build', '-q', '-t', tag, folder], folder, env)
    expect(made).toMatchObject({ code: 0 })
    return tag
  }

  test.each<[string, Ending, RegExp]>([
    ['root', 'raise ValueError(1)', /flow "ways: " does not load back/],
    ['root', 'os._exit(0)', /flow "ways: " does not load back: it ended Python with exit code 0/],
    ['another user', 'raise ValueError(1)', /flow "ways: " does not load back/],
    [
      'another user',
      'os._exit(0)',
      /flow "ways: " does not load back: it ended Python with exit code 0/
    ]
  ])(
    'in a container of %s, a flow that does `%s` when it is read is refused',
    async (user, end, words) => {
      const base = user === 'root' ? bed.prefectBase : await baseOfUser()
      const { code, stdout, stderr } = await flowstore(
        [
          ...['build', 'flows/', '--base-image', base, '--local-image', '--push', 'false'],
          ...['--image-name', 'flowstore-test', '--image-tag', 'forgery', '--load-in', 'image']
        ],
        repository({ 'flows/forging.py': forgingModule(end) })
      )
      expect(stdout + stderr).toMatch(words)
      expect(code).not.toBe(0)
    },
    LIMIT
  )
})
