import { azure } from './azure.js'
import { bitbucket } from './bitbucket.js'
import { buildkite } from './buildkite.js'
import { circleci } from './circleci.js'
import { drone } from './drone.js'
import { gitDefaultBranch, gitNames } from './git.js'
import { github } from './github.js'
import { gitlab } from './gitlab.js'
import { jenkins } from './jenkins.js'
import { teamcity } from './teamcity.js'
import { travis } from './travis.js'
import { woodpecker } from './woodpecker.js'
import type { CiService, CommitNames, Variables } from './service.js'

export type { CommitNames } from './service.js'

// Woodpecker and Drone also set variables of GitLab. Jenkins' names are the most common words.
const SERVICES = [
  github,
  woodpecker,
  drone,
  gitlab,
  azure,
  bitbucket,
  circleci,
  buildkite,
  travis,
  teamcity,
  jenkins
] as const

/**
 * Names of the commit, from the first CI service whose variables are set, else from git. What a service does not say at
 * all, its default branch or everything but the commit, is also taken from git.
 *
 * @param cwd a folder of the repository
 */
export async function commitNames(env: Variables, cwd: string): Promise<CommitNames> {
  const names = await serviceNames(env)
  if (names === undefined) return gitNames(cwd, env)
  const { branch, tag, pullRequest, defaultBranch } = names
  if ([branch, tag, pullRequest].every(name => name === undefined)) {
    return { ...(await gitNames(cwd, env)), ...withValue(names) }
  }
  return { ...names, defaultBranch: defaultBranch ?? (await gitDefaultBranch(cwd, env)) }
}

async function serviceNames(env: Variables): Promise<CommitNames | undefined> {
  for (const service of SERVICES) {
    const names = await service.commit(env)
    if (Object.keys(withValue(names)).length > 0) return names
  }
  return undefined
}

/** The commit's full hash, if a CI service gives it. */
export const serviceSha = async (env: Variables): Promise<string | undefined> =>
  (await serviceNames(env))?.sha

const withValue = (names: CommitNames): CommitNames =>
  Object.fromEntries(Object.entries(names).filter(([, value]) => value !== undefined))

/**
 * Where the code of a pull request is from, if that is another repository: most often a fork's `owner/name`. Undefined for
 * any other run. Bitbucket runs no pipeline for a fork; Drone, Woodpecker and TeamCity don't say it.
 *
 * @throws FlowstoreError FILE_UNREADABLE for an event of GitHub that can't be read
 */
export async function forkOf(env: Variables): Promise<string | undefined> {
  for (const { fork } of SERVICES as readonly CiService[]) {
    const found = await fork?.(env)
    if (found !== undefined) return found
  }
  return undefined
}

/** Name of the repository without its owner; undefined if no CI service gives it. */
export const repositoryName = (env: Variables): string | undefined =>
  SERVICES.map(service => service.repository(env)).find(name => name !== undefined)

/** Address of the repository; undefined if no CI service gives it. */
export const repositoryUrl = (env: Variables): string | undefined =>
  SERVICES.map(service => service.url(env)).find(url => url !== undefined)
