import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { writeYaml } from '../../../src/deployments/write-yaml.js'
import { jsonOf, readYaml } from '../../../src/deployments/yaml.js'

const TEXTS = [
  'yes',
  'null',
  '~',
  '',
  '1.0',
  '01:30',
  '1:30',
  '0 5 * * *',
  'a: b',
  '# no comment',
  '- a',
  '*a',
  '{{ $STAGE }}',
  'two\nlines',
  'two\nlines\n',
  'x\n  y\nz',
  '  first\nsecond',
  'end\n\n',
  'trailing \nspace',
  'tab\t\nx',
  'a\r\nb',
  '---\nb',
  'Köln 😀',
  'a\u2028b\u0085c\ufeff\u007f\u0001',
  '2024-01-31',
  `${'long '.repeat(60)}line`
]

test.each(TEXTS)(
  'the text %j is the same for YAML 1.1 as PyYAML reads it, and for YAML 1.2',
  text => {
    const value = { text, list: [text], inner: { [text]: text } }
    const written = writeYaml(value)
    expect(jsonOf(readYaml(written, 'f'))).toEqual(value)
    expect(parse(written)).toEqual(value)
  }
)

test.each([0, -1, 1.5, 1e21, 1e-7, -1.5e-9, true, false, null, [], {}])(
  '%j stays what it is',
  value => {
    const written = writeYaml({ value })
    expect(jsonOf(readYaml(written, 'f'))).toEqual({ value })
    expect(parse(written)).toEqual({ value })
  }
)

test('a value that stands twice is written twice, without an anchor', () => {
  const shared = { name: 'docker' }
  expect(writeYaml({ one: shared, other: shared })).toBe(
    'one:\n  name: "docker"\nother:\n  name: "docker"\n'
  )
})

test('a text of several lines is a block', () => {
  expect(writeYaml({ description: 'One\n  two\n' })).toBe('description: |\n  One\n    two\n')
})
