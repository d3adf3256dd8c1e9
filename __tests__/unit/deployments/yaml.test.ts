import { describe, expect, test } from '@jest/globals'
import { jsonOf, readYaml, valueOf } from '../../../src/deployments/yaml.js'
import { failures } from '../../helpers/deployments.js'

const read = (text: string) => jsonOf(readYaml(text, 'prefect.yaml'))

// What PyYAML 6.0.3 reads.
test.each([
  ['yes', true],
  ['OFF', false],
  ['tRue', 'tRue'],
  ['y', 'y'],
  ['Null', null],
  ['~', null],
  ['', null],
  ['"1.0"', '1.0'],
  ["'yes'", 'yes'],
  ['1.10', 1.1],
  ['+1', 1],
  ['08', '08'],
  ['012', 10],
  ['0o7', '0o7'],
  ['0b11', 3],
  ['0x1F', 31],
  ['1_000', 1000],
  ['1:30', 90],
  ['01:30', '01:30'],
  ['1:30:15', 5415],
  ['1.', 1],
  ['.5', 0.5],
  ['-.5', '-.5'],
  ['1e3', '1e3'],
  ['1.0e3', '1.0e3'],
  ['1.0e+3', 1000],
  ['-.inf', -Infinity],
  ['2024-01-31', '2024-01-31'],
  ['0 5 * * *', '0 5 * * *'],
  ['!!str 5', '5'],
  ['!!int "5"', 5]
])('a value %s is read as PyYAML reads it', (text, value) => {
  expect(read(`a: ${text}`)).toEqual({ a: value })
})

test('not a number stays what it is', () => {
  expect(read('a: .nan')).toEqual({ a: NaN })
})

test('aliases and merged mappings are resolved, and an own key wins', () => {
  expect(
    read(
      'x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz:\n  c: 5\n  <<: [*x, *y]\nlist: &l [1]\nsame: *l'
    )
  ).toEqual({
    x: { a: 1, b: 2 },
    y: { b: 3, c: 4 },
    z: { a: 1, b: 2, c: 5 },
    list: [1],
    same: [1]
  })
})

test('a value has the line and the column that it stands at, also behind an alias', () => {
  const root = readYaml(
    'pool: &pool\n  name: docker\ndeployments:\n  - work_pool: *pool\n',
    'f.yaml'
  )
  const deployments = valueOf(root, 'deployments')
  const [entry] = deployments?.kind === 'list' ? deployments.items : []
  expect(entry?.place).toEqual({ file: 'f.yaml', line: 4, column: 5 })
  expect(valueOf(valueOf(entry, 'work_pool'), 'name')?.place).toEqual({
    file: 'f.yaml',
    line: 2,
    column: 9
  })
})

test('an entry knows whether an anchor stands in it', () => {
  const root = readYaml('a: {b: &x 1}\nc: *x\nd: 2', 'f')
  expect(root.kind === 'map' && [...root.entries.values()].map(one => one.anchored)).toEqual([
    true,
    false,
    false
  ])
})

test.each(['', '# nothing\n'])('a file without a value is null: %j', text => {
  expect(read(text)).toBeNull()
})

describe('a text that Prefect could not read is an error with line and column', () => {
  test.each([
    ['cron: @daily', 1, 7, 'reserved character @'],
    ['a: b: c', 1, 4, 'Nested mappings'],
    ['a:\n\t- x', 2, 1, 'Tabs are not allowed'],
    ['a: {x: 1', 1, 9, 'must be sufficiently indented'],
    ['a: *x', 1, 4, "there is no anchor 'x' before it"],
    ['a: &x [*x]', 1, 8, 'stands in its own anchor'],
    ['a: 1\n---\nb: 2', 2, 1, 'several documents'],
    ['a: 1\nb: 2\na: 3', 3, 1, 'the same key stands twice'],
    ['a: !foo 1', 1, 9, "the tag '!foo'"],
    ['? [x]\n: 1', 1, 3, 'a key must be a text'],
    ['a: {{ $STAGE }}', 1, 5, 'a key must be a text'],
    ['<<: 3', 1, 5, 'only mappings can be merged']
  ])('%j', (text, line, column, words) => {
    const [failure] = failures(() => read(text))
    expect(failure?.text).toContain(
      `PREFECT_FILE prefect.yaml:${line} prefect.yaml is not valid YAML at line ${line}, column ${column}: `
    )
    expect(failure?.text).toContain(words)
  })

  test('aliases that make a huge value', () => {
    const levels = Array.from(
      { length: 9 },
      (_, level) =>
        `a${level}: &a${level} [${Array(9)
          .fill(level === 0 ? 'x' : `*a${level - 1}`)
          .join()}]`
    )
    expect(failures(() => read(levels.join('\n')))[0]?.text).toContain('its aliases make more than')
  })
})
