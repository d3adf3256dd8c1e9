import { explain, gte } from '@renovatebot/pep440'

/** A release, and the facts that are new in it. */
export type Change<T> = readonly [since: string, facts: T]

/** The facts of a release: those of each row that is not of a later one. */
export function rowOf<Row>(
  table: readonly [Change<Row>, ...Change<Partial<Row>>[]],
  release: string
): Row {
  const changes = table.filter(([since]) => gte(release, since)).map(([, facts]) => facts)
  return Object.assign({}, ...changes) as Row
}

/** The releases of minor releases, each from its first patch to its last. */
export const patches = (
  minors: readonly (readonly [minor: string, first: number, last: number])[]
): readonly string[] =>
  minors.flatMap(([minor, first, last]) =>
    Array.from({ length: last - first + 1 }, (_, index) => `${minor}.${first + index}`)
  )

/** A release in the form that a table compares; undefined for a text that is not a release. */
export function comparable(release: string): string | undefined {
  const { base_version: base, local } = explain(release) ?? {}
  // A pre-release has the rules of its release; a checkout comes after the release that it is based on.
  return local ? `${base ?? ''}+${local}` : base
}
