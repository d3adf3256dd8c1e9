import { readFileSync } from 'node:fs'

/** The releases whose storages were recorded, by running them. */
export const GOLDEN_RELEASES = ['0.5.4', '0.9.8', '0.14.22', '1.4.1']

/** One call of a real Prefect: what it was given, and what it gave or raised. */
export interface GoldenRow<I, O> {
  readonly case: string
  readonly input: I
  readonly output?: O
  readonly error?: { readonly type: string; readonly message: string }
}

/** The recordings of a release. */
export const golden = <I, O = unknown>(release: string): GoldenRow<I, O>[] =>
  JSON.parse(readFileSync(`__tests__/golden/${release}.json`, 'utf8')) as GoldenRow<I, O>[]

/** The slug that Prefect gives each recorded flow name. */
export const goldenSlugs = (release: string): ReadonlyMap<string, string> =>
  new Map(
    golden<{ name?: string }, string>(release).flatMap(row =>
      row.case === 'slugify' ? [[row.input.name ?? '', row.output ?? ''] as const] : []
    )
  )
