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

/** The GitHub job that the Action runs in. */
export interface GithubJob {
  /** URL of the workflow run, or undefined outside GitHub. */
  readonly runUrl: string | undefined
  readonly hasSummary: boolean
  /** Known values that GitHub masks in logs and outputs. */
  readonly masked: readonly string[]
}

/** Values of variables that look like secrets. The runner does not tell which values it masks. */
const maskedValues = (env: Variables): readonly string[] =>
  Object.entries(env).flatMap(([name, value]) =>
    value && value.length >= 8 && /(TOKEN|SECRET|PASSWORD)$/.test(name) ? [value] : []
  )

/** Reads the job from the Action's environment variables. */
export function githubJob(env: Variables): GithubJob {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env
  return {
    runUrl: server && repository && run ? `${server}/${repository}/actions/runs/${run}` : undefined,
    hasSummary: Boolean(env['GITHUB_STEP_SUMMARY']),
    masked: maskedValues(env)
  }
}
