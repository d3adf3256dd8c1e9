import { NO_TAGS } from '../../../src/image/tag-move.js'
import { ISOLATED } from '../../../src/python/cell.js'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { resultOf } from '../../../src/build/result.js'
import type { AttestedBuild } from '../../../src/build/attest.js'
import { silentLog } from '../../../src/log.js'
import { DockerStorage } from '../../../src/storage/docker.js'
import { LocalStorage } from '../../../src/storage/local.js'
import type { Storage } from '../../../src/storage/storage.js'
import { VERSION } from '../../../src/version.js'
import { temporaryFolder } from '../../helpers/flowstore.js'
import { loadedFlow } from '../../helpers/stages.js'

const VERSIONS = { python: '3.9.18', prefect: '1.4.1', cloudpickle: '3.1.2' }

const IMAGE = {
  repository: 'r.test/flows',
  name: 'flows',
  tag: 'k',
  digest: null,
  tags: ['latest'],
  platforms: null,
  attached: []
}

const FLOW = {
  name: 'one',
  module: 'a.py',
  line: 1,
  location: '/opt/prefect/flows/one',
  size: 9,
  key: 'k1'
}

const stored = (storage: Storage, more: Partial<AttestedBuild> = {}): AttestedBuild => ({
  storage,
  built: {
    flows: [{ ...FLOW, sha256: null }],
    versions: VERSIONS,
    dockerfile: 'FROM x\n',
    flowsTemplate: null,
    failed: [],
    unaddressable: [],
    checkedIn: 'runner',
    checkedOn: null,
    record: null,
    deployments: null
  },
  image: IMAGE,
  repository: undefined,
  attestations: { sbom: null, provenance: null },
  changed: true,
  tagMove: NO_TAGS,
  environment: { builder: 'direct', why: 'no daemon answers' },
  load: {
    in: 'runner',
    why: 'the test asks for it',
    isolation: ISOLATED,
    modules: { loaded: 2, taken: 0 }
  },
  ...more
})

function dockerStorage(): DockerStorage {
  const storage = new DockerStorage({
    registryUrl: 'r.test',
    imageName: 'flows',
    imageTag: 'k'
  })
  storage.addFlow(loadedFlow('one'))
  return storage
}

function localStorage(): LocalStorage {
  const storage = new LocalStorage({ directory: temporaryFolder() })
  storage.addFlow(loadedFlow('one'))
  return storage
}

const text = (parts: Iterable<string | Buffer> | null): string => [...(parts ?? [])].join('')

test('the report has what was stored, with the version of this project', () => {
  const storage = dockerStorage()
  const { report } = resultOf(stored(storage), silentLog())
  expect(report).toEqual({
    storage: storage.serialize(),
    flows: [{ ...FLOW, changed: true }],
    deployments: null,
    deployed: null,
    commits: { image: null, run: null },
    comparedWith: null,
    image: IMAGE,
    changed: true,
    versions: { ...VERSIONS, flowstore: VERSION },
    checkedIn: 'runner',
    environment: { builder: 'direct', why: 'no daemon answers' },
    load: {
      in: 'runner',
      why: 'the test asks for it',
      isolation: ISOLATED,
      modules: { loaded: 2, taken: 0 }
    },
    phases: [],
    notices: []
  })
})

test('the report names the commit that made the image, and that of the run', () => {
  const { built } = stored(dockerStorage())
  const record = {
    commit: 'a',
    created: null,
    base: { reference: 'python:3.9', digest: null },
    platforms: [],
    isExtended: false,
    provenance: null
  }
  const found = stored(dockerStorage(), { built: { ...built, record }, changed: false })
  const { report } = resultOf(found, silentLog(), {
    baseline: undefined,
    register: 'all',
    commit: 'b'
  })
  expect(report.commits).toEqual({ image: 'a', run: 'b' })
})

test('the report has the phases and notices of the log', async () => {
  const log = silentLog()
  await log.phase('load', () => Promise.resolve())
  log.notice({ level: 'warning', message: 'look' })
  const { report } = resultOf(stored(dockerStorage()), log)
  expect(report.phases.map(phase => phase.name)).toEqual(['load'])
  expect(report.notices).toEqual([{ level: 'warning', message: 'look' }])
})

test('the flows.json of a build has the storage in each flow', () => {
  const storage = dockerStorage()
  const { built } = stored(storage)
  const flowsTemplate = '"one"\x01{"name": "one", "storage": \0}'
  const { documents } = resultOf(
    stored(storage, { built: { ...built, flowsTemplate } }),
    silentLog()
  )
  expect(JSON.parse(text(documents.flowsJson))).toEqual({
    flows: [{ name: 'one', storage: storage.serialize() }],
    version: 1
  })
})

test('a build whose flows can’t be registered has no flows.json', () => {
  expect(resultOf(stored(dockerStorage()), silentLog()).documents.flowsJson).toBeNull()
})

test('a build with an image has its Dockerfile and no flow files', () => {
  const { documents } = resultOf(stored(dockerStorage()), silentLog())
  expect(documents.dockerfile).toBe('FROM x\n')
  expect(documents.flowFiles).toEqual(new Map())
})

test('a build without an image has no Dockerfile', () => {
  const { documents } = resultOf(stored(localStorage(), { image: null }), silentLog())
  expect(documents.dockerfile).toBeNull()
})

test('the files of local storage are named by their paths below its folder', () => {
  const storage = localStorage()
  const path = storage.flows.get('one') ?? ''
  const { documents } = resultOf(stored(storage, { image: null }), silentLog())
  expect([...documents.flowFiles]).toEqual([[`flows/${path.split('/').slice(-2).join('/')}`, path]])
  expect(path).toBe(join(storage.directory, ...path.split('/').slice(-2)))
})

test('a discarded build leaves no file of local storage', async () => {
  const storage = localStorage()
  const path = storage.flows.get('one') ?? ''
  expect(existsSync(path)).toBe(true)
  await resultOf(stored(storage, { image: null }), silentLog()).discard()
  expect(existsSync(path)).toBe(false)
})

const comparison = (keys: Readonly<Record<string, string>>, register: 'all' | 'changed') => ({
  baseline: {
    name: 'r.test/flows:registered',
    digest: 'sha256:1',
    keys: new Map(Object.entries(keys).map(([name, key]) => [key, name]))
  },
  register
})

/** A build of three flows, each with a key. */
function threeFlows(keys: Readonly<Record<string, string>>, register: 'all' | 'changed') {
  const storage = dockerStorage()
  const names = ['one', 'two', 'three']
  const flowsTemplate = names
    .map(name => `"${name}"\x01{"name": "${name}", "storage": \0}`)
    .join('\x01')
  const { built } = stored(storage)
  const flows = names.map(name => ({ ...FLOW, name, sha256: null, key: `k-${name}` }))
  const build = stored(storage, { built: { ...built, flows, flowsTemplate } })
  const { report, documents } = resultOf(build, silentLog(), comparison(keys, register))
  const { flows: registered } = JSON.parse(text(documents.flowsJson)) as {
    flows: { name: string; storage: object }[]
  }
  return { report, registered, storage }
}

const KEYS = { one: 'k-one', two: 'k-before', gone: 'k-gone' }

test('a flow is changed if the baseline has it with another key, or not at all', () => {
  const { report } = threeFlows(KEYS, 'all')
  expect(report.flows.map(({ name, changed }) => [name, changed])).toEqual([
    ['one', false],
    ['two', true],
    ['three', true]
  ])
  expect(report.comparedWith).toBe('r.test/flows:registered')
})

test.each<['all' | 'changed', string[]]>([
  ['all', ['one', 'two', 'three']],
  ['changed', ['two', 'three']]
])('with register %s, flows.json has the flows %j with their storage', (register, names) => {
  const { registered, storage } = threeFlows(KEYS, register)
  expect(registered).toEqual(names.map(name => ({ name, storage: storage.serialize() })))
})

test('with register changed, flows.json has no flow if none changed', () => {
  const same = { one: 'k-one', two: 'k-two', three: 'k-three' }
  expect(threeFlows(same, 'changed').registered).toEqual([])
})
