import { type CiService, type Variables, variable, versionOf } from './service.js'

/** GitHub Actions: https://docs.github.com/actions/reference/workflows-and-actions/variables */
export const github: CiService = {
  commit: env => {
    const ref = variable(env, 'GITHUB_REF') ?? ''
    return {
      branch: variable(env, 'GITHUB_HEAD_REF') ?? /^refs\/heads\/(.+)$/.exec(ref)?.[1],
      sha: variable(env, 'GITHUB_SHA'),
      pr: /^refs\/pull\/(\d+)\//.exec(ref)?.[1],
      version: versionOf(/^refs\/tags\/(.+)$/.exec(ref)?.[1])
    }
  },
  repository: env => variable(env, 'GITHUB_REPOSITORY')?.split('/').at(-1)
}

/** What the Action knows of the job that it runs in. */
export interface GithubJob {
  /** URL of the workflow run, or undefined outside GitHub. */
  readonly runUrl: string | undefined
  readonly hasSummary: boolean
  /** Values that GitHub keeps out of logs and outputs, as far as they are known. */
  readonly masked: readonly string[]
}

/** The values of variables that look like secrets: the runner does not say what it masks. */
const maskedValues = (env: Variables): readonly string[] =>
  Object.entries(env).flatMap(([name, value]) =>
    value && value.length >= 8 && /(TOKEN|SECRET|PASSWORD)$/.test(name) ? [value] : []
  )

/** What the Action's environment variables say of its job. */
export function githubJob(env: Variables): GithubJob {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env
  return {
    runUrl: server && repository && run ? `${server}/${repository}/actions/runs/${run}` : undefined,
    hasSummary: Boolean(env['GITHUB_STEP_SUMMARY']),
    masked: maskedValues(env)
  }
}
