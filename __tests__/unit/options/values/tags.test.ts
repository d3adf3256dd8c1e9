import { expect, test } from '@jest/globals'
import { ownTags, resolveTags, tagProblems } from '../../../../src/options/values/tags.js'

test('templates become valid tags without duplicates, and those without a value are skipped', () => {
  const commit = { branch: 'feature/Ü x', sha: '0123456789abcdef', tag: 'v1.2.3+4' }
  expect(
    resolveTags(
      ['latest', '{{branch}}', 'pr-{{ pr }}', '{{ sha }}', 'v{{ version }}', 'latest'],
      commit
    )
  ).toEqual({
    tags: ['latest', 'feature-x', '0123456', 'v1.2.3-4'],
    withoutValue: ['pr-{{ pr }}'],
    leftOut: []
  })
  expect(resolveTags(['{{ branch }}'], { branch: '...' })).toMatchObject({
    tags: [],
    withoutValue: ['{{ branch }}']
  })
  expect(resolveTags(['{{ branch }}'], { branch: 'x'.repeat(300) }).tags[0]).toHaveLength(128)
})

test('major and minor are the numbers of a version', () => {
  const templates = ['{{ major }}', 'v{{ major }}.{{ minor }}']
  expect(resolveTags(templates, { tag: 'v1.4.2' }).tags).toEqual(['1', 'v1.4'])
  expect(resolveTags(templates, { tag: 'v1' })).toMatchObject({
    tags: ['1'],
    withoutValue: ['v{{ major }}.{{ minor }}']
  })
  expect(resolveTags(templates, { tag: 'nightly' }).withoutValue).toEqual(templates)
})

test.each([{ tag: 'v2.0.0-rc.1' }, { tag: 'v2.0.0', isPrerelease: true }])(
  'a pre-release, %j, gets no tag of major or minor',
  commit => {
    const { tags, leftOut } = resolveTags(['{{ version }}', '{{ major }}.{{ minor }}'], commit)
    expect(tags).toEqual([commit.tag.slice(1)])
    expect(leftOut).toEqual([
      expect.objectContaining({
        name: '2.0',
        rule: `a pre-release such as ${commit.tag} gets no tag of {{ major }} or {{ minor }}`
      })
    ])
  }
)

test('the number of a pull request and its source branch are values', () => {
  const commit = { branch: 'topic', pullRequest: { number: '12', target: 'main' } }
  expect(resolveTags(['{{ branch }}', 'pr-{{ pr }}'], commit).tags).toEqual(['topic', 'pr-12'])
})

test('a rule applies to the tag that a template becomes', () => {
  const commit = { branch: 'main', defaultBranch: 'main', pullRequest: { number: '1', target: '' } }
  expect(resolveTags(['{{ branch }}'], commit)).toMatchObject({
    tags: [],
    leftOut: [{ name: 'main' }]
  })
})

test('a template that cannot become a tag is a problem before anything runs', () => {
  expect(tagProblems('release-{{ version }}')).toEqual([])
  expect(tagProblems('{{ brnch }}')[0]).toContain("did you mean 'branch'?")
  expect(tagProblems('a b')[0]).toContain("'a b', which is not a tag")
  expect(tagProblems('-{{ sha }}')[0]).toContain('which is not a tag')
})

test('minor without major is a problem, since it is one number', () => {
  expect(tagProblems('{{ minor }}')).toEqual([
    "has '{{ minor }}', which is '4' for the version 1.4.2: write {{ major }}.{{ minor }} for '1.4'"
  ])
})

test.each(['ghcr.io/acme/flows:main', 'localhost:5000/flows:{{ sha }}', 'Acme/flows:v{{version}}'])(
  'the full reference %s is a template',
  template => {
    expect(tagProblems(template)).toEqual([])
  }
)

test.each(['localhost:5000/flows', 'ghcr.io/acme/flows', 'a b:main', ':main', 'a@sha256:1'])(
  '%s is neither a tag nor a full reference',
  template => {
    expect(tagProblems(template)[0]).toContain('which is not a tag')
  }
)

test('a full reference counts if it names the image, in upper or lower case', () => {
  const templates = ['ghcr.io/Acme/flows:main', 'latest', 'ghcr.io/acme/flows:{{ sha }}']
  expect(ownTags(templates, 'ghcr.io/acme/flows')).toEqual({
    templates: ['main', 'latest', '{{ sha }}'],
    problems: []
  })
  expect(ownTags(['docker.io/acme/flows:a'], 'acme/flows').problems).toEqual([])
  expect(ownTags(['localhost:5000/flows:a'], 'localhost:5000/flows').templates).toEqual(['a'])
})

test.each(['docker.io/acme/flows:main', 'ghcr.io/acme/other:main', 'flows:main'])(
  'the reference %s to another image is a problem',
  template => {
    expect(ownTags([template], 'ghcr.io/acme/flows').problems).toEqual([
      `has '${template}', which is a tag of another image than ghcr.io/acme/flows`
    ])
  }
)
