import { github } from './github.js'
import { gitlab } from './gitlab.js'
import { jenkins } from './jenkins.js'
import type { CommitNames, Variables } from './service.js'

export type { CommitNames } from './service.js'

const SERVICES = [github, gitlab, jenkins] as const

/** Names of the commit, from the first CI service whose variables are set. */
export function commitNames(env: Variables): CommitNames {
  const commits = SERVICES.map(service => service.commit(env))
  return commits.find(names => Object.values(names).some(value => value !== undefined)) ?? {}
}

/** Name of the repository without its owner; undefined if no CI service gives it. */
export const repositoryName = (env: Variables): string | undefined =>
  SERVICES.map(service => service.repository(env)).find(name => name !== undefined)
