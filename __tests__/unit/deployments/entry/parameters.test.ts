import { describe, expect, test } from '@jest/globals'
import {
  missingParameters,
  parameterProblems
} from '../../../../src/deployments/entry/parameters.js'
import { readYaml, type JsonObject } from '../../../../src/deployments/yaml.js'

/** As Prefect 3.9.1 describes a flow with these parameters. */
const SCHEMA: JsonObject = {
  title: 'Parameters',
  type: 'object',
  properties: {
    day: { title: 'day', type: 'string', format: 'date', position: 0 },
    limit: { title: 'limit', type: 'integer', default: 10, position: 1 },
    ratio: { title: 'ratio', type: 'number', position: 2 },
    dry: { title: 'dry', type: 'boolean', position: 3 },
    note: { title: 'note', anyOf: [{ type: 'string' }, { type: 'null' }], position: 4 },
    mode: { title: 'mode', allOf: [{ $ref: '#/definitions/Mode' }], position: 5 },
    shop: { title: 'shop', allOf: [{ $ref: '#/definitions/Shop' }], position: 6 },
    names: { title: 'names', type: 'array', items: { type: 'string' }, position: 7 },
    counts: {
      title: 'counts',
      type: 'object',
      additionalProperties: { type: 'integer' },
      position: 8
    },
    any: { title: 'any', position: 9 },
    tree: { title: 'tree', allOf: [{ $ref: '#/definitions/Tree' }], position: 10 },
    level: { title: 'level', const: 3, position: 11 },
    old: { title: 'old', type: 'string', position: 12 }
  },
  required: ['day', 'shop'],
  definitions: {
    Mode: { enum: ['fast', 'slow'], title: 'Mode', type: 'string' },
    Shop: {
      title: 'Shop',
      type: 'object',
      properties: { city: { type: 'string' }, size: { type: 'integer', default: 3 } },
      required: ['city'],
      additionalProperties: false
    },
    Tree: {
      title: 'Tree',
      type: 'object',
      properties: { next: { anyOf: [{ $ref: '#/definitions/Tree' }, { type: 'null' }] } }
    }
  }
}

const problems = (yaml: string) => {
  const node = readYaml(yaml, 'prefect.yaml')
  return node.kind === 'map' ? parameterProblems(node, SCHEMA) : []
}

test.each([
  'day: 2024-01-31',
  'limit: 5',
  'limit: 5.0',
  'ratio: 5',
  'ratio: 0.5',
  'dry: yes',
  'note: null',
  'note: x',
  'mode: fast',
  'shop: {city: Bonn}',
  'shop: {city: Bonn, size: 4}',
  'names: []',
  'names: [a, b]',
  'counts: {a: 1}',
  'any: [1, {x: y}]',
  'tree: {next: {next: null}}',
  'level: 3',
  // Pydantic 1 describes str | None = None so.
  'old: null'
])('%s fits the schema', yaml => {
  expect(problems(yaml)).toEqual([])
})

test.each([
  'limit: "{{ $LIMIT }}"',
  'shop: "{{ prefect.variables.shop }}"',
  'limit: {$ref: {block_document_id: x}}',
  'names: [a, "{{ $NAME }}"]',
  'shop: {city: "{{ $CITY }}", size: "{{ $SIZE }}"}'
])('%s has a value that Prefect fills, so its type is not checked', yaml => {
  expect(problems(yaml)).toEqual([])
})

test.each([
  ['limit: x', '\'limit\' must be an integer, and is the text "x"'],
  ['limit: 1.5', "'limit' must be an integer, and is 1.5"],
  ['limit: true', "'limit' must be an integer, and is true"],
  ['day: 5', "'day' must be text, and is 5"],
  ['dry: "yes"', "'dry' must be true or false"],
  ['note: [x]', "'note' must be text or null, and is a list"],
  ['mode: medium', '\'mode\' must be one of "fast", "slow"'],
  ['shop: Bonn', "'shop' must be a mapping"],
  ['shop: {size: 4}', "'shop' has no field 'city', which it needs"],
  ['shop: {city: Bonn, colour: red}', "'shop' has no field 'colour'"],
  ['shop: {city: Bonn, size: big}', "'shop'.size must be an integer"],
  ['names: a', "'names' must be a list"],
  ['names: [a, 5]', "'names'[1] must be text, and is 5"],
  ['counts: {a: x}', "'counts'.a must be an integer"],
  ['tree: {next: {next: 5}}', "'tree'.next"],
  ['day: null', "'day' must be text, and is null"],
  ['limit: null', "'limit' must be an integer, and is null"],
  ['level: 4', "'level' must be 3"]
])('%s does not fit', (yaml, words) => {
  expect(problems(yaml)).toMatchObject([{ isType: true }])
  expect(problems(yaml)[0]?.message).toContain(words)
})

describe('a name that the flow does not have', () => {
  test('is told with the nearest one, at its line', () => {
    expect(problems('day: x\nlimt: 5')).toMatchObject([
      {
        message: "the flow has no parameter 'limt'",
        hint: "Did you mean 'limit'?",
        place: { line: 2, column: 1 },
        isType: false
      }
    ])
  })

  test('is one, also if objects in JavaScript have it', () => {
    expect(problems('constructor: 5')[0]?.message).toBe("the flow has no parameter 'constructor'")
  })
})

test('a wrong value in a list has its own line', () => {
  expect(problems('names:\n  - a\n  - 5')[0]?.place.line).toBe(3)
})

test('required parameters that nothing gives are missing', () => {
  expect(missingParameters(['day', 'x'], SCHEMA)).toEqual(['shop'])
})
