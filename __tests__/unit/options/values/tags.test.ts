import { expect, test } from '@jest/globals'
import { resolveTags, tagProblems } from '../../../../src/options/values/tags.js'

test('templates become valid tags without duplicates, and those without a value are skipped', () => {
  const commit = { branch: 'feature/Ü x', sha: '0123456789abcdef', version: '1.2.3+4' }
  expect(
    resolveTags(
      ['latest', '{{branch}}', 'pr-{{ pr }}', '{{ sha }}', 'v{{ version }}', 'latest'],
      commit
    )
  ).toEqual({
    tags: ['latest', 'feature-x', '0123456', 'v1.2.3-4'],
    left: ['pr-{{ pr }}']
  })
  expect(resolveTags(['{{ branch }}'], { branch: '...' })).toEqual({
    tags: [],
    left: ['{{ branch }}']
  })
  expect(resolveTags(['{{ branch }}'], { branch: 'x'.repeat(300) }).tags[0]).toHaveLength(128)
})

test('a template that cannot become a tag is a problem before anything runs', () => {
  expect(tagProblems('release-{{ version }}')).toEqual([])
  expect(tagProblems('{{ brnch }}')[0]).toContain("did you mean 'branch'?")
  expect(tagProblems('a b')[0]).toContain("'a b', which is not a tag")
  expect(tagProblems('-{{ sha }}')[0]).toContain('which is not a tag')
})
