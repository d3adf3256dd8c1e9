import { ifOther, lastPart, pullRequestOf, variable, type CiService } from './service.js'

/** Travis CI: https://docs.travis-ci.com/user/environment-variables/ */
export const travis: CiService = {
  commit: env => {
    const tag = variable(env, 'TRAVIS_TAG')
    const branch = variable(env, 'TRAVIS_BRANCH')
    const request = pullRequestOf(variable(env, 'TRAVIS_PULL_REQUEST'), branch)
    return {
      // TRAVIS_BRANCH is the target of a pull request, and the name of a tag.
      branch: request
        ? variable(env, 'TRAVIS_PULL_REQUEST_BRANCH')
        : tag === undefined
          ? branch
          : undefined,
      sha: variable(env, 'TRAVIS_COMMIT'),
      tag,
      pullRequest: request
    }
  },
  repository: env => lastPart(variable(env, 'TRAVIS_REPO_SLUG')),
  url: () => undefined,
  fork: env => ifOther(variable(env, 'TRAVIS_PULL_REQUEST_SLUG'), variable(env, 'TRAVIS_REPO_SLUG'))
}
