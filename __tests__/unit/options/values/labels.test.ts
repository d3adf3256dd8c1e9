import { expect, test } from '@jest/globals'
import { parseAnnotations, parseLabels } from '../../../../src/options/values/labels.js'

const NONE = { manifest: {}, index: {}, descriptor: {} }

test('the labels of docker/metadata-action are read as they are', () => {
  const text = [
    'org.opencontainers.image.title=flows',
    'org.opencontainers.image.description=Flows, nightly: "all" of them = many',
    'org.opencontainers.image.created=2026-01-02T03:04:05.678Z',
    'org.opencontainers.image.licenses='
  ].join('\n')
  expect(parseLabels(text)).toEqual({
    labels: {
      'org.opencontainers.image.title': 'flows',
      'org.opencontainers.image.description': 'Flows, nightly: "all" of them = many',
      'org.opencontainers.image.created': '2026-01-02T03:04:05.678Z',
      'org.opencontainers.image.licenses': ''
    },
    problems: []
  })
})

test('of two labels with one key, the last one counts', () => {
  expect(parseLabels('team=a\nteam=b').labels).toEqual({ team: 'b' })
})

test('a line without a key is a problem, which does not show the value', () => {
  expect(parseLabels('=secret\nteam').problems).toEqual([
    "has a line that is not KEY=VALUE: ''",
    "has a line that is not KEY=VALUE: 'team'"
  ])
})

test.each([parseLabels, parseAnnotations])(
  'nobody else sets a label or an annotation of flowstore',
  parse => {
    expect(parse('io.flowstore.key=1').problems).toEqual([
      "sets io.flowstore.key: names that begin with io.flowstore. are flowstore's own"
    ])
  }
)

test('annotations of docker/metadata-action name their levels', () => {
  const text = [
    'manifest:a.b=1',
    'index:a.b=2: x',
    'manifest,index:c=3',
    'manifest-descriptor:d=4'
  ].join('\n')
  expect(parseAnnotations(text)).toEqual({
    annotations: {
      manifest: { 'a.b': '1', c: '3' },
      index: { 'a.b': '2: x', c: '3' },
      descriptor: { d: '4' }
    },
    problems: []
  })
})

test('an annotation without a level is for the manifest and the index', () => {
  expect(parseAnnotations('org.example/url=https://example.org:1').annotations).toEqual({
    ...NONE,
    manifest: { 'org.example/url': 'https://example.org:1' },
    index: { 'org.example/url': 'https://example.org:1' }
  })
})

test.each(['index-descriptor:a=1', 'manifest[linux/amd64]:a=1', 'manifests:a=1'])(
  'the level of %s has no place in a registry',
  line => {
    const { problems } = parseAnnotations(line)
    expect(problems).toEqual([
      `has the level '${line.split(':')[0] ?? ''}'; the levels are manifest, index, manifest-descriptor, without a platform`
    ])
  }
)
