import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { eventFork, openEvent } from '../../../src/ci/github-event.js'
import { temporaryFolder } from '../../helpers/flowstore.js'

/** The variables of a run for an event. */
function runFor(event: string, content?: unknown) {
  const path = join(temporaryFolder(), 'event.json')
  if (content !== undefined) writeFileSync(path, JSON.stringify(content))
  return { GITHUB_EVENT_NAME: event, GITHUB_EVENT_PATH: path, GITHUB_SHA: 'abc' }
}

const repository = (name: string) => ({ repo: { full_name: name } })

/** A pull request from one repository to another. */
const pullRequest = (head: string | null) => ({
  pull_request: {
    head: { sha: 'head', ...(head === null ? { repo: null } : repository(head)) },
    base: repository('acme/flows')
  }
})

const workflowRun = (head: string) => ({
  workflow_run: { head_sha: 'head', head_repository: { full_name: head } },
  repository: { full_name: 'acme/flows' }
})

test.each(['workflow_run', 'issue_comment', 'discussion_comment', 'check_run', 'deployment'])(
  'anybody can cause %s, in a run that has secrets',
  async event => {
    expect(await openEvent(runFor(event))).toEqual({ event, commits: ['abc'] })
  }
)

test.each(['push', 'pull_request', 'workflow_dispatch', 'schedule', 'release', ''])(
  'the event "%s" is not one of them',
  async event => {
    expect(await openEvent(runFor(event))).toBeUndefined()
  }
)

test.each([
  ['pull_request_target', pullRequest('acme/flows')],
  ['workflow_run', workflowRun('acme/flows')]
])('the head of the repository itself is a commit of %s', async (event, content) => {
  expect((await openEvent(runFor(event, content)))?.commits).toEqual(['abc', 'head'])
})

test.each([
  ['pull_request_target', pullRequest('ada/flows')],
  ['pull_request_target', pullRequest(null)],
  ['workflow_run', workflowRun('ada/flows')]
])('the head of a fork is not a commit of %s', async (event, content) => {
  expect((await openEvent(runFor(event, content)))?.commits).toEqual(['abc'])
})

test('a pull request from another repository is from that fork', async () => {
  expect(await eventFork(runFor('pull_request', pullRequest('ada/flows')))).toBe('ada/flows')
  expect(await eventFork(runFor('pull_request_review', pullRequest('ada/flows')))).toBe('ada/flows')
})

test('a pull request whose repository was deleted is from a fork', async () => {
  expect(await eventFork(runFor('pull_request', pullRequest(null)))).toBe('a deleted repository')
})

test('a pull request within the repository is not from a fork', async () => {
  expect(await eventFork(runFor('pull_request', pullRequest('acme/flows')))).toBeUndefined()
})

test('a push is not from a fork', async () => {
  expect(await eventFork(runFor('push', pullRequest('ada/flows')))).toBeUndefined()
})

test.each([
  ['without an event', undefined],
  ['whose event does not say where it is from', { pull_request: { head: {} } }]
])('a pull request %s is from an unknown repository', async (_what, content) => {
  expect(await eventFork(runFor('pull_request', content))).toBe('an unknown repository')
})

test('an event that can’t be read is an error, since it says whose code it is', async () => {
  const env = runFor('pull_request', {})
  writeFileSync(env.GITHUB_EVENT_PATH, 'no JSON')
  await expect(eventFork(env)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
})
