import { appendFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, expect, jest, test } from '@jest/globals'
import type { PublishedReport as Report } from '../../src/publish/outputs.js'
import { reportOf } from '../helpers/builds.js'
import {
  flowstore,
  freshName,
  mustRun,
  oneFlow,
  repository,
  temporaryFolder
} from '../helpers/flowstore.js'
import { registryAt } from '../helpers/registry-api.js'
import { digestOf } from '../helpers/registry-server.js'
import { describeWith } from '../helpers/test-bed.js'
import { uvProgram, WITHOUT_INDEXES } from '../helpers/uv.js'

jest.setTimeout(300_000)

interface Manifest {
  readonly config: { readonly digest: string }
  readonly layers: readonly { readonly digest: string }[]
}

/** A manifest, with its names. */
interface Named extends Manifest {
  readonly tag: string
  readonly digest: string
}

/** What a registry has of an image with flows, and of its environment image. */
interface Stored {
  readonly flows: Named
  readonly environment: Named
}

/** What the registry loses, as a path of its API, and what a run says of it. */
type Loss = (stored: Stored) => readonly [string, RegExp]

const OF_FLOWS: Readonly<Record<string, Loss>> = {
  'the layer of the flows': ({ flows }) => [
    `blobs/${flows.layers.at(-1)?.digest}`,
    RegExp(`${flows.tag} is incomplete.*lacks the layer ${flows.layers.at(-1)?.digest}`)
  ],
  'the configuration of the image with flows': ({ flows }) => [
    `blobs/${flows.config.digest}`,
    RegExp(`${flows.tag} is incomplete.*lacks the blob ${flows.config.digest}`)
  ],
  'the manifest of the image with flows': ({ flows }) => [
    `manifests/${flows.digest}`,
    RegExp(`has lost the image .*:${flows.tag}, which the result in .flowstore names`)
  ]
}

const OF_ENVIRONMENT: Readonly<Record<string, Loss>> = {
  'the last layer of the environment': ({ environment }) => [
    `blobs/${environment.layers.at(-1)?.digest}`,
    RegExp(`${environment.tag} is incomplete.*lacks the layer ${environment.layers.at(-1)?.digest}`)
  ],
  'the configuration of the environment': ({ environment }) => [
    `blobs/${environment.config.digest}`,
    RegExp(`${environment.tag} is incomplete.*lacks the blob ${environment.config.digest}`)
  ],
  'the manifest of the environment': ({ environment }) => [
    `manifests/${environment.digest}`,
    RegExp(`has lost the image .*:${environment.tag}, which .* was built on`)
  ]
}

/** Without a change, a run asks for the layers that flowstore made, and not for those of the base. */
const OF_BASE: Readonly<Record<string, Loss>> = {
  'a layer of the base image': ({ environment }) => [
    `blobs/${environment.layers[0]?.digest}`,
    RegExp(`${environment.tag} is incomplete.*lacks the layer ${environment.layers[0]?.digest}`)
  ]
}

describeWith(
  ['docker', 'registry', 'prefect:1.4.1', 'venv:1.4.1'],
  'a run after the registry lost',
  bed => {
    const registry = registryAt(bed.registry.url)
    let path: string
    beforeAll(async () => {
      path = [dirname(await uvProgram()), process.env['PATH']].join(':')
    })

    const lose = async (name: string, what: string): Promise<void> => {
      const answer = await fetch(`http://${bed.registry.url}/v2/${name}/${what}`, {
        method: 'DELETE'
      })
      expect([what, answer.status]).toEqual([what, 202])
    }

    /** A repository, and how it is built. */
    const project = (builder: 'daemon' | 'direct', ...more: readonly string[]) => {
      const root = repository({ 'f.py': oneFlow('a'), 'g.py': oneFlow('b') })
      const name = freshName('lost')
      const build = (...args: string[]) =>
        flowstore(
          [
            ...['build', 'f.py', 'g.py', '--base-image', bed.prefectBase, '--json'],
            ...['--registry-url', bed.registry.url, '--image-name', name],
            ...['--builder', builder, ...more, ...args]
          ],
          root,
          {
            ...(builder === 'direct' ? WITHOUT_INDEXES : process.env),
            DOCKER_HOST: bed.dockerHost,
            PATH: path
          }
        )
      return { root, name, build }
    }

    const storedBy = async (name: string, { outputs }: Report): Promise<Stored> => {
      const { tags } = await registry.json<{ readonly tags: readonly string[] }>(
        `${name}/tags/list`
      )
      const tag = tags.find(each => each.startsWith('env-')) ?? ''
      const named = async (tag: string): Promise<Named> => {
        const text = await registry.text(`${name}/manifests/${tag}`)
        return { ...(JSON.parse(text) as Manifest), tag, digest: digestOf(text) }
      }
      return { flows: await named(outputs['image-tag']), environment: await named(tag) }
    }

    /** Copies an image as a machine pulls it that has nothing of it. */
    const pull = (reference: string) =>
      mustRun('skopeo', [
        ...['copy', '-q', '--src-tls-verify=false'],
        ...[`docker://${reference}`, `dir:${temporaryFolder()}`]
      ])

    test.each(['daemon', 'direct'] as const)(
      'a part of an image that the builder %s made, says so and makes it again',
      async builder => {
        const { root, name, build } = project(builder)
        let report = reportOf(await build())
        const losses = {
          ...(builder === 'daemon' ? OF_FLOWS : {}),
          ...OF_ENVIRONMENT,
          ...OF_BASE
        }
        for (const [what, lost] of Object.entries(losses)) {
          const [part, says] = lost(await storedBy(name, report))
          await lose(name, part)
          if (what in OF_BASE) appendFileSync(join(root, 'f.py'), '# changed\n')
          const again = await build()
          expect([what, again.stderr]).toEqual([what, expect.stringMatching(says)])
          report = reportOf(again)
          await pull(report.outputs['image-ref'])
          expect([what, reportOf(await build()).outputs.changed]).toEqual([what, 'false'])
        }
      }
    )

    test('the flows of an earlier image, loads all modules with incremental: auto', async () => {
      const { root, name, build } = project('daemon', '--incremental', 'auto', '--tags', 'latest')
      const { flows } = await storedBy(name, reportOf(await build()))
      await lose(name, `blobs/${flows.layers.at(-1)?.digest}`)
      appendFileSync(join(root, 'f.py'), '# changed\n')
      const again = await build()
      expect(again.stderr).toContain(
        `All modules are loaded: ${bed.registry.url}/${name}:latest has no records: ${bed.registry.url}/${name} lacks the blob`
      )
      await pull(reportOf(again).outputs['image-ref'])
    })
  }
)
