import { readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { loadFlows } from '../../src/flows/load.js'
import { interpreterPython } from '../../src/python/interpreter.js'
import { rulesFor } from '../../src/prefect/releases.js'
import { DockerStorage } from '../../src/storage/docker.js'
import { flowsJson, storageLabels } from '../../src/storage/flows-json.js'
import { reportOf } from '../helpers/builds.js'
import { flowstore, repository, run, temporaryFolder } from '../helpers/flowstore.js'
import { PrefectApi } from '../helpers/prefect-api.js'
import { examplePythons } from '../helpers/pythons.js'

interface Storage extends Record<string, unknown> {
  readonly flows: Readonly<Record<string, string>>
}
interface FlowsJson {
  readonly version: number
  readonly flows: readonly (Readonly<Record<string, unknown>> & {
    readonly name: string
    readonly storage: Storage
  })[]
}

/** Loads every flow of a flows.json through Prefect's own schema, and compares it with its JSON. */
const LOAD = `
import json, sys
import prefect
from prefect.serialization.flow import FlowSchema
document = json.load(open(sys.argv[1]))
assert sorted(document) == ["flows", "version"]
names = []
for serialized in document["flows"]:
    flow = FlowSchema().load(serialized)
    assert isinstance(flow, prefect.Flow)
    assert flow.storage.serialize() == serialized["storage"]
    assert flow.run_config.serialize() == serialized["run_config"]
    assert len(flow.tasks) == len(serialized["tasks"])
    assert len(flow.edges) == len(serialized["edges"])
    names.append(flow.name)
print("\\n" + json.dumps(names))
`

/** Binds the flows of every example, with one storage, at the top level of a module. */
const EXAMPLES = (directory: string): string => `
import sys
sys.path.insert(0, ${JSON.stringify(resolve('examples/prefect-1/flows'))})
from prefect.storage import Local
import invoice, naming, nightly, orders, tenants
a, b, c, d = invoice.flow, naming.flow, nightly.flow, orders.flow
e, f, g = tenants.FLOWS.values()
storage = Local(directory=${JSON.stringify(directory)})
for flow in (a, b, c, d, e, f, g):
    flow.storage = storage
del flow
`

/** Flows that JavaScript's JSON would change: numbers, non-ASCII names, keys that look like indexes. */
const TRICKY = `
import datetime
from prefect import Flow, Parameter, task
from prefect.run_configs import DockerRun
from prefect.schedules import CronSchedule

@task(max_retries=2, retry_delay=datetime.timedelta(seconds=1), tags=["z", "a"])
def add(x, y):
    return x + y

with Flow("Über flöw \\U0001f680", schedule=CronSchedule("0 2 * * *")) as one:
    total = add(Parameter("x", default=1.0), Parameter("y", default=12345678901234567890))
    add.map([total], y=[1])

with Flow("\\uffee", run_config=DockerRun(env={"10": "a", "9": "b"}, labels=["b", "a"])) as two:
    add(Parameter("values", default={"b": [1.0, None], "a": "\\u2028", "__proto__": -0.0}), 1e3)

empty = Flow("empty")
`
const DOCKER = { registryUrl: 'registry.test/acme', imageName: 'flows', imageTag: 't1' }

/** The same flows in one Docker storage, without the image. */
const BUILT = (release: string): string => `${TRICKY}
from prefect.storage import Docker
storage = Docker(
    registry_url=${JSON.stringify(DOCKER.registryUrl)}, image_name="flows", image_tag="t1",
    prefect_version=${JSON.stringify(release)},
)
storage.build = lambda: storage
for flow in (one, two, empty):
    flow.storage = storage
del flow
`

const RELEASES = ['0.14.13', '0.14.22', '0.15.13', '1.4.1']
const LIMIT = 300_000
const pythons = await examplePythons(RELEASES)

describe.each(RELEASES)('flows.json for Prefect %s', release => {
  const python = pythons.get(release) ?? ''
  const check = python === '' ? test.skip : test
  const folder = temporaryFolder()
  let api: PrefectApi

  beforeAll(async () => {
    api = await PrefectApi.start()
  })
  afterAll(() => api.stop())

  const document = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as FlowsJson
  const load = async (file: string): Promise<string[]> => {
    const ended = await run(python, ['-W', 'ignore', '-c', LOAD, file], temporaryFolder())
    expect(ended).toMatchObject({ code: 0 })
    return JSON.parse(ended.stdout.trim().split('\n').pop() ?? '') as string[]
  }
  const register = async (...args: string[]) => {
    const { ended, registered } = await api.prefect(python, ['register', '--project', 'p', ...args])
    expect(ended).toMatchObject({ code: 0 })
    return registered
  }

  check(
    'the flows.json of a local storage registers what prefect register does, except for the locations',
    async () => {
      const directory = join(folder, 'flow-files')
      const ended = await flowstore([
        ...['build', 'examples/prefect-1/flows', '--storage', 'local', '--directory', directory],
        ...['--python', python, '--output-directory', join(folder, 'local'), '--json']
      ])
      const { outputs, flows } = reportOf(ended)
      const file = outputs['flows-path']
      expect(file).toBe(join(folder, 'local/flows.json'))
      const names = flows.map(flow => flow.name).sort()
      expect(await load(file)).toEqual(names)
      const storage = JSON.parse(outputs.storage) as Storage
      expect(document(file).version).toBe(1)
      for (const flow of document(file).flows) expect(flow.storage).toEqual(storage)

      writeFileSync(join(folder, 'examples.py'), EXAMPLES(directory))
      const ours = await register('--json', file)
      const theirs = await register('--path', join(folder, 'examples.py'))
      expect(ours.map(({ flow }) => flow.name)).toEqual(names)
      expect(ours.map(({ flow }) => flow)).toEqual(
        theirs.map(({ flow }) => {
          const own = flow['storage'] as Storage
          expect(Object.keys(own.flows).sort()).toEqual(names)
          return { ...flow, storage: { ...own, flows: storage.flows } }
        })
      )
      expect(ours[0]?.flow['run_config']).toMatchObject({
        labels: rulesFor(release).storageLabels ? [hostname()] : []
      })
      expect(ours.map(({ input }) => ({ ...input, idempotency_key: '' }))).toEqual(
        theirs.map(({ input }) => ({ ...input, idempotency_key: '' }))
      )
    },
    LIMIT
  )

  check(
    'the flows.json of a Docker storage registers what prefect register does, with the same idempotency key',
    async () => {
      const root = repository({ 'flows.py': TRICKY, 'built/flows.py': BUILT(release) })
      const interpreter = interpreterPython({
        python,
        sources: { root, files: [], size: 0 },
        env: process.env,
        envVars: {}
      })
      const modules = [{ file: 'flows.py', flows: null, explicit: true }]
      const { flows } = await loadFlows(interpreter, {
        modules,
        helpers: 'reference',
        storageLabels: storageLabels('docker', hostname())
      })
      const storage = new DockerStorage({ ...DOCKER, release })
      for (const flow of flows) storage.addFlow(flow)
      const file = join(root, 'flows.json')
      writeFileSync(file, flowsJson(storage) ?? '')
      expect(await load(file)).toEqual(['empty', '\uffee', 'Über flöw 🚀'].sort(byCodePoint))

      const built = join(root, 'built.json')
      const { ended } = await api.prefect(python, [
        ...['build', '--path', join(root, 'built/flows.py'), '--output', built]
      ])
      expect(ended).toMatchObject({ code: 0 })
      expect(document(file)).toEqual(document(built))
      expect(document(file).flows.map(flow => flow.name)).toEqual(
        document(built).flows.map(flow => flow.name)
      )

      const ours = await register('--json', file)
      expect(ours).toHaveLength(3)
      expect(ours).toEqual(await register('--path', join(root, 'built/flows.py')))
    },
    LIMIT
  )
})

const byCodePoint = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
