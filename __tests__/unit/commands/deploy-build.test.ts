import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { deployMode, publishDeployed } from '../../../src/commands/deploy-build.js'
import { silentLog } from '../../../src/log.js'
import { checkOptions, type RawOptions } from '../../../src/options/options.js'
import type { Build } from '../../../src/report.js'
import { temporaryFolder } from '../../helpers/flowstore.js'

const API = { PREFECT_API_URL: 'http://127.0.0.1:4200/api' }

/** The variables of a run for a pull request of a repository. */
function pullRequest(repository: string) {
  const path = join(temporaryFolder(), 'event.json')
  const head = { ref: 'topic', sha: 'abc', repo: { full_name: repository } }
  const base = { ref: 'main', repo: { full_name: 'acme/flows' } }
  writeFileSync(path, JSON.stringify({ pull_request: { number: 3, head, base } }))
  return { GITHUB_EVENT_NAME: 'pull_request', GITHUB_EVENT_PATH: path, GITHUB_SHA: 'abc' }
}

async function modeOf(env: Record<string, string>, options: Partial<RawOptions> = {}) {
  const cwd = temporaryFolder()
  const given = { flows: 'a.py', 'registry-url': 'r.test', deploy: 'true', ...options }
  const log = silentLog()
  const mode = await deployMode(checkOptions(given, cwd), { cwd, env, cache: cwd }, log)
  return [mode, ...log.notices.map(({ message }) => message)]
}

test('a push writes the deployments, and without the option nothing is done', async () => {
  expect(await modeOf(API)).toEqual(['write'])
  expect(await modeOf({}, { deploy: 'false' })).toEqual(['nothing'])
})

test('a pull request is compared with the server, also without a push of the image', async () => {
  const env = { ...API, ...pullRequest('acme/flows') }
  const compared = ['compare', expect.stringContaining('compared with the server and not written')]
  expect(await modeOf(env)).toEqual(compared)
  expect(await modeOf(env, { push: 'false' })).toEqual(compared)
  expect(await modeOf(env, { 'deploy-pull-requests': 'true' })).toEqual(['write'])
})

test('a pull request without the address of the API is only built', async () => {
  expect(await modeOf(pullRequest('acme/flows'))).toEqual([
    'nothing',
    'nothing is deployed: this is a pull request, and PREFECT_API_URL is not set'
  ])
})

test('a pull request from a fork deploys nothing, unless its code counts as trusted', async () => {
  const env = pullRequest('ada/flows')
  const nothing = 'nothing is deployed: the pull request is from a fork (ada/flows)'
  const always = { 'deploy-pull-requests': 'true' }
  expect(await modeOf(env, always)).toEqual(['nothing', nothing])
  expect(await modeOf({ ...env, ...API }, always)).toEqual(['nothing', nothing])
  const trusted = { ...always, 'allow-untrusted-code': 'true' }
  expect(await modeOf({ ...env, ...API }, trusted)).toEqual(['write'])
})

test('a push without the address, or without a push of the image, is an error', async () => {
  await expect(modeOf({})).rejects.toMatchObject({ code: 'MISSING_OPTION' })
  await expect(modeOf(API, { push: 'false' })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
})

test.each([
  ['created', false, 1],
  ['unchanged', false, 0],
  ['new', true, 0]
])('what fails after deployments were %s says if they stay', async (state, dryRun, warnings) => {
  const deployed = { dryRun, deployments: [{ state }] }
  const build = { report: { deployed } } as unknown as Build
  const log = silentLog()
  const failing = () => Promise.reject(new Error('disk full'))
  await expect(publishDeployed(build, log, failing)).rejects.toThrow('disk full')
  expect(log.notices).toHaveLength(warnings)
})
