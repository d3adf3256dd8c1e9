import { describe, expect, test } from '@jest/globals'
import { testBed, type EntrypointRelease } from '../helpers/test-bed.js'
import {
  observe,
  RUNS_EACH_BY_DIGEST,
  runsByDigest,
  type Observed,
  type Run
} from './observe-entrypoints.js'
import { byName } from './records.js'
import {
  releaseRow,
  seenLater,
  testChecks,
  testPage,
  type Checked,
  type ReleaseRow
} from './results.js'
import { entriesFor, hasWorker } from './entries.js'
import { flowsFor, KINDS, loads, RELEASES } from './kinds.js'
import { failures, leftOut } from './told.js'

const TITLES = {
  found: 'the flows are those that Prefect loads by their entrypoints, and can run',
  described: 'versions, settings and parameters are those that Prefect gives',
  told: 'flows that are left out, and modules that do not load, are told with line and reason',
  'prefect.yaml': '`prefect deploy` registers the same from the file that is written',
  registered: '`flowstore deploy` registers the same as `prefect deploy`',
  'runs by tag': 'the worker of Prefect runs each flow in the image, by its tag',
  'runs by digest': 'the worker of Prefect runs flows in the image, by its digest'
}
type Check = keyof typeof TITLES

/** A row of docs/compatibility.md. */
interface Row extends ReleaseRow {
  readonly flows: number
  readonly checks: Checked<Check>
}

// The last release waits for all others, and each flow may be run a second time.
const MINUTES = (RUNS_EACH_BY_DIGEST ? 60 : 20) * 60_000

const bed = testBed()
const missingPart = (release: EntrypointRelease): string | undefined =>
  [
    ...[`venv:${release}` as const],
    ...(hasWorker(release)
      ? (['docker', 'registry', `prefect:${release}`, `worker:${release}`] as const)
      : [])
  ].find(part => bed.skipped[part] !== undefined)

// Two at a time: one with a worker, which is the longer part, and one without.
const last = { worker: Promise.resolve(), none: Promise.resolve() }
const started = RELEASES.map(release => {
  const missing = missingPart(release)
  if (missing !== undefined && process.env['CI']) throw new Error(`no ${missing}`)
  const row = hasWorker(release) ? 'worker' : 'none'
  const observed = last[row].then(() => (missing === undefined ? observe(release, bed) : undefined))
  last[row] = observed.then(
    () => undefined,
    () => undefined
  )
  return { release, missing, seenOf: seenLater(observed) }
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
  found: ({ document, versions }, release) => {
    expect(entrypointsOf(document.flows)).toEqual(entrypointsOf(flowsFor(release, versions.python)))
  },
  described: ({ document, entrypoints }) => {
    for (const { entrypoint, module, line, key, ...details } of document.flows) {
      expect([entrypoint, { flow: details }]).toEqual([entrypoint, entrypoints[entrypoint]])
      expect([typeof module, typeof line, typeof key]).toEqual(['string', 'number', 'string'])
    }
  },
  told: ({ told, versions: { python } }, release) => {
    expect(told.leftOut).toEqual(leftOut(release, python))
    expect(told.failures).toEqual(failures(release, python))
  },
  'prefect.yaml': ({ records }) => {
    expect(byName(records.written)).toEqual(byName(records.prefects))
  },
  registered: ({ records }) => {
    expect(byName(records.ours)).toEqual(byName(records.prefects))
  },
  'runs by tag': (seen, release) => {
    expectRuns(seen, 'tag', flowsFor(release, seen.versions.python).length)
  },
  'runs by digest': (seen, release) => {
    const flows = flowsFor(release, seen.versions.python)
    expectRuns(seen, 'digest', flows.filter(({ name = '' }) => runsByDigest(name)).length)
  }
}

const rows = new Map<string, Row>()

describe.each(started)('Prefect $release', ({ release, missing, seenOf }) => {
  const check = missing === undefined ? test : test.skip

  check(
    'the release is installed as the table says',
    async () => {
      const { versions, document } = await seenOf()
      expect(versions.prefect).toBe(release)
      const flows = document.flows.length
      rows.set(release, { ...releaseRow(release, versions.python), flows, checks })
    },
    MINUTES
  )

  check(
    'it loads each kind of entrypoint that the zoo says it does',
    async () => {
      const { entrypoints, versions } = await seenOf()
      const [loaded, said] = [
        entrypoints,
        KINDS.map(kind => [kind.entrypoint, loads(kind, release, versions.python)])
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
      const { records, document, versions } = await seenOf()
      const entries = entriesFor(release, versions.python)
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
          parameters: entry['parameters'] ?? {},
          ...('paused' in entry ? { paused: entry['paused'] } : {})
        })
        const automations = (record?.['automations'] ?? []) as unknown[]
        expect(automations).toHaveLength(((entry['triggers'] ?? []) as unknown[]).length)
        expect(variables).toEqual({
          ...entry.work_pool.job_variables,
          ...(document.image === null ? {} : { image: document.image })
        })
      }
    },
    MINUTES
  )

  const checks = testChecks<Check>(
    TITLES,
    check,
    name =>
      name.startsWith('runs') && !hasWorker(release)
        ? 'runs are tried with the newest release of 2 and of 3'
        : undefined,
    async name => {
      COMPARE[name](await seenOf(), release)
    },
    MINUTES
  )
})

const isWhole = started.every(({ missing }) => missing === undefined)
testPage('entrypoint', RELEASES, rows, isWhole)
