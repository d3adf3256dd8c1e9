import { readFile } from 'node:fs/promises'
import { FlowstoreError } from '../errors.js'
import { ifThere } from '../util/files.js'
import * as z from '../util/schema.js'
import { type PullRequest, type Variables, variable } from './service.js'

/**
 * Events that only people with write access cause, and whose commit is theirs. Any other event counts as open:
 * https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
 */
const TRUSTED_EVENTS = new Set([
  'branch_protection_rule',
  'create',
  'merge_group',
  'page_build',
  'push',
  'registry_package',
  'release',
  'repository_dispatch',
  'schedule',
  'workflow_call',
  'workflow_dispatch'
])

/** Events that run the code of a pull request; for one from a fork, without secrets. */
const PULL_REQUEST_EVENTS = new Set([
  'pull_request',
  'pull_request_review',
  'pull_request_review_comment'
])

/** An event that anybody can cause, in a run that has the secrets of the repository. */
export interface OpenEvent {
  readonly event: string
  /**
   * The commits of the repository that the run is for: that of the run, and the head of a pull request or a
   * workflow run of the repository itself.
   */
  readonly commits: readonly string[]
}

const repositorySchema = z.object({ full_name: z.string() })

/** The part of an event of a pull request that says where its code is from. */
const pullRequestSchema = z.object({
  pull_request: z.object({
    /** `repo` is null if the fork was deleted. */
    head: z.object({ sha: z.string(), repo: repositorySchema.nullable() }),
    base: z.object({ repo: repositorySchema })
  })
})

/** The part of a `workflow_run` event that says where the code of the first workflow is from. */
const workflowRunSchema = z.object({
  workflow_run: z.object({ head_sha: z.string(), head_repository: repositorySchema }),
  repository: repositorySchema
})

const events = new WeakMap<Variables, Promise<unknown>>()

/** The event of this run, from its file, which is read once. */
function readEvent(env: Variables): Promise<unknown> {
  const event = events.get(env) ?? parseEvent(env)
  events.set(env, event)
  return event
}

/** Reads the file of the event; undefined without a file, as on runners that imitate GitHub's. */
async function parseEvent(env: Variables): Promise<unknown> {
  const path = variable(env, 'GITHUB_EVENT_PATH')
  if (path === undefined) return undefined
  try {
    const text = await ifThere(readFile(path, 'utf8'))
    return text === undefined ? undefined : JSON.parse(text)
  } catch (error) {
    throw new FlowstoreError(
      'FILE_UNREADABLE',
      `the event of this run can't be read from ${path}: ${(error as Error).message}`,
      {
        hint: 'It says whose code this is. Set push: false to build the image of a pull request without a push.',
        cause: error
      }
    )
  }
}

const optionalText = z.string().nullable().optional()

/** The parts of an event that name the commit. */
const namesSchemas = {
  repository: z.object({ repository: z.object({ default_branch: z.string() }) }),
  pullRequest: z.object({
    pull_request: z.object({
      number: z.number().optional(),
      head: z.object({ ref: optionalText }).optional(),
      base: z.object({ ref: optionalText }).optional()
    })
  }),
  /** A comment on a pull request. */
  issue: z.object({ issue: z.object({ number: z.number(), pull_request: z.unknown() }) }),
  workflowRun: z.object({
    workflow_run: z.object({
      event: z.string(),
      head_branch: optionalText,
      pull_requests: z.array(z.object({ number: z.number() })).optional()
    })
  }),
  release: z.object({ release: z.object({ prerelease: z.boolean() }) })
}

/** What an event says beyond the variables. */
export interface EventNames {
  /** With its source branch. */
  readonly pullRequest: (PullRequest & { readonly source: string | undefined }) | undefined
  readonly defaultBranch: string | undefined
  readonly isPrerelease: boolean | undefined
}

/** The names in the event of a run; none if the event can't be read. */
export async function eventNames(env: Variables): Promise<EventNames> {
  const event = await readEvent(env).catch(() => undefined)
  return {
    pullRequest: eventPullRequest(event),
    defaultBranch: namesSchemas.repository.safeParse(event).data?.repository.default_branch,
    isPrerelease: namesSchemas.release.safeParse(event).data?.release.prerelease
  }
}

/** The pull request that an event is for, also one that was commented on or that another workflow ran for. */
function eventPullRequest(event: unknown): EventNames['pullRequest'] {
  const request = namesSchemas.pullRequest.safeParse(event).data?.pull_request
  if (request !== undefined) {
    const { number, head, base } = request
    return {
      number: number?.toString(),
      source: head?.ref ?? undefined,
      target: base?.ref ?? undefined
    }
  }
  const issue = namesSchemas.issue.safeParse(event).data?.issue
  if (issue?.pull_request) {
    return { number: String(issue.number), source: undefined, target: undefined }
  }
  const run = namesSchemas.workflowRun.safeParse(event).data?.workflow_run
  if (run === undefined || !PULL_REQUEST_EVENTS.has(run.event.replace(/_target$/, ''))) {
    return undefined
  }
  const number = run.pull_requests?.[0]?.number
  return { number: number?.toString(), source: run.head_branch ?? undefined, target: undefined }
}

/**
 * The event of a run that has secrets and that anybody can cause; undefined for another run.
 *
 * @throws FlowstoreError FILE_UNREADABLE for an event that can't be read
 */
export async function openEvent(env: Variables): Promise<OpenEvent | undefined> {
  const event = variable(env, 'GITHUB_EVENT_NAME')
  if (event === undefined || TRUSTED_EVENTS.has(event) || PULL_REQUEST_EVENTS.has(event)) {
    return undefined
  }
  const commits = [variable(env, 'GITHUB_SHA'), ownHead(await readEvent(env))]
  return { event, commits: commits.filter(commit => commit !== undefined) }
}

/** The head commit that an event names, if it is of the repository itself. */
function ownHead(event: unknown): string | undefined {
  const request = pullRequestSchema.safeParse(event).data?.pull_request
  if (request && request.head.repo?.full_name === request.base.repo.full_name) {
    return request.head.sha
  }
  const run = workflowRunSchema.safeParse(event).data
  const isOwn = run && run.workflow_run.head_repository.full_name === run.repository.full_name
  return isOwn ? run.workflow_run.head_sha : undefined
}

/**
 * Where the code of a pull request is from, for a run without secrets: a fork's `owner/name`, `a deleted
 * repository`, or `an unknown repository` if the event does not say it. Undefined for a pull request within the
 * repository, and for any other run.
 *
 * @throws FlowstoreError FILE_UNREADABLE for an event that can't be read
 */
export async function eventFork(env: Variables): Promise<string | undefined> {
  if (!PULL_REQUEST_EVENTS.has(env['GITHUB_EVENT_NAME'] ?? '')) return undefined
  const parsed = pullRequestSchema.safeParse(await readEvent(env))
  if (!parsed.success) return 'an unknown repository'
  const { head, base } = parsed.data.pull_request
  if (head.repo === null) return 'a deleted repository'
  return head.repo.full_name === base.repo.full_name ? undefined : head.repo.full_name
}
