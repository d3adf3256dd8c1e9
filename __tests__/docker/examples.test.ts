import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import Docker from 'dockerode'
import type { PublishedReport as Report } from '../../src/publish/outputs.js'
import { EXAMPLE_FLOWS } from '../helpers/examples.js'
import { flowstore, freshName, run, temporaryFolder } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'

/** Reads the storage through Prefect's own schema and runs every flow that it names. */
const READ_BACK = `
import base64, json, sys
import cloudpickle
from prefect.serialization.storage import StorageSchema
document = json.load(open(sys.argv[1]))
storage = StorageSchema().load(document)
assert storage.serialize() == document, storage.serialize()
assert storage.name == sys.argv[2], storage.name
states = {}
for name, location in storage.flows.items():
    if sys.argv[3] == "name":
        flow = storage.get_flow(name)
    else:
        flow = cloudpickle.load(open(location, "rb"))
    assert flow.name == name
    states[name] = flow.run(run_on_schedule=False).is_successful()
print("\\n" + json.dumps(states))
`

const RELEASES = [
  { release: '0.5.4', python: '3.6', examples: 'examples/prefect-0.5', by: 'location' },
  { release: '1.4.1', python: '3.9', examples: 'examples/prefect-1', by: 'name' }
] as const

for (const { release, python, examples, by } of RELEASES) {
  describeWith(
    ['docker', 'registry', `python:${python}`],
    `Prefect ${release} on Python ${python}`,
    bed => {
      const docker = new Docker()
      const folder = temporaryFolder()
      const name = freshName(`examples-${release}`)
      const build = async (out: string, more: string[] = []) => {
        const ended = await flowstore([
          'build',
          `${examples}/flows`,
          ...['--registry-url', bed.registry.url, '--image-name', name],
          ...['--base-image', bed.baseImages[python]],
          ...['--requirements-file', `${examples}/requirements.txt`],
          ...['--output-directory', join(folder, out), '--json', ...more]
        ])
        expect([ended.code, ended.stderr.slice(-3000)]).toEqual([0, expect.anything()])
        return { report: JSON.parse(ended.stdout) as Report, stderr: ended.stderr }
      }

      /** Removes every image of the tests from the daemon, so that a pull has to fetch all. */
      const forgetImages = async () => {
        const tags = (await docker.listImages())
          .flatMap(image => [...(image.RepoTags ?? []), ...(image.RepoDigests ?? [])])
          .filter(
            tag => tag.startsWith(bed.registry.url) || tag.startsWith('flowstore-environment:')
          )
        for (const tag of tags) {
          await docker
            .getImage(tag)
            .remove({ force: true })
            .catch(() => undefined)
        }
      }

      test('builds, pushes, and every flow of the pulled image runs until it is Successful', async () => {
        await forgetImages()
        const { report } = await build('first')
        const { outputs } = report
        const document = JSON.parse(
          readFileSync(join(folder, 'first/storage.json'), 'utf8')
        ) as Record<string, unknown>
        expect(JSON.parse(outputs.storage)).toEqual(document)
        expect(document).toMatchObject({
          type: 'Docker',
          registry_url: bed.registry.url,
          image_name: name,
          image_tag: outputs['image-tag']
        })
        const flowsFile = join(folder, 'first/flows.json')
        const registers = release !== '0.5.4'
        expect([outputs['flows-path'], existsSync(flowsFile)]).toEqual(
          registers ? [flowsFile, true] : ['', false]
        )
        const { flows } = (
          registers ? JSON.parse(readFileSync(flowsFile, 'utf8')) : { flows: [] }
        ) as { flows: { name: string; storage: unknown }[] }
        expect(flows.map(flow => flow.name)).toEqual(registers ? EXAMPLE_FLOWS : [])
        for (const flow of flows) expect(flow.storage).toEqual(document)
        expect(outputs.image).toBe(`${bed.registry.url}/${name}:${outputs['image-tag']}`)
        expect(outputs['image-ref']).toBe(`${bed.registry.url}/${name}@${outputs.digest}`)
        expect(report.phases.map(phase => phase.name)).toEqual([
          'discover',
          'environment',
          'load',
          'healthcheck',
          'push'
        ])

        const manifest = await fetch(
          `http://${bed.registry.url}/v2/${name}/manifests/${outputs['image-tag']}`,
          { headers: { accept: 'application/vnd.docker.distribution.manifest.v2+json' } }
        )
        expect(manifest.headers.get('docker-content-digest')).toBe(outputs.digest)

        await forgetImages()
        const pulled = await run('docker', ['pull', outputs['image-ref']])
        expect(pulled).toMatchObject({ code: 0 })
        const created = await docker.createContainer({
          Image: outputs['image-ref'],
          Cmd: ['python', '/read_back.py', '/storage.json', outputs.image, by],
          HostConfig: { NetworkMode: 'none' }
        })
        writeFileSync(join(folder, 'read_back.py'), READ_BACK)
        for (const [file, to] of [
          [join(folder, 'read_back.py'), '/read_back.py'],
          [join(folder, 'first/storage.json'), '/storage.json']
        ] as const) {
          expect(await run('docker', ['cp', file, `${created.id}:${to}`])).toMatchObject({
            code: 0
          })
        }
        const { stdout, stderr } = await run('docker', ['start', '-a', created.id])
        await created.remove({ force: true })
        expect(stderr).not.toContain('Traceback')
        expect(JSON.parse(stdout.trim().split('\n').pop() ?? '')).toEqual(
          Object.fromEntries(EXAMPLE_FLOWS.map(flow => [flow, true]))
        )
      }, 600_000)

      test('the same input gives the same tag, on the environment that is there', async () => {
        const first = await build('first')
        const second = await build('second')
        expect(second.report.outputs['image-tag']).toBe(first.report.outputs['image-tag'])
        expect(second.report.outputs.changed).toBe('false')
        const built = await build('built', ['--assemble', 'build', '--force'])
        expect(built.report.outputs['image-tag']).toBe(first.report.outputs['image-tag'])
        expect(built.stderr).toContain('the registry has it')
        expect(built.report.phases.map(phase => phase.name)).toContain('build')
        const other = await build('third', ['--env-vars', 'MODE=other'])
        expect(other.report.outputs['image-tag']).not.toBe(first.report.outputs['image-tag'])
      }, 600_000)

      test('the Dockerfile is published, and builds on its own', async () => {
        const { report } = await build('first')
        const text = readFileSync(join(folder, 'first/Dockerfile'), 'utf8')
        expect(text).toMatch(new RegExp(`^FROM ${bed.baseImages[python]}@sha256:`))
        expect(text).toContain('python -m pip install')
        expect(text.lastIndexOf('COPY ["flows/')).toBeGreaterThan(text.indexOf('pip install'))
        expect(report.flows.map(flow => flow.location)).toContain(
          release === '0.5.4'
            ? '/root/.prefect/invoice.prefect'
            : '/opt/prefect/flows/invoice.prefect'
        )
      }, 600_000)
    }
  )
}
