import { readFile } from 'node:fs/promises'
import {
  branchOfRef,
  numberOfRef,
  pullRequestOf,
  tagOfRef,
  variable,
  type CiService
} from './service.js'

/** A file of Java properties; empty if it can't be read. */
async function readProperties(path: string | undefined): Promise<ReadonlyMap<string, string>> {
  const text = path === undefined ? '' : await readFile(path, 'utf8').catch(() => '')
  const lines = text.split(/\r?\n/).map(line => /^\s*([^#!=\s][^=]*?)\s*=\s*(.*)$/.exec(line))
  return new Map(lines.flatMap(line => (line ? [[plain(line[1]), plain(line[2])]] : [])))
}

/** A text without the escapes of Java properties: `\:` is a colon. */
const plain = (text = ''): string => text.replace(/\\(.)/g, '$1')

/**
 * TeamCity: https://www.jetbrains.com/help/teamcity/predefined-build-parameters.html. Only the commit is in a variable;
 * the branch is in a file of parameters, which the file of properties names.
 */
export const teamcity: CiService = {
  commit: async env => {
    if (variable(env, 'TEAMCITY_VERSION') === undefined) return {}
    const system = await readProperties(variable(env, 'TEAMCITY_BUILD_PROPERTIES_FILE'))
    const parameters = await readProperties(system.get('teamcity.configuration.properties.file'))
    const root = parameters.get('vcsroot.branch')
    const defaultBranch = branchOfRef(root) ?? root
    const name = parameters.get('teamcity.build.branch')
    const ref = name === '<default>' ? defaultBranch : name
    const tag = tagOfRef(ref)
    const request = pullRequestOf(
      parameters.get('teamcity.pullRequest.number') ?? numberOfRef(`${ref ?? ''}/`),
      parameters.get('teamcity.pullRequest.target.branch')
    )
    const branch = tag === undefined ? (branchOfRef(ref) ?? ref) : undefined
    return {
      branch: request ? parameters.get('teamcity.pullRequest.source.branch') : branch,
      sha: variable(env, 'BUILD_VCS_NUMBER'),
      tag,
      pullRequest: request,
      defaultBranch
    }
  },
  repository: () => undefined,
  url: () => undefined
}
