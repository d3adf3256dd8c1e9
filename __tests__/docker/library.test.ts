import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { beforeAll, expect, test } from '@jest/globals'
import {
  deserialize,
  Docker,
  flowRunner,
  loadFlows,
  Recorder,
  type DockerOptions
} from '../../src/index.js'
import { freshName, repository, run, temporaryFolder } from '../helpers/flowstore.js'
import { PrefectServer } from '../helpers/prefect-server.js'
import { describeWith } from '../helpers/test-bed.js'

const MODULES = ['flows/invoice.py', 'flows/orders.py', 'flows/tenants.py']
const FLOWS = ['export acme', 'export globex', 'export initech', 'invoice', 'orders by region']

/** Reads a storage through Prefect's own schema and runs every flow of it; prints how each run ended. */
const READ_BACK = `
import json, sys
from prefect.serialization.storage import StorageSchema
document = json.loads(sys.argv[1])
storage = StorageSchema().load(document)
assert storage.serialize() == document, storage.serialize()
flows = {name: storage.get_flow(name) for name in storage.flows}
assert all(flow.name == name for name, flow in flows.items())
states = {name: flow.run(run_on_schedule=False) for name, flow in flows.items()}
print("\\n" + json.dumps({name: state.is_successful() for name, state in states.items()}))
`

interface Manifest {
  readonly layers: readonly { readonly digest: string }[]
}

describeWith(['docker', 'registry', 'prefect:1.4.1'], 'Docker.build() of the library', bed => {
  const LIMIT = 300_000
  const root = temporaryFolder()
  const imageName = freshName('library')
  const surroundings = { cwd: root }
  const common = { release: '1.4.1', baseImage: bed.prefectBase, imageName }
  const pushed = { ...common, registryUrl: bed.registry.url }

  /** A storage with the flows of the repository, loaded in a container of the base image. */
  const loaded = async (options: DockerOptions): Promise<Docker> => {
    const { reference } = await new Docker(options, surroundings).pullImage()
    const { flows, modules } = await loadFlows({ flows: MODULES, image: reference }, surroundings)
    const docker = new Docker({ ...options, modules }, surroundings)
    for (const flow of flows) docker.addFlow(flow)
    return docker
  }

  const registry = (path: string) =>
    fetch(`http://${bed.registry.url}/v2/${imageName}/${path}`, {
      headers: { accept: 'application/vnd.docker.distribution.manifest.v2+json' }
    })
  const layersOf = async (tag = ''): Promise<string[]> => {
    const { layers } = (await (await registry(`manifests/${tag}`)).json()) as Manifest
    return layers.map(({ digest }) => digest)
  }
  const tags = async () => ((await (await registry('tags/list')).json()) as { tags: string[] }).tags
  const environments = async () => (await tags()).filter(tag => tag.startsWith('env-'))

  let docker: Docker

  beforeAll(async () => {
    cpSync('examples/prefect-1', root, { recursive: true })
    docker = await loaded(pushed)
    await docker.build()
  }, LIMIT)

  test('the digest is that of the manifest in the registry', async () => {
    expect(docker.digest).toMatch(/^sha256:[0-9a-f]{64}$/)
    const { headers } = await registry(`manifests/${docker.imageTag}`)
    expect(headers.get('docker-content-digest')).toBe(docker.digest)
  })

  test(
    'Prefect reads the flows from the pulled image and runs them',
    async () => {
      const reference = `${docker.repository}@${docker.digest}`
      expect(await run('docker', ['pull', '--quiet', reference])).toMatchObject({ code: 0 })
      const { stdout, stderr } = await run('docker', [
        ...['run', '--rm', '--network', 'none', reference, 'python', '-W', 'ignore', '-c'],
        ...[READ_BACK, JSON.stringify(docker.serialize())]
      ])
      expect(stderr).not.toContain('Traceback')
      expect(JSON.parse(stdout.trim().split('\n').pop() ?? '')).toEqual(
        Object.fromEntries(FLOWS.map(name => [name, true]))
      )
    },
    LIMIT
  )

  test(
    'a build with one changed flow adds one layer to the existing environment image',
    async () => {
      const module = join(root, 'flows/orders.py')
      writeFileSync(module, readFileSync(module, 'utf8').replace('default=0', 'default=1'))
      const [environment, ...others] = await environments()
      const changed = await loaded(pushed)
      await changed.build()
      expect(changed.imageTag).not.toBe(docker.imageTag)
      expect(changed.digest).not.toBe(docker.digest)
      expect([others, await environments()]).toEqual([[], [environment]])
      const layers = await layersOf(changed.imageTag)
      expect(layers.slice(0, -1)).toEqual(await layersOf(environment))
      expect(layers.at(-1)).not.toBe((await layersOf(docker.imageTag)).at(-1))
    },
    LIMIT
  )

  test(
    'what an installation prints of a secret is hidden in the log and in the error',
    async () => {
      const [first, second] = ['secret-of-', 'the-library']
      const texts: string[] = []
      const note = (text: string) => void texts.push(text)
      const log = new Recorder({
        ...{ info: note, debug: note, progress: note, begin: note, end: note },
        notice: ({ message }) => void note(message)
      })
      const failing = new Docker(
        {
          ...common,
          extraDockerfileCommands: [`RUN printf 'is %s%s\\n' ${first} ${second}; exit 1`]
        },
        { ...surroundings, env: { ...process.env, A_TOKEN: first + second }, log }
      )
      const error: unknown = await failing.build({ push: false }).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'IMAGE_BUILD' })
      const shown = [...texts, inspect(error)].join('\n')
      expect(shown).toContain('is ***')
      expect(shown).not.toContain(first + second)
    },
    LIMIT
  )

  test(
    'a build without a push leaves the image only in the daemon',
    async () => {
      const local = await loaded({ ...common, imageTag: 'unpushed' })
      await local.build({ push: false })
      expect([local.name, local.digest]).toEqual([`${imageName}:unpushed`, undefined])
      expect(await run('docker', ['image', 'inspect', local.name])).toMatchObject({ code: 0 })
      expect(await tags()).not.toContain('unpushed')
    },
    LIMIT
  )
})

/** A flow that imports a module of its project and reads a file beside it. */
const ORDERS = `from datetime import date
from pathlib import Path
from prefect import flow
from shop.prices import price

@flow(name="Daily orders", log_prints=True)
def orders(day: date, limit: int = 1):
    print("ORDERS", day.year, price() * limit, Path(__file__).with_name("rows.csv").read_text())
`

describeWith(
  ['docker', 'registry', 'prefect:3.9.1', 'venv:3.9.1'],
  'Docker.build() of the library with flows of Prefect 3',
  bed => {
    const LIMIT = 300_000
    const root = repository({
      'flows/orders.py': ORDERS,
      'flows/rows.csv': 'rows',
      'flows/again.py':
        'from prefect import flow\n@flow(name="Daily orders", log_prints=True)\ndef again():\n    print("AGAIN")\n',
      'src/shop/__init__.py': '',
      'src/shop/prices.py': 'def price():\n    return 5\n'
    })
    const surroundings = { cwd: root }
    const options = {
      release: '3.9.1',
      baseImage: bed.prefectImages['3.9.1'],
      registryUrl: bed.registry.url,
      imageName: `${freshName('library')}/shop`
    }
    const request = { flows: ['flows'], pythonPath: ['src'] }
    let json = ''
    let docker: Docker

    beforeAll(async () => {
      const { flows, sources } = await loadFlows(
        { ...request, image: options.baseImage },
        surroundings
      )
      docker = new Docker({ ...options, sources }, surroundings)
      for (const flow of flows) docker.addFlow(flow)
      await docker.build()
      json = JSON.stringify(docker.serialize())
    }, LIMIT)

    test('the image is pushed, and its storage names the entrypoint of each flow', () => {
      expect(docker.digest).toMatch(/^sha256:/)
      expect(JSON.parse(json)).toMatchObject({
        type: 'Docker',
        path: '/opt/prefect/shop',
        image_tag: docker.imageTag,
        flows: { 'Daily orders': 'flows/again.py:again' }
      })
    })

    test(
      'a flow of the storage from JSON runs in its container, with its project and a typed parameter',
      async () => {
        let text = ''
        const runner = flowRunner({ onOutput: chunk => (text += chunk.toString('utf8')) })
        const storage = deserialize(json)
        const orders = storage.getEnvRunner('flows/orders.py:orders', runner)
        const wrong = await orders.run({ parameters: { day: 'never' } })
        expect(wrong).toMatchObject({
          state: null,
          refused: true,
          message: expect.stringMatching(/^day: /)
        })
        const ended = await orders.run({ parameters: { day: '2026-01-05', limit: 2 } })
        expect(ended).toMatchObject({ state: 'Completed', successful: true })
        expect(text).toContain('ORDERS 2026 10 rows')
      },
      LIMIT
    )

    test(
      'a run is recorded by an API on the loopback address of this machine',
      async () => {
        const server = await PrefectServer.start(bed.venvs['3.9.1'])
        try {
          const ended = await deserialize(json)
            .getEnvRunner('Daily orders')
            .run({ env: { PREFECT_API_URL: server.api } })
          expect(ended).toMatchObject({ state: 'Completed' })
          const runs = await server.request<{ state: { type: string } }[]>(
            'POST',
            '/flow_runs/filter',
            {}
          )
          expect(runs.map(({ state }) => state.type)).toEqual(['COMPLETED'])
        } finally {
          await server.stop()
        }
      },
      LIMIT
    )
  }
)
