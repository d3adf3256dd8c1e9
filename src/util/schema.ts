import { config, type ZodError } from 'zod'

// A schema is used once or twice in a run: compiling it takes longer than it saves.
config({ jitless: true })

// Named exports, so that the bundle omits the rest, such as zod's messages in forty languages.
export {
  array,
  boolean,
  enum,
  instanceof,
  literal,
  looseObject,
  NEVER,
  number,
  object,
  record,
  strictObject,
  string,
  union,
  unknown,
  type infer,
  type ZodType
} from 'zod'

/** Names of types in JSON, with their articles. */
const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  record: 'an object',
  object: 'an object'
}

/** What a value of JSON is, with its article: `a list`. */
export function jsonKind(value: unknown): string {
  if (value === null) return 'null'
  return KINDS[Array.isArray(value) ? 'array' : typeof value] ?? typeof value
}

/** What is wrong with a value, as a person reads it. */
export interface Fault {
  /** The path of the field, such as `default.requests.hashes`; empty for the value itself. */
  readonly field: string
  /** The end of a sentence about the field or the value, such as `must be a list, not a text`. It quotes no value. */
  readonly what: string
}

type Issue = ZodError['issues'][number]

/** The first issue of the choice that fits best: the one whose issue lies deepest. */
function deepest(choices: readonly (readonly Issue[])[]): Issue | undefined {
  const firsts = choices.flatMap(([first]) => (first === undefined ? [] : [first]))
  return firsts.reduce<Issue | undefined>(
    (best, one) => (best === undefined || one.path.length > best.path.length ? one : best),
    undefined
  )
}

function faultOf(issue: Issue, value: unknown): Fault {
  const field = issue.path.map(String).join('.')
  const best = issue.code === 'invalid_union' ? deepest(issue.errors) : undefined
  if (best !== undefined) {
    return faultOf({ ...best, path: [...issue.path, ...best.path] }, value)
  }
  if (issue.code !== 'invalid_type') return { field, what: `is not valid: ${issue.message}` }
  const found = issue.path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
    value
  )
  const wanted = KINDS[issue.expected] ?? issue.expected
  return {
    field,
    what: found === undefined ? 'is missing' : `must be ${wanted}, not ${jsonKind(found)}`
  }
}

/** All faults that a schema finds in a value. */
export const faults = (error: ZodError, value: unknown): readonly Fault[] =>
  error.issues.map(issue => faultOf(issue, value))

/** The first fault that a schema finds in a value. */
export function firstFault(error: ZodError, value: unknown): Fault {
  const [issue] = error.issues
  return issue === undefined ? { field: '', what: 'is not valid' } : faultOf(issue, value)
}

/** The first fault in a value, as a clause: `'name' is missing`, or without a field `it must be a list`. */
export function faultText(error: ZodError, value: unknown): string {
  const { field, what } = firstFault(error, value)
  return `${field === '' ? 'it' : `'${field}'`} ${what}`
}
