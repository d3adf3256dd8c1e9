import { describe, expect, test } from '@jest/globals'
import { DockerStorage } from '../../../src/storage/docker.js'
import { flowOf } from '../../helpers/flows.js'
import { golden, GOLDEN_RELEASES, goldenSlugs, type GoldenRow } from '../../helpers/golden.js'

interface Input {
  readonly name?: string
  readonly registry_url?: string
  readonly image_name?: string
  readonly image_tag?: string
}

describe.each(GOLDEN_RELEASES)('DockerStorage of Prefect %s', release => {
  const slugs = goldenSlugs(release)
  const rows = golden<Input>(release)

  const storageOf = ({ input }: GoldenRow<Input, unknown>) =>
    new DockerStorage({
      release,
      registryUrl: input.registry_url,
      imageName: input.image_name,
      imageTag: input.image_tag
    })

  test('a flow gets the location in the image that Prefect gives it', () => {
    const locations = rows.filter(row => row.case === 'docker.add_flow.location')
    expect(locations.length).toBeGreaterThan(20)
    for (const { input, output } of locations) {
      const storage = new DockerStorage({ release })
      const name = input.name ?? ''
      const slug = slugs.get(name) ?? (/^x+$/.test(name) ? name : undefined)
      if (slug === undefined) throw new Error(`no slug for ${name}`)
      expect(storage.addFlow(flowOf(release, name, slug))).toBe(output)
    }
  })

  test('the storage is serialized as Prefect serializes it', () => {
    const cases = rows.filter(row => /^docker\..*serialize/.test(row.case))
    expect(cases.length).toBe(3)
    for (const row of cases) {
      const storage = storageOf(row)
      const names = row.case.includes('two_flows') ? ['My Flow #1', 'Über flöw'] : []
      for (const name of names) storage.addFlow(flowOf(release, name, slugs.get(name) ?? ''))
      expect(storage.serialize()).toEqual(row.output)
    }
  })

  test('an image has the name that Prefect gives it, or fails with Prefect’s message', () => {
    const cases = rows.filter(row => row.case === 'docker.name')
    expect(cases.length).toBe(10)
    for (const row of cases) {
      let outcome: unknown
      try {
        outcome = storageOf(row).name
      } catch (error) {
        outcome = { type: 'ValueError', message: (error as Error).message }
      }
      expect(outcome).toEqual(row.error ?? row.output)
    }
  })
})

const SCRIPT = { path: '/srv/flow.py', storedAsScript: true }

test('path and stored_as_script are refused for Prefect before 0.12.5', () => {
  expect(() => new DockerStorage({ release: '0.12.4', ...SCRIPT })).toThrow(
    expect.objectContaining({ code: 'UNSUPPORTED_PREFECT' })
  )
})

test('flows that are stored as a script all have the script’s path', () => {
  const storage = new DockerStorage({ release: '0.12.5', ...SCRIPT })
  for (const name of ['one', 'two']) storage.addFlow(flowOf('0.12.5', name))
  expect(storage.serialize()).toMatchObject({
    flows: { one: '/srv/flow.py', two: '/srv/flow.py' },
    path: '/srv/flow.py',
    stored_as_script: true
  })
})

test('stored_as_script without a path is refused with Prefect’s message', () => {
  expect(() => new DockerStorage({ release: '1.4.1', storedAsScript: true })).toThrow(
    'A `path` must be provided to show where flow `.py` file is stored.'
  )
})

test('prefect_directory is refused for Prefect before 0.12.2', () => {
  expect(() => new DockerStorage({ release: '0.12.1', prefectDirectory: '/x' })).toThrow(
    'has no prefect_directory; Prefect 0.12.2 and later have it'
  )
})

test('flows are in the folder flows of prefect_directory', () => {
  const storage = new DockerStorage({ release: '0.12.2', prefectDirectory: '/x' })
  expect(storage.addFlow(flowOf('0.12.2'))).toBe('/x/flows/one.prefect')
})
