import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from '@jest/globals'
import { Docker, loadFlows, type DockerOptions } from '../../src/index.js'
import { freshName, run, temporaryFolder } from '../helpers/flowstore.js'
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
