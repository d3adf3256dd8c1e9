import { expect, test } from '@jest/globals'
import { mismatch, mismatchText } from '../../../src/deployments/value-schema.js'

const root = { definitions: { Size: { type: 'object', properties: { mb: { type: 'integer' } } } } }

test.each([
  ['x', { type: 'string' }],
  [1, { type: 'number' }],
  [1, { type: ['string', 'integer'] }],
  [{ a: 'b' }, { type: 'object', additionalProperties: { type: 'string' } }],
  ['2g', { anyOf: [{ type: 'string' }, { type: 'null' }] }],
  [{ mb: 1 }, { $ref: '#/definitions/Size' }],
  [2, { type: 'integer', minimum: 2, exclusiveMaximum: 3 }],
  ['日本', { type: 'string', minLength: 2, maxLength: 2 }],
  [null, { anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }] }],
  ['2', { minimum: 5 }],
  [{ mb: 1 }, { allOf: [{ $ref: '#/definitions/Size' }], title: 'size' }],
  ['{{ prefect.variables.size }}', { type: 'integer' }],
  [[1], {}],
  ['any', true]
])('%j fits %j', (value, schema) => {
  expect(mismatch(value, schema, { root, requires: true })).toBeUndefined()
})

test.each([
  [1, { type: 'string' }, [], 'must be text, not an integer'],
  [true, { type: 'integer' }, [], 'must be an integer, not a boolean'],
  [1.5, { type: 'integer' }, [], 'must be an integer, not a number'],
  ['x', { enum: ['a', 'b'] }, [], 'must be one of "a", "b"'],
  [1, { minimum: 2 }, [], 'must be at least 2'],
  [3, { maximum: 2 }, [], 'must be at most 2'],
  [0, { exclusiveMinimum: 0 }, [], 'must be greater than 0'],
  [1, { exclusiveMaximum: 1 }, [], 'must be less than 1'],
  ['', { minLength: 1 }, [], 'must be at least 1 characters long'],
  ['abc', { maxLength: 2 }, [], 'must be at most 2 characters long'],
  [[], { minItems: 1 }, [], 'must be a list of at least 1 items'],
  [[1, 2], { maxItems: 1 }, [], 'must be a list of at most 1 items'],
  [0, { anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }] }, [], 'must be at least 1'],
  [['a', 2], { type: 'array', items: { type: 'string' } }, ['1'], 'must be text, not an integer'],
  [{ a: 1 }, { additionalProperties: { type: 'string' } }, ['a'], 'must be text, not an integer'],
  [{ a: 1 }, { properties: {}, additionalProperties: false }, ['a'], 'is not allowed there'],
  [
    1,
    { anyOf: [{ type: 'string' }, { type: 'null' }] },
    [],
    'must be text or null, not an integer'
  ],
  [
    {},
    { anyOf: [{ type: 'null' }, { required: ['mb'] }] },
    [],
    "has no field 'mb', which it needs"
  ],
  [{ mb: 'x' }, { $ref: '#/definitions/Size' }, ['mb'], 'must be an integer, not text'],
  [
    { mb: 'x' },
    { anyOf: [{ type: 'string' }, { $ref: '#/definitions/Size' }] },
    ['mb'],
    'must be an integer, not text'
  ]
])('%j does not fit %j', (value, schema, path, why) => {
  const found = mismatch(value, schema, { root, requires: true })
  expect(found && [found.path, mismatchText(found)]).toEqual([path, why])
})

test('a schema that refers to itself ends', () => {
  const loop = { definitions: { A: { $ref: '#/definitions/A' } } }
  const nested = { definitions: { A: { properties: { a: { $ref: '#/definitions/A' } } } } }
  const ring: Record<string, unknown> = {}
  expect(
    mismatch({ a: { a: 1 } }, { $ref: '#/definitions/A' }, { root: nested, requires: true })
  ).toBeUndefined()
  expect(
    mismatch(ring, { $ref: '#/definitions/A' }, { root: loop, requires: true })
  ).toBeUndefined()
})

test('fields that are required may be missing if another side can give them', () => {
  expect(mismatch({}, { required: ['mb'] }, { root, requires: false })).toBeUndefined()
})
