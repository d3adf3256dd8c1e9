import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { Docker } from '../../../src/build/docker.js'
import { defaultBaseImage } from '../../../src/prefect/install.js'
import { rulesFor } from '../../../src/prefect/releases.js'
import { Bytes } from '../../../src/storage/bytes.js'
import { DockerStorage } from '../../../src/storage/docker.js'
import { flowFile } from '../../../src/storage/file.js'
import type { Flow } from '../../../src/flows/flow.js'
import { LocalStorage } from '../../../src/storage/local.js'
import { Memory } from '../../../src/storage/memory.js'
import type { Storage } from '../../../src/storage/storage.js'
import { silentLog } from '../../../src/log.js'

interface Row {
  case: string
  input: {
    name?: string
    names?: string[]
    registry_url?: string
    image_name?: string
    image_tag?: string
    prefect_version?: string
    base_image?: string
    files?: Record<string, string>
  }
  output?: unknown
  error?: { type: string; message: string }
}

const RELEASES = ['0.5.4', '0.9.8', '0.14.22', '1.4.1']
const NOW = Date.parse('2020-01-02T03:04:05.678Z') + 0.901

const golden = (release: string): Row[] =>
  JSON.parse(readFileSync(`__tests__/golden/${release}.json`, 'utf8')) as Row[]

const folder = () => mkdtempSync(join(tmpdir(), 'flowstore-test-'))

function flow(name: string, slug: string, release: string): Flow {
  return {
    name,
    slug,
    bytes: Buffer.from(`pickle of ${name}`),
    module: 'flows.py',
    line: 7,
    parameters: [],
    versions: { python: '3.7.16', prefect: release, cloudpickle: '1.1.1' }
  }
}

describe.each(RELEASES)('the storages of Prefect %s', release => {
  const rows = golden(release)
  const slugs = new Map(
    rows.filter(row => row.case === 'slugify').map(row => [row.input.name, row.output as string])
  )
  const make = (name: string) => flow(name, slugs.get(name) ?? '', release)

  test('give local flows the locations that Prefect gives them', () => {
    const locations = rows.filter(row => row.case === 'local.add_flow.location' && !row.error)
    expect(locations.length).toBeGreaterThan(10)
    for (const row of locations) {
      const output = row.output as string | { type?: string }
      if (typeof output !== 'string') continue
      const directory = folder()
      const storage = new LocalStorage({ release, directory, now: () => NOW })
      const location = storage.addFlow(make(row.input.name ?? ''))
      expect(location.replace(directory, '$WORK/flows')).toBe(output)
      expect(readFileSync(location)).toEqual(flowFile(make(row.input.name ?? ''), storage.rules))
    }
  })

  test('serialize as Prefect serializes them', () => {
    const directory = folder()
    const storages: Record<string, () => Storage> = {
      local: () => new LocalStorage({ release, directory, now: () => NOW }),
      memory: () => new Memory({ release }),
      bytes: () => new Bytes({ release })
    }
    const cases = rows.filter(row =>
      /^(local|memory|bytes)\.(serialize_empty|two_flows\.serialize)$/.test(row.case)
    )
    expect(cases.length).toBeGreaterThan(1)
    for (const row of cases) {
      const storage = storages[row.case.split('.')[0] ?? '']?.()
      for (const name of row.input.names ?? []) storage?.addFlow(make(name))
      const text = JSON.stringify(storage?.serialize()).replaceAll(directory, '$WORK/flows')
      expect(JSON.parse(text)).toEqual(row.output)
    }
  })

  test('put flows in an image where Prefect puts them', () => {
    const locations = rows.filter(row => row.case === 'docker.add_flow.location')
    expect(locations.length).toBeGreaterThan(20)
    for (const row of locations) {
      const storage = new DockerStorage({ release })
      const name = row.input.name ?? ''
      const slug = slugs.get(name) ?? (/^x+$/.test(name) ? name : undefined)
      if (slug === undefined) throw new Error(`no slug for ${name}`)
      expect(storage.addFlow(flow(name, slug, release))).toBe(row.output)
    }
  })

  const imageOf = ({ input }: Row) =>
    new DockerStorage({
      release,
      registryUrl: input.registry_url,
      imageName: input.image_name,
      imageTag: input.image_tag
    })

  test('serialize an image as Prefect does', () => {
    const cases = rows.filter(row => /^docker\..*serialize/.test(row.case))
    expect(cases.length).toBe(3)
    for (const row of cases) {
      const storage = imageOf(row)
      const names = row.case.includes('two_flows') ? ['My Flow #1', 'Über flöw'] : []
      for (const name of names) storage.addFlow(make(name))
      expect(storage.serialize()).toEqual(row.output)
    }
  })

  test('name an image as Prefect does, or fail with its message', () => {
    const cases = rows.filter(row => row.case === 'docker.name')
    expect(cases.length).toBe(10)
    for (const row of cases) {
      let outcome: unknown
      try {
        outcome = imageOf(row).name
      } catch (error) {
        outcome = { type: 'ValueError', message: (error as Error).message }
      }
      expect(outcome).toEqual(row.error ?? row.output)
    }
  })

  test('take Prefect’s default base image, and refuse relative files with its message', () => {
    const attributes = rows.filter(row => /docker\.(default_)?attributes/.test(row.case))
    expect(attributes.length).toBe(3)
    for (const { input, output } of attributes) {
      const { base_image: base, prefect_version: version } = output as Record<string, string>
      const docker = new Docker({
        release,
        prefectVersion: input.prefect_version,
        baseImage: input.base_image
      })
      expect(docker.prefectVersion).toBe(version)
      // The recordings' own interpreter is in the default, where Prefect asks for it.
      const python = /python:?(3\.\d+)/.exec(base ?? '')?.[1]
      expect(input.base_image ?? defaultBaseImage(version ?? '', python, release)).toBe(base)
      expect(docker.baseImage.replace(/3\.\d+/, '3.x')).toBe(base?.replace(/3\.\d+/, '3.x'))
    }
    const row = rows.find(({ case: name }) => name === 'docker.files_relative')
    expect(() => new Docker({ release, files: row?.input.files ?? {} })).toThrow(
      row?.error?.message
    )
  })

  test('refuse a second flow of the same name with Prefect’s message', () => {
    const row = rows.find(candidate => candidate.case === 'local.duplicate_name')
    const storage = new LocalStorage({ release, directory: folder() })
    storage.addFlow(make('My Flow #1'))
    expect(() => storage.addFlow(make('My Flow #1'))).toThrow(
      (row?.error ?? (row?.output as { message: string })).message
    )
  })
})

test('two names with the same location are refused, and the first file stays', () => {
  const directory = folder()
  const storage = new LocalStorage({ release: '0.5.4', directory })
  storage.addFlow(flow('My Flow #1', 'my-flow-1', '0.5.4'))
  expect(() => storage.addFlow(flow('my flow 1', 'my-flow-1', '0.5.4'))).toThrow(
    expect.objectContaining({ code: 'LOCATION_CONFLICT', file: 'flows.py', line: 7 })
  )
  expect(readdirSync(directory)).toEqual(['my-flow-1.prefect'])
  storage.removeFiles()
  expect(readdirSync(directory)).toEqual([])
})

test('a name too long for a file is an error, and leaves no file', () => {
  const directory = folder()
  const storage = new LocalStorage({ release: '0.5.4', directory })
  expect(() => storage.addFlow(flow('x', 'x'.repeat(300), '0.5.4'))).toThrow(
    expect.objectContaining({ code: 'WRITE_FAILED' })
  )
  expect(readdirSync(directory)).toEqual([])
})

test('get_flow takes a location before 0.14.4 and a name since', () => {
  for (const [release, byName] of [
    ['0.14.3', false],
    ['0.14.4', true]
  ] as const) {
    const storage = new LocalStorage({ release, directory: folder() })
    const one = flow('one', 'one', release)
    const location = storage.addFlow(one)
    expect(storage.getFlow(byName ? 'one' : location)).toBe(one)
    expect(() => storage.getFlow(byName ? location : 'one')).toThrow(
      'Flow is not contained in this Storage'
    )
    expect(storage.has('one')).toBe(true)
    expect(storage.has(one)).toBe(false)
  }
})

test('the time in a local location is written as Python writes it, without a zero fraction', () => {
  const now = () => Date.parse('2020-01-02T03:04:05Z')
  const storage = new LocalStorage({ release: '1.4.1', directory: folder(), now })
  expect(storage.addFlow(flow('one', 'one', '1.4.1'))).toMatch(/\/one\/2020-01-02t03-04-05-00-00$/)
  const later = new LocalStorage({ release: '1.4.1', directory: folder() })
  expect(later.addFlow(flow('one', 'one', '1.4.1'))).toMatch(/t\d\d-\d\d-\d\d(-\d{6})?-00-00$/)
})

test.each([
  ['0.5.4', 'This environment has no `registry_url`, and cannot be pushed.'],
  ['0.6.3', 'This environment has no `registry_url`, and cannot be pushed.'],
  ['0.6.4', 'This Docker storage object has no `registry_url`, and cannot be pushed.']
])('Prefect %s builds no image for a push without a registry', async (release, message) => {
  await expect(new Docker({ release }).build()).rejects.toThrow(
    expect.objectContaining({ code: 'STORAGE_INVALID', message })
  )
})

test('Prefect 0.6.5 and later warn of a push without a registry, and build', async () => {
  const log = silentLog()
  const docker = new Docker({ release: '0.6.5', baseUrl: 'unix:///nowhere.sock' }, { log })
  await expect(docker.build()).rejects.toThrow(expect.objectContaining({ code: 'DAEMON' }))
  expect(log.notices).toEqual([
    {
      level: 'warning',
      message: 'This Docker storage object has no `registry_url`, and will not be pushed.'
    }
  ])
})

test('a flow of another Prefect is refused', () => {
  const storage = new Bytes({ release: '0.5.4' })
  expect(() => storage.addFlow(flow('one', 'one', '0.9.8'))).toThrow(/Prefect 0\.9\.8.*0\.5\.4/)
})

test('a flow’s file is the raw pickle before 0.14.3, and a JSON envelope from then on', () => {
  const one = flow('one', 'one', '1.4.1')
  expect(flowFile(one, rulesFor('0.14.2'))).toEqual(one.bytes)
  expect(flowFile(one, rulesFor('0.14.3')).toString()).toBe(
    `{"flow": "${one.bytes.toString('base64')}", "versions": {"cloudpickle": "1.1.1", "prefect": "1.4.1", "python": "3.7.16"}}`
  )
})

test('path, stored_as_script and prefect_directory are refused for releases without them', () => {
  const options = { path: '/srv/flow.py', storedAsScript: true }
  expect(() => new DockerStorage({ release: '0.12.4', ...options })).toThrow(
    expect.objectContaining({ code: 'UNSUPPORTED_PREFECT' })
  )
  expect(() => new DockerStorage({ release: '0.12.1', prefectDirectory: '/x' })).toThrow(
    'has no prefect_directory'
  )
  expect(() => new DockerStorage({ release: '1.4.1', storedAsScript: true })).toThrow(
    'A `path` must be provided to show where flow `.py` file is stored.'
  )
  const storage = new DockerStorage({ release: '0.12.5', ...options })
  for (const name of ['one', 'two']) storage.addFlow(flow(name, name, '0.12.5'))
  expect(storage.serialize()).toMatchObject({
    flows: { one: '/srv/flow.py', two: '/srv/flow.py' },
    path: '/srv/flow.py',
    stored_as_script: true
  })
  const directory = folder()
  const local = new LocalStorage({ release: '1.4.1', directory, ...options })
  expect(local.addFlow(flow('one', 'one', '1.4.1'))).toBe('/srv/flow.py')
  expect(readdirSync(directory)).toEqual([])
  expect(
    new DockerStorage({ release: '0.12.2', prefectDirectory: '/x' }).addFlow(
      flow('one', 'one', '0.12.2')
    )
  ).toBe('/x/flows/one.prefect')
})
