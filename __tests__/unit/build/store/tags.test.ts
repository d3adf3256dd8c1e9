import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { furtherTags, tagBefore } from '../../../../src/build/store/tags.js'
import { silentLog } from '../../../../src/log.js'
import type { RawOptions } from '../../../../src/options/options.js'
import { temporaryFolder } from '../../../helpers/flowstore.js'
import { logWithLines, options, services } from '../../../helpers/stages.js'

const cwd = temporaryFolder()
const sha = '0123456789abcdef'
const GITHUB_EVENT_PATH = join(cwd, 'event.json')
writeFileSync(GITHUB_EVENT_PATH, '{"repository": {"default_branch": "main"}}')

const ON_MAIN = { GITHUB_REF: 'refs/heads/main', GITHUB_SHA: sha, GITHUB_EVENT_PATH }
const ON_TOPIC = { ...ON_MAIN, GITHUB_REF: 'refs/heads/topic' }
const PULL_REQUEST = { ...ON_MAIN, GITHUB_REF: 'refs/pull/7/merge', GITHUB_HEAD_REF: 'topic' }

/** The tags of a commit, and the warnings. */
async function tagsOf(raw: RawOptions, env: Readonly<Record<string, string>>) {
  const log = silentLog()
  const tags = await furtherTags(options(raw), services(log, { env, cwd }))
  return { tags, warnings: log.notices.map(({ level, message }) => `${level}: ${message}`) }
}

test('tags are made of the commit’s names from the CI service', async () => {
  expect(await tagsOf({ tags: '{{ branch }}\n{{ sha }}\nlatest' }, ON_MAIN)).toEqual({
    tags: ['main', '0123456', 'latest'],
    warnings: []
  })
})

test('the image’s own tag is not an additional tag', async () => {
  const { tags } = await tagsOf({ tags: 'stable\nlatest', 'image-tag': 'stable' }, {})
  expect(tags).toEqual(['latest'])
})

test('tags that have no value for the commit are left out, and the log names them', async () => {
  const { log, lines } = logWithLines()
  const asked = options({ tags: 'latest\npr-{{ pr }}\n{{ version }}' })
  expect(await furtherTags(asked, services(log, { env: ON_MAIN, cwd }))).toEqual(['latest'])
  expect([lines, log.notices]).toEqual([
    ["Skipped tags that have no value for this commit: 'pr-{{ pr }}', '{{ version }}'"],
    []
  ])
})

test('a notice of a pull request names each tag that a rule leaves out, and the rule', async () => {
  expect(await tagsOf({ tags: 'latest\n{{ branch }}\nmain\npr-{{ pr }}' }, PULL_REQUEST)).toEqual({
    tags: ['topic', 'pr-7'],
    warnings: [
      "notice: the tag 'latest' is left out: a pull request never gets 'latest'",
      "notice: the tag 'main' is left out: a pull request never gets the name of the default branch"
    ]
  })
})

test('a build is compared with the first tag that it gets, a pull request also with one that it does not', async () => {
  const before = (tags: string, env: Record<string, string>) =>
    tagBefore(options({ tags }), services(silentLog(), { env, cwd }))
  expect(await before('{{ version }}\nlatest\n{{ branch }}', PULL_REQUEST)).toBe('latest')
  expect(await before('{{ branch }}\nlatest', PULL_REQUEST)).toBe('topic')
  expect(await before('latest\n{{ branch }}', ON_TOPIC)).toBe('topic')
  expect(await before('latest\n{{ branch }}', ON_MAIN)).toBe('latest')
  expect(await before('', ON_MAIN)).toBeUndefined()
})

test('the option default-branch wins over the CI service', async () => {
  const raw = { tags: 'latest', 'default-branch': 'topic' }
  expect((await tagsOf(raw, ON_TOPIC)).tags).toEqual(['latest'])
  expect((await tagsOf(raw, ON_MAIN)).tags).toEqual([])
})

test('an image-tag that tags would leave out is pushed, with a warning', async () => {
  const raw = { 'image-tag': 'latest', push: 'true', 'registry-url': 'r.io' }
  expect((await tagsOf(raw, ON_TOPIC)).warnings).toEqual([
    "warning: the option image-tag pushes 'latest', although only the default branch (main) and a release get 'latest', and this is the branch topic; in the option tags it would be left out"
  ])
  expect((await tagsOf({ ...raw, push: 'false' }, ON_TOPIC)).warnings).toEqual([])
})

test('a full reference to the image is a tag, and one to another image an error', async () => {
  const raw = { push: 'true', 'registry-url': 'ghcr.io/Acme', 'image-name': 'flows' }
  const { tags } = await tagsOf({ ...raw, tags: 'ghcr.io/Acme/flows:stable' }, {})
  expect(tags).toEqual(['stable'])
  await expect(tagsOf({ ...raw, tags: 'ghcr.io/acme/jobs:stable' }, {})).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message:
      "the option 'tags' has 'ghcr.io/acme/jobs:stable', which is a tag of another image than ghcr.io/acme/flows"
  })
})
