import { readFile } from 'node:fs/promises'
import { FlowstoreError } from '../errors.js'
import { ifThere } from '../util/files.js'
import * as z from '../util/schema.js'
import { type Variables, variable } from './service.js'

/**
 * Events that anybody can cause, and whose runs have the secrets of the repository and a token that may write:
 * https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
 */
const OPEN_EVENTS = new Set([
  'pull_request_target',
  'workflow_run',
  'issue_comment',
  'issues',
  'discussion',
  'discussion_comment'
])

/** Events that run the code of a pull request; for one from a fork, without secrets. */
const PULL_REQUEST_EVENTS = new Set([
  'pull_request',
  'pull_request_review',
  'pull_request_review_comment'
])

/** An event that anybody can cause, in a run that has secrets. */
export interface OpenEvent {
  readonly event: string
  /** The commit of the repository that the run belongs to; undefined if the runner does not say it. */
  readonly commit: string | undefined
}

/** The event of a run that has secrets and that anybody can cause; undefined for another run. */
export function openEvent(env: Variables): OpenEvent | undefined {
  const event = variable(env, 'GITHUB_EVENT_NAME')
  if (event === undefined || !OPEN_EVENTS.has(event)) return undefined
  return { event, commit: variable(env, 'GITHUB_SHA') }
}

const repositorySchema = z.object({ full_name: z.string() })

/** The part of an event of a pull request that says where its code is from. */
const pullRequestSchema = z.object({
  pull_request: z.object({
    /** Null if the fork was deleted. */
    head: z.object({ repo: repositorySchema.nullable() }),
    base: z.object({ repo: repositorySchema })
  })
})

/** The event of this run, from its file. Undefined without a file: runners that imitate GitHub's may have none. */
async function readEvent(path: string): Promise<unknown> {
  try {
    const text = await ifThere(readFile(path, 'utf8'))
    return text === undefined ? undefined : JSON.parse(text)
  } catch (error) {
    throw new FlowstoreError(
      'FILE_UNREADABLE',
      `the event of this run can't be read from ${path}: ${(error as Error).message}`,
      {
        hint: 'It says whether the pull request is from a fork. Set push: false to build the image without a push.',
        cause: error
      }
    )
  }
}

/**
 * The fork that the pull request of this run is from: `owner/name`, or `a deleted repository`. Undefined for
 * any other run, and for one without an event.
 *
 * @throws FlowstoreError FILE_UNREADABLE for an event that can't be read
 */
export async function forkOf(env: Variables): Promise<string | undefined> {
  const path = variable(env, 'GITHUB_EVENT_PATH')
  if (path === undefined || !PULL_REQUEST_EVENTS.has(env['GITHUB_EVENT_NAME'] ?? ''))
    return undefined
  const parsed = pullRequestSchema.safeParse(await readEvent(path))
  if (!parsed.success) return undefined
  const { head, base } = parsed.data.pull_request
  if (head.repo === null) return 'a deleted repository'
  return head.repo.full_name === base.repo.full_name ? undefined : head.repo.full_name
}
