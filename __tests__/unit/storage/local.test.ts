import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { flowFile } from '../../../src/storage/file.js'
import { LocalStorage } from '../../../src/storage/local.js'
import { flowOf } from '../../helpers/flows.js'
import { temporaryFolder } from '../../helpers/flowstore.js'
import { golden, GOLDEN_RELEASES, goldenSlugs } from '../../helpers/golden.js'

const NOW = Date.parse('2020-01-02T03:04:05.678Z') + 0.901

describe.each(GOLDEN_RELEASES)('LocalStorage of Prefect %s', release => {
  const slugs = goldenSlugs(release)
  const rows = golden<{ name?: string }>(release)
  const make = (name = '') => flowOf(release, name, slugs.get(name) ?? '')

  test('a flow gets the location that Prefect gives it, and its file is written there', () => {
    const locations = rows.filter(row => row.case === 'local.add_flow.location' && !row.error)
    expect(locations.length).toBeGreaterThan(10)
    for (const { input, output } of locations) {
      if (typeof output !== 'string') continue
      const directory = temporaryFolder()
      const storage = new LocalStorage({ release, directory, now: () => NOW })
      const location = storage.addFlow(make(input.name))
      expect(location.replace(directory, '$WORK/flows')).toBe(output)
      expect(readFileSync(location)).toEqual(flowFile(make(input.name), storage.rules))
    }
  })

  test('a second flow of the same name is refused with Prefect’s message', () => {
    const row = rows.find(candidate => candidate.case === 'local.duplicate_name')
    const storage = new LocalStorage({ release, directory: temporaryFolder() })
    storage.addFlow(make('My Flow #1'))
    expect(() => storage.addFlow(make('My Flow #1'))).toThrow(
      (row?.error ?? (row?.output as { message: string })).message
    )
  })
})

test('a name with the location of another flow is refused, and the first file stays', () => {
  const directory = temporaryFolder()
  const storage = new LocalStorage({ release: '0.5.4', directory })
  storage.addFlow(flowOf('0.5.4', 'My Flow #1', 'my-flow-1'))
  expect(() => storage.addFlow(flowOf('0.5.4', 'my flow 1', 'my-flow-1'))).toThrow(
    expect.objectContaining({ code: 'LOCATION_CONFLICT', file: 'flows.py', line: 7 })
  )
  expect(readdirSync(directory)).toEqual(['my-flow-1.prefect'])
})

test('the files that a storage wrote are removed on request', () => {
  const directory = temporaryFolder()
  const storage = new LocalStorage({ release: '0.5.4', directory })
  storage.addFlow(flowOf('0.5.4', 'My Flow #1', 'my-flow-1'))
  storage.removeFiles()
  expect(readdirSync(directory)).toEqual([])
})

test('a name that is too long for a file is refused, and no file is left', () => {
  const directory = temporaryFolder()
  const storage = new LocalStorage({ release: '0.5.4', directory })
  expect(() => storage.addFlow(flowOf('0.5.4', 'x', 'x'.repeat(300)))).toThrow(
    expect.objectContaining({ code: 'WRITE_FAILED' })
  )
  expect(readdirSync(directory)).toEqual([])
})

test.each([
  ['0.14.3', 'location', false],
  ['0.14.4', 'name', true]
])('getFlow of Prefect %s takes a %s only', (release, _key, byName) => {
  const storage = new LocalStorage({ release, directory: temporaryFolder() })
  const one = flowOf(release)
  const location = storage.addFlow(one)
  expect(storage.getFlow(byName ? 'one' : location)).toBe(one)
  expect(() => storage.getFlow(byName ? location : 'one')).toThrow(
    'Flow is not contained in this Storage'
  )
})

test.each(['0.14.3', '0.14.4'])('a storage of Prefect %s has a flow by its name only', release => {
  const storage = new LocalStorage({ release, directory: temporaryFolder() })
  const one = flowOf(release)
  storage.addFlow(one)
  expect(storage.has('one')).toBe(true)
  expect(storage.has(one)).toBe(false)
})

test('the time in a location has no fraction if the fraction is zero, as in Python', () => {
  const now = () => Date.parse('2020-01-02T03:04:05Z')
  const storage = new LocalStorage({ release: '1.4.1', directory: temporaryFolder(), now })
  expect(storage.addFlow(flowOf('1.4.1'))).toMatch(/\/one\/2020-01-02t03-04-05-00-00$/)
})

test('the time in a location is the current time by default', () => {
  const storage = new LocalStorage({ release: '1.4.1', directory: temporaryFolder() })
  expect(storage.addFlow(flowOf('1.4.1'))).toMatch(/t\d\d-\d\d-\d\d(-\d{6})?-00-00$/)
})

test('a flow that is stored as a script has the script’s path, and no file is written', () => {
  const directory = temporaryFolder()
  const script = { path: '/srv/flow.py', storedAsScript: true }
  const local = new LocalStorage({ release: '1.4.1', directory, ...script })
  expect(local.addFlow(flowOf('1.4.1'))).toBe('/srv/flow.py')
  expect(readdirSync(directory)).toEqual([])
})
