import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from '@jest/globals'
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

      /** Removes the images of the tests from the daemon, so that they have to be pulled again. */
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

      const LIMIT = 600_000
      /** Whether `prefect register` of this release reads flows.json. */
      const registers = release !== '0.5.4'
      const read = (file: string) => readFileSync(join(folder, 'first', file), 'utf8')
      const storage = () => JSON.parse(read('storage.json')) as Record<string, unknown>
      let first: Report

      beforeAll(async () => {
        await forgetImages()
        first = (await build('first')).report
      }, LIMIT)

      test('the storage names the image', () => {
        const { outputs } = first
        expect(JSON.parse(outputs.storage)).toEqual(storage())
        expect(storage()).toMatchObject({
          type: 'Docker',
          registry_url: bed.registry.url,
          image_name: name,
          image_tag: outputs['image-tag']
        })
        expect(outputs.image).toBe(`${bed.registry.url}/${name}:${outputs['image-tag']}`)
        expect(outputs['image-ref']).toBe(`${bed.registry.url}/${name}@${outputs.digest}`)
      })

      test('flows.json has every flow with the storage, if the release reads it', () => {
        const file = join(folder, 'first/flows.json')
        expect([first.outputs['flows-path'], existsSync(file)]).toEqual(
          registers ? [file, true] : ['', false]
        )
        const { flows } = (registers ? JSON.parse(read('flows.json')) : { flows: [] }) as {
          flows: { name: string; storage: unknown }[]
        }
        expect(flows.map(flow => flow.name)).toEqual(registers ? EXAMPLE_FLOWS : [])
        for (const flow of flows) expect(flow.storage).toEqual(storage())
      })

      test('the report has the phases of a build that appends', () => {
        expect(first.phases.map(phase => phase.name)).toEqual([
          'discover',
          'environment',
          'load',
          'healthcheck',
          'push',
          'tags'
        ])
      })

      test('the digest is that of the manifest in the registry', async () => {
        const manifest = await fetch(
          `http://${bed.registry.url}/v2/${name}/manifests/${first.outputs['image-tag']}`,
          { headers: { accept: 'application/vnd.docker.distribution.manifest.v2+json' } }
        )
        expect(manifest.headers.get('docker-content-digest')).toBe(first.outputs.digest)
      })

      test(
        'every flow of the pulled image runs until it is Successful',
        async () => {
          await forgetImages()
          const reference = first.outputs['image-ref']
          expect(await run('docker', ['pull', reference])).toMatchObject({ code: 0 })
          const created = await docker.createContainer({
            Image: reference,
            Cmd: ['python', '/read_back.py', '/storage.json', first.outputs.image, by],
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
        },
        LIMIT
      )

      test('the published Dockerfile installs the packages before it copies the flows', () => {
        const text = read('Dockerfile')
        expect(text).toMatch(new RegExp(`^FROM ${bed.baseImages[python]}@sha256:`))
        expect(text).toContain('python -m pip install')
        expect(text.lastIndexOf('COPY ["flows/')).toBeGreaterThan(text.indexOf('pip install'))
      })

      test('flows have the paths that the release uses in an image', () => {
        expect(first.flows.map(flow => flow.location)).toContain(
          release === '0.5.4'
            ? '/root/.prefect/invoice.prefect'
            : '/opt/prefect/flows/invoice.prefect'
        )
      })

      test(
        'the same input gives the same tag, and no change',
        async () => {
          const { outputs } = (await build('second')).report
          expect(outputs['image-tag']).toBe(first.outputs['image-tag'])
          expect(outputs.changed).toBe('false')
        },
        LIMIT
      )

      test(
        'a build by the daemon has the same tag, on the environment of the registry',
        async () => {
          const { report, stderr } = await build('built', ['--assemble', 'build', '--force'])
          expect(report.outputs['image-tag']).toBe(first.outputs['image-tag'])
          expect(stderr).toContain('the registry has it')
          expect(report.phases.map(phase => phase.name)).toContain('build')
        },
        LIMIT
      )

      test(
        'another variable gives another tag',
        async () => {
          const { outputs } = (await build('third', ['--env-vars', 'MODE=other'])).report
          expect(outputs['image-tag']).not.toBe(first.outputs['image-tag'])
        },
        LIMIT
      )
    }
  )
}
