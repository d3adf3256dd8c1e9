import { github } from './github.js'
import { gitlab } from './gitlab.js'
import { jenkins } from './jenkins.js'
import type { CommitNames, Variables } from './service.js'

export type { CommitNames } from './service.js'

const SERVICES = [github, gitlab, jenkins] as const

/** What the CI service that this runs in says of the commit: the first service that says anything. */
export function commitNames(env: Variables): CommitNames {
  const commits = SERVICES.map(service => service.commit(env))
  return commits.find(names => Object.values(names).some(value => value !== undefined)) ?? {}
}

/** Name of the repository, without its owner, that the CI service says; undefined where none does. */
export const repositoryName = (env: Variables): string | undefined =>
  SERVICES.map(service => service.repository(env)).find(name => name !== undefined)
