import { describe, expect, test } from '@jest/globals'
import { rulesFor } from '../../src/prefect/releases.js'
import { testBed, type EntrypointRelease } from '../helpers/test-bed.js'
import { hasWorker, observe, type Observed, type Run } from './observe-entrypoints.js'
import { byName } from './records.js'
import { pageAndResults } from './results.js'
import { entriesFor } from './entries.js'
import { flowsFor, KINDS, loads, RELEASES } from './kinds.js'

const CHECKS = [
  'found',
  'described',
  'prefect.yaml',
  'registered',
  'runs by tag',
  'runs by digest'
] as const
type Check = (typeof CHECKS)[number]

const TITLES: Record<Check, string> = {
  found: 'the flows are those that Prefect loads by their entrypoints, and can run',
  described: 'versions, settings and parameters are those that Prefect gives',
  'prefect.yaml': '`prefect deploy` registers the same from the file that is written',
  registered: '`flowstore deploy` registers the same as `prefect deploy`',
  'runs by tag': 'the worker of Prefect runs each flow in the image, by its tag',
  'runs by digest': 'the worker of Prefect runs flows in the image, by its digest'
}

/** A row of docs/compatibility.md: true for a check that passed, else why it was not made. */
interface Row {
  readonly release: string
  readonly python: string
  readonly pythons: readonly string[]
  readonly pins: readonly string[]
  readonly flows: number
  readonly checks: Partial<Record<Check, true | string>>
}

// The last release waits for all others.
const MINUTES = 20 * 60_000

const bed = testBed()
const missingPart = (release: EntrypointRelease): string | undefined =>
  [
    ...[`venv:${release}` as const],
    ...(hasWorker(release)
      ? (['docker', 'registry', `prefect:${release}`, `worker:${release}`] as const)
      : [])
  ].find(part => bed.skipped[part] !== undefined)

// One after the other: a server, a build and a worker keep the processors busy.
let last: Promise<unknown> = Promise.resolve()
const started = RELEASES.map(release => {
  const missing = missingPart(release)
  if (missing !== undefined && process.env['CI']) throw new Error(`no ${missing}`)
  const observed = last.then(() => (missing === undefined ? observe(release, bed) : undefined))
  // The tests report a failure, but may wait for it later.
  last = observed.catch(() => undefined)
  return { release, missing, observed }
})

const entrypointsOf = (list: readonly { readonly entrypoint: string }[]) =>
  // Both forms of a module path name the same.
  list.map(({ entrypoint }) => entrypoint.replace(/^([\w.]+)\.(\w+)$/, '$1:$2')).sort()

const expectRuns = ({ runs }: Observed, by: Run['by'], least: number) => {
  const ended = runs.filter(run => run.by === by)
  expect(ended.filter(({ state }) => state.type !== 'COMPLETED')).toEqual([])
  expect(ended.length).toBeGreaterThanOrEqual(least)
}

const COMPARE: Record<Check, (seen: Observed, release: EntrypointRelease) => void> = {
  found: ({ document }, release) => {
    expect(entrypointsOf(document.flows)).toEqual(entrypointsOf(flowsFor(release)))
  },
  described: ({ document, entrypoints }) => {
    for (const { entrypoint, module, line, key, ...details } of document.flows) {
      expect([entrypoint, { flow: details }]).toEqual([entrypoint, entrypoints[entrypoint]])
      expect([typeof module, typeof line, typeof key]).toEqual(['string', 'number', 'string'])
    }
  },
  'prefect.yaml': ({ records }) => {
    expect(byName(records.written)).toEqual(byName(records.prefects))
  },
  registered: ({ records }) => {
    expect(byName(records.ours)).toEqual(byName(records.prefects))
  },
  'runs by tag': (seen, release) => {
    expectRuns(seen, 'tag', flowsFor(release).length)
  },
  'runs by digest': seen => {
    expectRuns(seen, 'digest', 4)
  }
}

const rows = new Map<string, Row>()

describe.each(started)('Prefect $release', ({ release, missing, observed }) => {
  const check = missing === undefined ? test : test.skip
  const checks: Row['checks'] = {}
  const seenOf = async (): Promise<Observed> => {
    const seen = await observed
    if (seen === undefined) throw new Error('not seen')
    return seen
  }

  check(
    'the release is installed as the table says',
    async () => {
      const { versions, document } = await seenOf()
      const { pythons, pins } = rulesFor(release)
      expect(versions.prefect).toBe(release)
      expect(pythons).toContain(versions.python)
      const flows = document.flows.length
      rows.set(release, { release, python: versions.python, pythons, pins, flows, checks })
    },
    MINUTES
  )

  check(
    'it loads each kind of entrypoint that the zoo says it does',
    async () => {
      const { entrypoints } = await seenOf()
      const [loaded, said] = [
        entrypoints,
        KINDS.map(kind => [kind.entrypoint, loads(kind, release)])
      ]
      expect(Object.entries(loaded).map(([name, answer]) => [name, 'flow' in answer])).toEqual(said)
      for (const { entrypoint, name } of KINDS) {
        const answer = loaded[entrypoint]
        if (name && answer && 'flow' in answer) expect(answer.flow.name).toBe(name)
      }
    },
    MINUTES
  )

  check(
    'its own command registers what the file says',
    async () => {
      const { records, document } = await seenOf()
      const entries = entriesFor(release)
      expect(records.prefects).toHaveLength(entries.length)
      for (const entry of entries) {
        const record = records.prefects.find(
          ({ name, entrypoint }) => name === entry.name && entrypoint === entry.entrypoint
        )
        const variables = record?.['job_variables'] ?? record?.['infra_overrides']
        expect(record).toMatchObject({
          work_pool_name: 'docker',
          pull_steps: [
            { 'prefect.deployments.steps.set_working_directory': { directory: document.path } }
          ],
          tags: entry['tags'] ?? [],
          parameters: entry['parameters'] ?? {}
        })
        expect(variables).toEqual({
          ...entry.work_pool.job_variables,
          ...(document.image === null ? {} : { image: document.image })
        })
      }
    },
    MINUTES
  )

  for (const name of CHECKS) {
    if (name.startsWith('runs') && !hasWorker(release)) {
      checks[name] = 'runs are tried with the newest release of 2 and of 3'
      continue
    }
    check(
      TITLES[name],
      async () => {
        COMPARE[name](await seenOf(), release)
        checks[name] = true
      },
      MINUTES
    )
  }
})

describe('the compatibility table', () => {
  const check = started.some(({ missing }) => missing !== undefined) ? test.skip : test

  check('docs/compatibility.md is up to date (else: npm run docs:compatibility)', () => {
    expect([...rows.keys()]).toEqual(RELEASES)
    const [page, results] = pageAndResults('entrypoint', [...rows.values()])
    expect(page).toBe(results)
  })
})
