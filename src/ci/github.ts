import { eventFork, eventNames } from './github-event.js'
import {
  branchOfRef,
  lastPart,
  numberOfRef,
  tagOfRef,
  variable,
  type CiService,
  type Variables
} from './service.js'

/**
 * GitHub Actions, and what imitates it (Gitea, Forgejo, act):
 * https://docs.github.com/actions/reference/workflows-and-actions/variables
 */
export const github: CiService = {
  commit: async env => {
    const ref = variable(env, 'GITHUB_REF')
    const head = variable(env, 'GITHUB_HEAD_REF')
    const { pullRequest, defaultBranch, isPrerelease } = await eventNames(env)
    const number = numberOfRef(ref) ?? pullRequest?.number
    const target = variable(env, 'GITHUB_BASE_REF') ?? pullRequest?.target
    const isPullRequest = pullRequest ?? number ?? head
    return {
      branch: head ?? pullRequest?.source ?? branchOfRef(ref),
      sha: variable(env, 'GITHUB_SHA'),
      tag: tagOfRef(ref),
      pullRequest: isPullRequest === undefined ? undefined : { number, target },
      defaultBranch,
      isPrerelease
    }
  },
  repository: env => lastPart(variable(env, 'GITHUB_REPOSITORY')),
  url: env => {
    const server = variable(env, 'GITHUB_SERVER_URL')
    const repository = variable(env, 'GITHUB_REPOSITORY')
    return server && repository && `${server}/${repository}`
  },
  fork: eventFork
}

/** Address of the workflow of this run, with its ref: what signs for a build on GitHub. */
export function githubWorkflow(env: Variables): string | undefined {
  const server = variable(env, 'GITHUB_SERVER_URL')
  const workflow = variable(env, 'GITHUB_WORKFLOW_REF')
  return server && workflow && `${server}/${workflow}`
}

/** The GitHub job that the Action runs in. */
export interface GithubJob {
  /** URL of the workflow run, or undefined outside GitHub. */
  readonly runUrl: string | undefined
  readonly hasSummary: boolean
  /** Why the job has no service for artifacts, as a clause; undefined if it has one. */
  readonly artifactsMissing: string | undefined
  /** Known values that GitHub masks in logs and outputs. */
  readonly masked: readonly string[]
}

/** Values of variables that look like secrets. The runner does not tell which values it masks. */
const maskedValues = (env: Variables): readonly string[] =>
  Object.entries(env).flatMap(([name, value]) =>
    value && value.length >= 8 && /(TOKEN|SECRET|PASSWORD)$/.test(name) ? [value] : []
  )

/**
 * Why artifacts can't be uploaded. The client supports the artifacts of github.com and ghe.com only: its `isGhes` asks the
 * same. The variables are absent where no service was started, as with act.
 */
function artifactsMissing(env: Variables): string | undefined {
  const server = variable(env, 'GITHUB_SERVER_URL') ?? 'https://github.com'
  const host = URL.canParse(server) ? new URL(server).hostname.toLowerCase() : server
  if (host !== 'github.com' && !/\.(ghe\.com|localhost)$/.test(host)) {
    return `${host} has no artifact service that this Action can use`
  }
  const missing = ['ACTIONS_RUNTIME_TOKEN', 'ACTIONS_RESULTS_URL'].find(
    name => variable(env, name) === undefined
  )
  return missing === undefined
    ? undefined
    : `this runner has no artifact service (${missing} is not set)`
}

/** Reads the job from the Action's environment variables. */
export function githubJob(env: Variables): GithubJob {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env
  return {
    runUrl: server && repository && run ? `${server}/${repository}/actions/runs/${run}` : undefined,
    hasSummary: Boolean(env['GITHUB_STEP_SUMMARY']),
    artifactsMissing: artifactsMissing(env),
    masked: maskedValues(env)
  }
}
