import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { forkOf, openEvent } from '../../../src/ci/github-event.js'
import { temporaryFolder } from '../../helpers/flowstore.js'

test.each(['pull_request_target', 'workflow_run', 'issue_comment', 'discussion_comment'])(
  'anybody can cause %s, in a run that has secrets',
  event => {
    expect(openEvent({ GITHUB_EVENT_NAME: event, GITHUB_SHA: 'abc' })).toEqual({
      event,
      commit: 'abc'
    })
  }
)

test.each(['push', 'pull_request', 'workflow_dispatch', 'schedule', 'release', ''])(
  'the event "%s" is not one of them',
  event => {
    expect(openEvent({ GITHUB_EVENT_NAME: event, GITHUB_SHA: 'abc' })).toBeUndefined()
  }
)

/** The variables of a run for a pull request between two repositories. */
function pullRequest(head: string | null, event = 'pull_request') {
  const path = join(temporaryFolder(), 'event.json')
  const repository = (name: string) => ({ repo: { full_name: name } })
  const content = {
    pull_request: {
      head: head === null ? { repo: null } : repository(head),
      base: repository('acme/flows')
    }
  }
  writeFileSync(path, JSON.stringify(content))
  return { GITHUB_EVENT_NAME: event, GITHUB_EVENT_PATH: path }
}

test('a pull request from another repository is from that fork', async () => {
  expect(await forkOf(pullRequest('ada/flows'))).toBe('ada/flows')
  expect(await forkOf(pullRequest('ada/flows', 'pull_request_review'))).toBe('ada/flows')
})

test('a pull request whose repository was deleted is from a fork', async () => {
  expect(await forkOf(pullRequest(null))).toBe('a deleted repository')
})

test('a pull request within the repository is not from a fork', async () => {
  expect(await forkOf(pullRequest('acme/flows'))).toBeUndefined()
})

test('a push is not from a fork', async () => {
  expect(await forkOf(pullRequest('ada/flows', 'push'))).toBeUndefined()
})

test('a runner without an event tells of no fork', async () => {
  const event = { ...pullRequest('ada/flows'), GITHUB_EVENT_PATH: '/none/event.json' }
  expect(await forkOf(event)).toBeUndefined()
})

test('an event that is not of a pull request tells of no fork', async () => {
  const event = pullRequest('ada/flows')
  writeFileSync(event.GITHUB_EVENT_PATH, '{}')
  expect(await forkOf(event)).toBeUndefined()
})

test('an event that can’t be read is an error with the reason', async () => {
  const folder = temporaryFolder()
  const event = { ...pullRequest('ada/flows'), GITHUB_EVENT_PATH: folder }
  await expect(forkOf(event)).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
    message: expect.stringContaining(`the event of this run can't be read from ${folder}: EISDIR`)
  })
})

test('an event that is not JSON is an error', async () => {
  const event = pullRequest('ada/flows')
  writeFileSync(event.GITHUB_EVENT_PATH, '{"pull_request":')
  await expect(forkOf(event)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
})
