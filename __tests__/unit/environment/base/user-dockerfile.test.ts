import { expect, test } from '@jest/globals'
import { userBaseImage } from '../../../../src/environment/base/user-dockerfile.js'
import { silentLog } from '../../../../src/log.js'
import { readDockerIgnore, withoutBringingBack } from '../../../../src/sources/docker-ignore.js'
import { serveAnswers } from '../../../helpers/daemon-server.js'
import { repository } from '../../../helpers/flowstore.js'

/** The warnings for a Dockerfile that copies an ignored file, which a daemon then refuses to build. */
async function warningsFor(text: string, namesIgnored: boolean): Promise<readonly string[]> {
  const cwd = repository({ Dockerfile: `FROM a\n${text}\n`, '.gitignore': '.env\n', '.env': '' })
  const rules = await readDockerIgnore(cwd)
  const dockerIgnore = namesIgnored ? rules : withoutBringingBack(rules)
  const dockerfile = { path: 'Dockerfile', cwd, dockerIgnore, namesIgnored, buildKwargs: {} }
  const log = silentLog()
  const { daemon } = await serveAnswers({})
  const request = { secrets: new Map<string, string>(), findSecret: undefined }
  await expect(userBaseImage(daemon, dockerfile, request, log)).rejects.toThrow()
  return log.notices.map(({ message }) => message)
}

test('a warning says how what git ignores gets into the context', async () => {
  expect(await warningsFor('COPY . /x', true)).toEqual([
    'git ignores 1 path that Dockerfile would copy, so it is not copied: .env; to copy it, name it in a COPY of that file, or add !PATTERN to .dockerignore'
  ])
})

test('for a Dockerfile of a module, the warning says that only an option can name it', async () => {
  expect(await warningsFor('COPY .env /x', false)).toEqual([
    'git ignores 1 path that Dockerfile would copy, so it is not copied: .env; to copy it, set the option dockerfile, since a module sets this one, and name it in a COPY'
  ])
})
