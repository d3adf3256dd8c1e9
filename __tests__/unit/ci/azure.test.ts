import { expect, test } from '@jest/globals'
import { azure } from '../../../src/ci/azure.js'

const sha = '0123456789abcdef0123456789abcdef01234567'

test('Azure Pipelines names the branch or the tag in its source branch', async () => {
  expect(
    await azure.commit({ BUILD_SOURCEBRANCH: 'refs/heads/team/main', BUILD_SOURCEVERSION: sha })
  ).toEqual({ branch: 'team/main', sha })
  expect(await azure.commit({ BUILD_SOURCEBRANCH: 'refs/tags/v1.2' })).toEqual({ tag: 'v1.2' })
})

test.each(['refs/heads/', ''])(
  'Azure Pipelines names source and target of a pull request, as %sNAME',
  async prefix => {
    expect(
      await azure.commit({
        BUILD_SOURCEBRANCH: 'refs/pull/7/merge',
        SYSTEM_PULLREQUEST_SOURCEBRANCH: `${prefix}topic`,
        SYSTEM_PULLREQUEST_TARGETBRANCH: `${prefix}main`,
        SYSTEM_PULLREQUEST_PULLREQUESTID: '900'
      })
    ).toEqual({ branch: 'topic', pullRequest: { number: '900', target: 'main' } })
  }
)

test('for a repository on GitHub, the number of a pull request is not its ID', async () => {
  const names = await azure.commit({
    SYSTEM_PULLREQUEST_PULLREQUESTID: '900',
    SYSTEM_PULLREQUEST_PULLREQUESTNUMBER: '7'
  })
  expect(names.pullRequest?.number).toBe('7')
})

test('Azure Pipelines names the repository, on GitHub with its owner', () => {
  expect(azure.repository({ BUILD_REPOSITORY_NAME: 'acme/flows' })).toBe('flows')
  expect(azure.repository({ BUILD_REPOSITORY_NAME: 'flows' })).toBe('flows')
})
