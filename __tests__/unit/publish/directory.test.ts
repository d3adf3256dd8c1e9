import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { FlowstoreError } from '../../../src/errors.js'
import { publishBuild, type Upload } from '../../../src/publish/directory.js'
import { OutputFolder } from '../../../src/publish/output-folder.js'
import type { Build } from '../../../src/report.js'
import { temporaryFolder } from '../../helpers/flowstore.js'
import { buildOf } from '../../helpers/builds-to-publish.js'

const ARTIFACT = { name: 'storage', id: '7', url: 'https://ci.test/7' }

/** Publishes a build into a folder with an earlier result, and notes each step with what the folder has then. */
async function publishing(parts: Partial<Build>, upload?: Upload) {
  const directory = temporaryFolder()
  writeFileSync(join(directory, 'storage.json'), 'earlier')
  const steps: string[] = []
  const note = (step: string): void => {
    const isEarlier = readFileSync(join(directory, 'storage.json'), 'utf8') === 'earlier'
    const hasDrafts = readdirSync(directory).some(name => name.startsWith('.draft'))
    steps.push(`${step}${isEarlier ? ', earlier result' : ''}${hasDrafts ? ', drafts' : ''}`)
  }
  const noting =
    <T>(step: string, value: T) =>
    (): Promise<T> => {
      note(step)
      return Promise.resolve(value)
    }
  const build: Build = {
    ...buildOf(),
    moveTags: noting('tags', undefined),
    discard: noting('discard', { putBack: [], remains: [] }),
    keep: () => {
      note('keep')
    },
    ...parts
  }
  const folder = await OutputFolder.open(directory)
  const published = publishBuild(build, folder, upload ?? noting('artifact', ARTIFACT))
  return { steps, published, directory, note }
}

test('tags move after the files are drafted and the artifact is uploaded, before files are replaced', async () => {
  const { steps, published, directory } = await publishing({})
  await published
  expect(steps).toEqual([
    'artifact, earlier result, drafts',
    'tags, earlier result, drafts',
    'keep'
  ])
  expect(readdirSync(directory).sort()).toEqual(['report.json', 'storage.json'])
})

const refused = () => Promise.reject(new FlowstoreError('PUSH_REFUSED', 'the tag does not move'))

test('a failure of the tags names the artifact, which stays, and what else remains', async () => {
  const discard = () => Promise.resolve({ putBack: ['r/a:k'], remains: ['r/a:v2'] })
  const { published, directory } = await publishing({ moveTags: refused, discard })
  await expect(published).rejects.toMatchObject({
    code: 'PUSH_REFUSED',
    message:
      "the tag does not move. This was put back: r/a:k. This remains: the artifact 'storage' of this run, which is uploaded; r/a:v2"
  })
  expect(readFileSync(join(directory, 'storage.json'), 'utf8')).toBe('earlier')
})

test('a failure of the artifact moves no tag, and names no artifact', async () => {
  const failed = new FlowstoreError('WRITE_FAILED', 'no artifact')
  const { steps, published } = await publishing({}, () => Promise.reject(failed))
  await expect(published).rejects.toMatchObject({ message: 'no artifact' })
  expect(steps).toEqual(['discard, earlier result'])
})

test('what a build has replaced is removed only once its result is in its place', async () => {
  const { steps, published, directory } = await publishing({ moveTags: refused })
  await expect(published).rejects.toThrow()
  expect(steps).toEqual(['artifact, earlier result, drafts', 'discard, earlier result'])
  expect(existsSync(join(directory, '.complete'))).toBe(false)
})
