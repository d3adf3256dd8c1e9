import { gte } from '@renovatebot/pep440'
import type { EntrypointRelease, WorkerRelease } from '../helpers/test-bed.js'
import { flowsFor } from './kinds.js'

/** A deployment as it stands in `prefect.yaml`. */
export interface Entry {
  readonly name: string
  readonly entrypoint: string
  readonly work_pool: {
    readonly name: string
    readonly work_queue_name?: string
    readonly job_variables?: Readonly<Record<string, unknown>>
  }
  readonly [key: string]: unknown
}

const PLAIN = 'flows/functions.py:plain'

// One of several shows that they don't mix; a time zone, an anchor and a rule are what a reader can get wrong.
const CRON = { cron: '0 5 * * *', timezone: 'Europe/Berlin' }
const INTERVAL = { interval: 3600, anchor_date: '2026-01-01T00:30:00+00:00', timezone: 'UTC' }
const RRULE = { rrule: 'FREQ=WEEKLY;BYDAY=MO,WE;BYHOUR=7', timezone: 'America/New_York' }

/** One of each kind, with what an automation takes of it, with defaults, and with a value of the event. */
const triggersFor = (release: EntrypointRelease): object[] => [
  {
    name: 'after the import',
    // `prefect deploy` of 3.0 leaves it out.
    ...(gte(release, '3.4') ? { description: 'Orders have come.' } : {}),
    enabled: false,
    expect: ['prefect.flow-run.Completed'],
    match_related: { 'prefect.resource.name': 'import' },
    parameters: { day: '{{ event.occurred }}', limit: 1 },
    job_variables: { env: { LEVEL: 'debug' } }
  },
  { posture: 'Proactive', expect: ['heartbeat'], after: ['start'], within: 30, threshold: 2 },
  {
    type: 'compound',
    require: 'any',
    within: 60,
    triggers: [{ expect: ['a'] }, { type: 'event', expect: ['b'], posture: 'Reactive' }]
  },
  { type: 'sequence', within: 60, triggers: [{ expect: ['a'] }, { expect: ['b'] }] }
]

const queue = (name: string) => ({ work_pool: { name: 'docker', work_queue_name: name } })

/** Deployments with everything that an entry can have, beside those that only name a flow. */
const withSettings = (release: EntrypointRelease): Entry[] => {
  const schedules = (...list: object[]) =>
    release === '2.13.8' ? { schedule: list[0] } : { schedules: list }
  const since = <T extends object>(first: string, settings: T) =>
    gte(release, first) ? settings : {}
  return [
    {
      name: 'nightly',
      entrypoint: PLAIN,
      version: '2026.1',
      description: 'Runs at night.',
      tags: ['night', '1.0', 'Über'],
      ...schedules(CRON),
      ...queue('slow'),
      ...since('3.0', { concurrency_limit: { limit: 2, collision_strategy: 'CANCEL_NEW' } })
    },
    {
      name: 'hourly',
      entrypoint: 'flows/functions.py:by_another_name',
      version: '1',
      parameters: { day: '2026-01-31', limit: 3 },
      ...schedules(
        { ...INTERVAL, ...since('3.4', { slug: 'each-hour', parameters: { limit: 4 } }) },
        { ...CRON, active: false, ...since('3.4', { day_or: false }) },
        ...(gte(release, '3.6') ? [{ cron: '30 5 1 * *', slug: 'monthly', replaces: 'daily' }] : [])
      ),
      ...since('3.0', { triggers: triggersFor(release), concurrency_limit: 3 }),
      work_pool: { name: 'docker' }
    },
    {
      name: 'weekly',
      entrypoint: 'flows/functions.py:described',
      version: '1.0',
      enforce_parameter_schema: true,
      parameters: { text: '', number: 2, counts: { a: 1 }, size: 'large' },
      ...schedules(RRULE),
      work_pool: {
        name: 'docker',
        job_variables: { env: { LEVEL: 'debug', EMPTY: '' } }
      }
    },
    {
      name: 'loose',
      entrypoint: 'flows/functions.py:described',
      version: '1.0',
      enforce_parameter_schema: false,
      parameters: { text: 'a' },
      ...since('2.17', { paused: true, ...schedules(CRON) }),
      work_pool: { name: 'docker' }
    }
  ]
}

/** The releases whose images are built and run; the others build a folder. */
export const hasWorker = (release: EntrypointRelease): release is WorkerRelease =>
  release === '2.20.27' || release === '3.9.1'

/** Names the image that a pool of containers needs for flows in a folder. */
const withImage = (entry: Entry): Entry => ({
  ...entry,
  work_pool: {
    ...entry.work_pool,
    job_variables: { ...entry.work_pool.job_variables, image: 'acme/flows:1' }
  }
})

/** The entries of the zoo's `prefect.yaml`: one for each flow on that Python, and some with settings. */
export const entriesFor = (release: EntrypointRelease, python: string): readonly Entry[] =>
  hasWorker(release) ? entriesOf(release, python) : entriesOf(release, python).map(withImage)

const entriesOf = (release: EntrypointRelease, python: string): readonly Entry[] => [
  ...flowsFor(release, python).map(({ entrypoint }) => ({
    // Two flows of one name can't both have a deployment of one name.
    name: entrypoint.includes('same_name') ? 'other' : 'zoo',
    entrypoint,
    work_pool: { name: 'docker' }
  })),
  ...withSettings(release)
]
