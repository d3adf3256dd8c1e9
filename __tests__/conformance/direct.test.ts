import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, jest, test } from '@jest/globals'
import { besidePip, DIFFERENCES, inImage, type Difference } from '../helpers/beside-pip.js'
import {
  flowstore,
  freshName,
  mustRun,
  outputOf,
  temporaryFolder,
  type Ended
} from '../helpers/flowstore.js'
import { PrefectServer } from '../helpers/prefect-server.js'
import { describeWith } from '../helpers/test-bed.js'
import { uncompiled, uvProgram, WITHOUT_INDEXES } from '../helpers/uv.js'

jest.setTimeout(300_000)

/** Reads the storage of a build with the release itself, and runs each of its flows. */
const RUN = `
import json, sys
try:
    from prefect.serialization.storage import StorageSchema
except ImportError:
    from prefect.serialization.environment import StorageSchema
storage = StorageSchema().load(json.loads(sys.argv[1]))
states = {name: flow.run(run_on_schedule=False) for name, flow in ((n, storage.get_flow(n)) for n in storage.flows)}
print("RESULT" + json.dumps({name: str(state.is_successful()) for name, state in states.items()}))
`

/** Variables of a machine; uv's cache is empty, since another run may have changed what lies in it. */
async function machine(daemon: string): Promise<NodeJS.ProcessEnv> {
  const path = [join(await uvProgram(), '..'), WITHOUT_INDEXES['PATH']].join(':')
  return { ...WITHOUT_INDEXES, PATH: path, DOCKER_HOST: daemon }
}

interface Report {
  readonly outputs: Readonly<Record<string, string>>
  readonly environment: { readonly builder: string }
  readonly flows: readonly { readonly name: string }[]
}

const reportOf = (ended: Ended): Report => {
  if (ended.code !== 0) throw new Error(`exit code ${ended.code}: ${ended.stderr}`)
  return JSON.parse(ended.stdout) as Report
}

const NO_DAEMON = 'unix:///nowhere/docker.sock'

describeWith(
  ['docker', 'registry', 'python:3.9'],
  'an image of Prefect 1.4.1 that no daemon built',
  bed => {
    test('is pulled, and Prefect runs every flow in it', async () => {
      const root = join(temporaryFolder(), 'flows')
      cpSync(resolve('__tests__/conformance/flows'), root, { recursive: true })
      const args = [
        ...['build', '.', '--registry-url', bed.registry.url, '--json'],
        ...['--image-name', freshName('conformance-direct')],
        ...['--base-image', bed.baseImages['3.9'], '--prefect-version', '1.4.1'],
        ...['--builder', 'direct', '--load-in', 'runner']
      ]
      const report = reportOf(await flowstore(args, root, await machine(NO_DAEMON)))
      expect(report.environment.builder).toBe('direct')
      const image = report.outputs['image-ref'] ?? ''
      const storage = readFileSync(join(root, '.flowstore/storage.json'), 'utf8')
      const printed = await inImage(image, 'python', '-c', RUN, storage)
      const states = /RESULT(.*)/.exec(printed)?.[1] ?? printed
      const names = report.flows.map(({ name }) => name)
      expect(JSON.parse(states)).toEqual(Object.fromEntries(names.map(name => [name, 'True'])))
      expect(names.length).toBeGreaterThan(10)
    })
  }
)

/** Entrypoints of the zoo that differ in how they are imported. */
const ENTRYPOINTS = [
  'flows/functions.py:plain',
  'flows/asynchronous.py:coroutine',
  'flows/beside.py:reads_beside',
  'flows.pkg.deep.two_dots:two_dots'
]

/** Where the image of Prefect 3 differs from one in which pip installed. */
const TABLE: readonly Difference[] = DIFFERENCES

describeWith(
  ['docker', 'registry', 'python:3.12', 'venv:3.9.1', 'worker:3.9.1'],
  'an image of Prefect 3.9.1 that no daemon built',
  bed => {
    const root = join(temporaryFolder(), 'zoo')
    let direct: Report

    const build = async (builder: 'direct' | 'daemon') =>
      reportOf(
        await flowstore(
          [
            ...['build', 'flows', '--registry-url', bed.registry.url, '--json'],
            ...['--image-name', `${freshName('conformance-direct')}/zoo`],
            ...['--base-image', bed.baseImages['3.12'], '--prefect-version', '3.9.1'],
            ...['--builder', builder, '--load-in', 'runner']
          ],
          root,
          await machine(builder === 'direct' ? NO_DAEMON : bed.dockerHost)
        )
      )

    beforeAll(async () => {
      cpSync(resolve('__tests__/conformance/zoo'), root, { recursive: true })
      const deployments = ENTRYPOINTS.map((entrypoint, index) => ({
        name: `direct-${index}`,
        entrypoint,
        work_pool: { name: 'docker' }
      }))
      writeFileSync(join(root, 'prefect.yaml'), JSON.stringify({ name: 'zoo', deployments }))
      direct = await build('direct')
    })

    test('is pulled, and a docker worker of Prefect runs flows in it', async () => {
      expect(direct.environment.builder).toBe('direct')
      const server = await PrefectServer.start(bed.venvs['3.9.1'])
      try {
        await server.makePool('docker', 'docker')
        const env = { ...process.env, PREFECT_API_URL: server.api }
        await outputOf(flowstore(['deploy', '.flowstore/deployments.json'], root, env))
        const deployed = await server.deployments()
        const asked = await Promise.all(deployed.map(({ id }) => server.schedule(id)))
        const { dockerHost: DOCKER_HOST } = bed
        const worker = server.startWorker(bed.workers['3.9.1'], 'docker', 'docker', { DOCKER_HOST })
        try {
          const states = await Promise.all(asked.map(id => server.finalState(id, 200)))
          expect(states.map(({ type }) => type)).toEqual(ENTRYPOINTS.map(() => 'COMPLETED'))
        } finally {
          await worker.stop()
        }
      } finally {
        await server.stop()
      }
    })

    describe('beside one in which pip installed', () => {
      let [image, other] = ['', '']

      beforeAll(async () => {
        image = direct.outputs['image-ref'] ?? ''
        other = (await build('daemon')).outputs['image-ref'] ?? ''
        await mustRun('docker', ['pull', '-q', image])
      })

      test('has the same files, modes and bytes, apart from a table of differences', async () => {
        const { unexplained, unused, files } = await besidePip(image, other, TABLE)
        expect(unexplained).toEqual([])
        expect(unused).toEqual([])
        expect(files).toBeGreaterThan(10_000)
      })

      test('has the same packages, and none is broken', async () => {
        const list = (ref: string) => inImage(ref, 'pip', 'list', '--format', 'freeze')
        expect(await list(image)).toBe(await list(other))
        expect(await list(image)).toContain('prefect==3.9.1')
        expect(await inImage(image, 'pip', 'check')).toContain('No broken requirements')
      })

      test('has a script of Prefect that starts, also from a virtual environment that uses its packages', async () => {
        expect(await inImage(image, 'prefect', 'version')).toContain('3.9.1')
        const inVenv =
          'python -m venv --system-site-packages /tmp/venv && /tmp/venv/bin/python -m prefect version'
        expect(await inImage(image, 'sh', '-c', inVenv)).toContain('3.9.1')
      })

      test('compiles nothing when Prefect is imported', async () => {
        const script = `${uncompiled('prefect', 'site-packages')}print(prefect.__version__)`
        expect(await inImage(image, 'python', '-c', script)).toBe('checked True\n3.9.1\n')
      })
    })
  }
)
