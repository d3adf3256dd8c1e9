import { expect, test } from '@jest/globals'
import { furtherTags } from '../../../../src/build/store/tags.js'
import { silentLog } from '../../../../src/log.js'
import { logWithLines, options, services } from '../../../helpers/stages.js'

const ON_MAIN = { GITHUB_REF: 'refs/heads/main', GITHUB_SHA: '0123456789abcdef' }

test('tags are made of the commit’s names from the CI service', () => {
  const asked = options({ tags: '{{ branch }}\n{{ sha }}\nlatest' })
  const tags = furtherTags(asked, services(silentLog(), { env: ON_MAIN }))
  expect(tags).toEqual(['main', '0123456', 'latest'])
})

test('the image’s own tag is not an additional tag', () => {
  const asked = options({ tags: 'stable\nlatest', 'image-tag': 'stable' })
  expect(furtherTags(asked, services())).toEqual(['latest'])
})

test('tags that have no value for the commit are left out, and the log names them', () => {
  const { log, lines } = logWithLines()
  const asked = options({ tags: 'latest\npr-{{ pr }}\n{{ version }}' })
  expect(furtherTags(asked, services(log, { env: ON_MAIN }))).toEqual(['latest'])
  expect(lines).toEqual([
    "Skipped tags that have no value for this commit: 'pr-{{ pr }}', '{{ version }}'"
  ])
})
