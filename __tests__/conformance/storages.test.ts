import { describe, expect, test } from '@jest/globals'
import { requirementsOf } from '../../src/packages/requirements.js'
import type { PrefectRules } from '../../src/prefect/generation.js'
import { rulesFor } from '../../src/prefect/releases.js'
import type { StorageKind } from '../../src/prefect/storage-kinds.js'
import type { SerializedStorage } from '../../src/storage/storage.js'
import { prefectPython } from '../helpers/pythons.js'
import { observe, type FlowSeen, type Observed, type Outcome, type StorageSeen } from './observe.js'
import {
  releaseRow,
  seenLater,
  testChecks,
  testPage,
  type Checked,
  type ReleaseRow
} from './results.js'

/** Each release with a Python that it was made for. */
const RELEASES = {
  '0.5.4': '3.7',
  '0.5.5': '3.7',
  '0.6.7': '3.7',
  '0.7.3': '3.7',
  '0.9.8': '3.7',
  '0.12.6': '3.8',
  '0.14.22': '3.9',
  '0.15.13': '3.9',
  '1.0.0': '3.10',
  '1.4.1': '3.10'
}

const TITLES = {
  json: 'the JSON is the one that Prefect writes',
  locations: 'the locations are those of Prefect',
  'file format': 'the files have the format of Prefect’s',
  errors: 'the errors are those of Prefect',
  'reads back': 'Prefect reads the JSON',
  healthcheck: 'the healthcheck of Prefect passes',
  runs: 'Prefect runs every flow'
}
type Check = keyof typeof TITLES

/** A row of docs/compatibility.md. */
interface Row extends ReleaseRow {
  readonly storages: Record<StorageKind, Checked<Check>>
}

/** Why a check can't be made for a release; undefined if it can. */
function absent(storage: StorageKind, check: Check, rules: PrefectRules): string | undefined {
  if (!rules.storages[storage].readable) return `this release has no such class (gone in 0.11.0)`
  if (storage === 'memory' && check === 'file format') return 'keeps flows in memory, in no file'
  if (storage === 'memory' && check === 'runs') return 'its JSON names no flow, so none is read'
  if (storage !== 'docker' && check === 'healthcheck') return 'only images have one'
  return undefined
}

/** Runs at most two at a time, since an install, a load or a run keeps one processor busy. */
function twoAtATime() {
  const slots: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()]
  let next = 0
  return <T>(work: () => Promise<T>): Promise<T> => {
    const slot = next++ % slots.length
    const done = (slots[slot] ?? Promise.resolve()).then(work)
    slots[slot] = done.catch(() => undefined)
    return done
  }
}

const titlesFor = (storage: StorageKind) => {
  const titles = Object.entries(TITLES)
  return Object.fromEntries(
    titles.map(([name, title]) => [name, `${title} (${storage} storage)`])
  ) as typeof TITLES
}

const rows = new Map<string, Row>()

const [toInstall, toObserve] = [twoAtATime(), twoAtATime()]
const started = Object.entries(RELEASES).map(([release, minor]) => {
  const rules = rulesFor(release)
  const python = toInstall(() =>
    prefectPython(release, {
      python: minor,
      prefectVersion: release,
      requirements: requirementsOf({ lines: [], file: undefined, texts: new Map() })
    })
  )
  const observed = toObserve(async () => {
    const path = await python
    return path === undefined ? undefined : observe(path, rules)
  })
  return { release, minor, rules, python, seenOf: seenLater(observed) }
})

// A release without an interpreter here has its tests skipped.
const found = await Promise.all(
  started.map(async ({ python, ...rest }) => ({
    ...rest,
    missing: (await python.catch(() => 'failed')) === undefined
  }))
)

/** A location from Prefect 0.14.2 on ends with the time at which it was made. */
const STAMP = /(?<=\/)\d{4}-\d\d-\d\dt\d\d-\d\d-\d\d(-\d{6})?-00-00$/
const timeless = (location: string, rules: PrefectRules): string => {
  expect(STAMP.test(location)).toBe(rules.localTimestamps)
  return location.replace(STAMP, 'TIME')
}

const byName = (one: readonly [string, unknown], other: readonly [string, unknown]) =>
  one[0] < other[0] ? -1 : 1

/** JSON without what differs from run to run: times, and the bytes of pickles. */
function comparable(document: SerializedStorage, storage: StorageKind, rules: PrefectRules) {
  const flows = document['flows'] as Record<string, string> | undefined
  if (flows === undefined) return document
  const plain = Object.entries(flows).map(([name, value]) => [
    name,
    storage === 'bytes'
      ? Buffer.from(value, 'base64').subarray(0, 2).toString('hex')
      : storage === 'local'
        ? timeless(value, rules)
        : value
  ])
  return { ...document, flows: Object.fromEntries(plain) as unknown }
}

function locationsOf(seen: StorageSeen | undefined, storage: StorageKind, rules: PrefectRules) {
  return [...(seen?.locations ?? [])]
    .map(
      ([name, location]) =>
        [name, storage === 'local' ? timeless(location, rules) : location] as const
    )
    .sort(byName)
}

/** The format of a flow's file: its text around the pickle, and the pickle's first bytes. */
function format(content: Buffer): Record<string, unknown> {
  if (content[0] === 0x80) return { pickle: content.subarray(0, 2).toString('hex') }
  const text = content.toString()
  const { flow } = JSON.parse(text) as { flow: string }
  return {
    text: text.replace(flow, 'PICKLE'),
    pickle: Buffer.from(flow, 'base64').subarray(0, 2).toString('hex')
  }
}

const formats = (files: ReadonlyMap<string, Buffer>) =>
  Object.fromEntries([...files].map(([name, content]) => [name, format(content)]))

const expectFlows = (seen: Observed, flows: readonly FlowSeen[] | undefined) => {
  const named = (list: readonly FlowSeen['flow'][]) =>
    Object.fromEntries(list.map(flow => [String(flow['name']), flow]))
  const states = (flows ?? []).map(({ flow, state }) => [flow['name'], state])
  expect(states).toEqual(states.map(([name]) => [name, 'Successful']))
  expect(named((flows ?? []).map(({ flow }) => flow))).toEqual(named(seen.prefects.flows))
  expect(states.length).toBeGreaterThan(10)
}

const isError = (outcome: Outcome | undefined, type: string) =>
  outcome !== undefined && 'error' in outcome && outcome.error.type === type

/** Each comparison of this project with a release. */
const COMPARE: Record<Check, (seen: Observed, storage: StorageKind, rules: PrefectRules) => void> =
  {
    json: ({ ours, prefects }, storage, rules) => {
      const [own, theirs] = [ours.storages[storage], prefects.storages[storage]]
      if (!own || !theirs) throw new Error('not seen')
      for (const state of ['empty', 'full'] as const) {
        expect(comparable(own[state], storage, rules)).toEqual(
          comparable(theirs[state], storage, rules)
        )
      }
      if (storage === 'docker') {
        expect(ours.docker.images).toEqual(prefects.docker.images)
      }
    },
    locations: ({ ours, prefects }, storage, rules) => {
      const own = locationsOf(ours.storages[storage], storage, rules)
      expect(own).toEqual(locationsOf(prefects.storages[storage], storage, rules))
      expect(own.length).toBeGreaterThan(10)
    },
    'file format': ({ ours, prefects, files }, storage, rules) => {
      if (storage === 'bytes') {
        const of = (built: Observed['ours']) =>
          comparable(built.storages.bytes?.full ?? { type: '', __version__: '' }, storage, rules)
        expect(of(ours)).toEqual(of(prefects))
        return
      }
      const { ours: own, prefects: theirs } = files[storage === 'local' ? 'local' : 'docker']
      expect(formats(own)).toEqual(formats(theirs))
      expect(own.size).toBeGreaterThan(10)
    },
    errors: ({ ours, prefects }, storage) => {
      const [own, theirs] = [ours.storages[storage], prefects.storages[storage]]
      if (!own || !theirs) throw new Error('not seen')
      expect(own.errors.duplicate).toEqual(theirs.errors.duplicate)
      if (storage === 'docker') expect(ours.docker.files).toEqual(prefects.docker.files)
      // Until 0.12.6 Prefect's Docker has no get_flow, or opens any path that it is given.
      if (storage !== 'docker' || isError(theirs.errors.missing, 'ValueError')) {
        expect(own.errors.missing).toEqual(theirs.errors.missing)
      }
      if (storage === 'local') {
        const names = (outcome: Outcome) => ('value' in outcome ? typeof outcome.value : outcome)
        expect(names(own.errors.byName)).toEqual(names(theirs.errors.byName))
        expect(names(own.errors.byLocation)).toEqual(names(theirs.errors.byLocation))
      }
      const inMemory = storage === 'memory' || storage === 'bytes'
      expect(own.contains).toEqual([true, false, inMemory, false, false])
      expect(theirs.contains).toEqual(own.contains)
    },
    'reads back': ({ read, documents }, storage) => {
      const back = read[storage]
      expect(back?.json).toEqual(documents[storage])
      const name = storage === 'docker' ? 'r.io/x/i:t' : expect.any(String)
      expect(back?.name).toEqual({ value: name })
    },
    healthcheck: ({ image: { healthcheck } }) => {
      expect(healthcheck).toMatchObject({ code: 0 })
      expect(healthcheck.output).toMatch(/(Healthcheck: OK|All health checks passed\.)$/)
    },
    runs: (seen, storage) => {
      expectFlows(seen, storage === 'docker' ? seen.image.flows : seen.read[storage]?.flows)
    }
  }

describe.each(found)('Prefect $release', ({ release, minor, rules, seenOf, missing }) => {
  const check = missing ? test.skip : test

  check(
    'the release is installed as the table says, and loads the flows',
    async () => {
      const { prefects } = await seenOf()
      expect(prefects.versions).toMatchObject({
        prefect: release,
        python: expect.stringMatching(`^${minor}\\.`)
      })
      rows.set(release, { ...releaseRow(release, minor), storages })
    },
    600_000
  )

  const checksOf = (storage: StorageKind): Checked<Check> =>
    testChecks<Check>(
      titlesFor(storage),
      check,
      name => absent(storage, name, rules),
      async name => {
        COMPARE[name](await seenOf(), storage, rules)
      },
      600_000
    )
  const storages: Row['storages'] = {
    local: checksOf('local'),
    bytes: checksOf('bytes'),
    memory: checksOf('memory'),
    docker: checksOf('docker')
  }
})

const isWhole = found.every(({ missing }) => !missing)
testPage('pickled', Object.keys(RELEASES), rows, isWhole)
