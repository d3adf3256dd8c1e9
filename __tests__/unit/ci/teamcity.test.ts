import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { teamcity } from '../../../src/ci/teamcity.js'
import { temporaryFolder } from '../../helpers/flowstore.js'

/** A text as a value in a file of Java properties. */
const escaped = (text: string) => text.replace(/[:=\\]/g, '\\$&')

/** The variables of a build with parameters. */
function build(parameters: Readonly<Record<string, string>>) {
  const folder = temporaryFolder()
  const [system, all] = [join(folder, 'system'), join(folder, 'C:=all')]
  writeFileSync(system, `#comment\nteamcity.configuration.properties.file=${escaped(all)}\n`)
  const lines = Object.entries(parameters).map(([name, value]) => `${name}=${escaped(value)}\n`)
  writeFileSync(all, lines.join(''))
  return {
    TEAMCITY_VERSION: '2024.12',
    BUILD_VCS_NUMBER: 'abc',
    TEAMCITY_BUILD_PROPERTIES_FILE: system
  }
}

const root = { 'vcsroot.branch': 'refs/heads/main' }

test.each([
  ['topic', { branch: 'topic' }],
  ['refs/heads/topic', { branch: 'topic' }],
  ['<default>', { branch: 'main' }],
  ['refs/tags/v1.2', { tag: 'v1.2' }]
])('TeamCity names the branch %s in its parameters', async (branch, names) => {
  expect(await teamcity.commit(build({ ...root, 'teamcity.build.branch': branch }))).toEqual({
    sha: 'abc',
    defaultBranch: 'main',
    ...names
  })
})

test('the branch of a pull request on TeamCity is its source', async () => {
  const names = await teamcity.commit(
    build({
      ...root,
      'teamcity.build.branch': 'pull/12',
      'teamcity.pullRequest.number': '12',
      'teamcity.pullRequest.source.branch': 'topic',
      'teamcity.pullRequest.target.branch': 'main'
    })
  )
  expect(names).toMatchObject({ branch: 'topic', pullRequest: { number: '12', target: 'main' } })
})

test('a build of TeamCity without parameters has its commit', async () => {
  const env = { ...build({}), TEAMCITY_BUILD_PROPERTIES_FILE: '/nowhere' }
  expect(await teamcity.commit(env)).toEqual({ sha: 'abc' })
})
