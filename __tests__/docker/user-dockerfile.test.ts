import { expect, test } from '@jest/globals'
import Docker from 'dockerode'
import type { PublishedReport as Report } from '../../src/publish/outputs.js'
import { inImage, reportOf } from '../helpers/builds.js'
import { flowstore, freshName, oneFlow, repository, run } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'

const LIMIT = 120_000

describeWith(['docker', 'registry', 'prefect:1.4.1'], 'the option dockerfile', bed => {
  const docker = new Docker()
  const unpushed = [
    '--push',
    'false',
    '--image-name',
    'flowstore-test',
    '--image-tag',
    'dockerfile'
  ]

  const build = async (root: string, args: readonly string[]): Promise<Report> => {
    const given = ['build', 'flow.py', '--json', '--dockerfile', 'docker/Dockerfile']
    return reportOf(await flowstore([...given, ...args], root))
  }
  const docked = async (...args: string[]): Promise<void> => {
    expect(await run('docker', args)).toMatchObject({ code: 0 })
  }

  test(
    'the image is built on the Dockerfile’s, with its stage, arguments and ignored files',
    async () => {
      const root = repository({
        'flow.py': oneFlow('a'),
        'docker/Dockerfile': `FROM ${bed.prefectBase} AS first
ARG COLOUR=none
COPY . /context
RUN echo $COLOUR > /colour && { getent hosts one.test two.test > /hosts; true; }
FROM first AS second
RUN exit 1
`,
        'docker/ignored': 'secret\n',
        secret: 'x',
        'kept.txt': 'kept'
      })
      const builds = () =>
        build(root, [
          ...[...unpushed, '--dockerignore', 'docker/ignored', '--build-kwargs'],
          JSON.stringify({
            buildargs: { COLOUR: 'red' },
            target: 'first',
            pull: true,
            labels: { team: 'x' },
            extra_hosts: { 'one.test': '10.0.0.1', 'two.test': '10.0.0.2' }
          })
        ])
      await builds()
      // The second build reuses the environment image, whose Dockerfile has no such stage.
      const report = await builds()
      expect(
        await inImage(
          report.outputs.image,
          'cat /colour /context/kept.txt && ls /context && wc -l < /hosts'
        )
      ).toBe('red\nkeptdocker\nflow.py\nkept.txt\n2\n')
      expect((await docker.getImage(report.outputs.image).inspect()).Config.Labels).toMatchObject({
        team: 'x'
      })
      const { code, stderr } = await flowstore(
        ['build', 'flow.py', ...unpushed, '--dockerfile', 'docker/Dockerfile'],
        root
      )
      expect([code, stderr]).toEqual([
        4,
        expect.stringMatching(/IMAGE_BUILD: docker\/Dockerfile can't be built: .*exit 1/)
      ])
    },
    LIMIT
  )

  test(
    'the Dockerfile is built on the registry’s image, or with local-image on the daemon’s',
    async () => {
      const base = `${bed.registry.url}/${freshName('dockerfile-base')}:moving`
      const makeBase = async (is: string) => {
        const folder = repository({ Dockerfile: `FROM ${bed.prefectBase}\nRUN echo ${is} > /is\n` })
        await docked('build', '-q', '-t', base, folder)
      }
      await makeBase('new')
      await docked('push', '-q', base)
      await makeBase('old')
      const root = repository({ 'flow.py': oneFlow('a'), 'docker/Dockerfile': `FROM ${base}\n` })
      const is = async (...args: string[]) =>
        inImage((await build(root, [...unpushed, ...args])).outputs.image, 'cat /is')
      expect(await is('--local-image')).toBe('old\n')
      expect(await is()).toBe('new\n')
      await docked('rmi', '-f', base)
    },
    LIMIT
  )

  test(
    'labels change without another environment, and refresh runs the steps again',
    async () => {
      const root = repository({
        'flow.py': oneFlow('a'),
        'docker/Dockerfile': `FROM ${bed.prefectBase}\nRUN date +%s%N > /made\n`
      })
      const name = freshName('dockerfile')
      const pushed = (commit: string, ...args: string[]) =>
        build(root, [
          ...['--registry-url', bed.registry.url, '--image-name', name, '--build-kwargs'],
          ...[JSON.stringify({ labels: { commit } }), ...args]
        ])
      const made = async ({ outputs }: Report) => {
        await docked('pull', '-q', outputs['image-ref'])
        return inImage(outputs['image-ref'], 'cat /made')
      }
      const commitOf = async ({ outputs }: Report) =>
        (await docker.getImage(outputs['image-ref']).inspect()).Config.Labels['commit']
      const first = await pushed('a')
      const second = await pushed('b')
      expect(second.outputs.changed).toBe('true')
      expect(await made(second)).toBe(await made(first))
      expect([await commitOf(first), await commitOf(second)]).toEqual(['a', 'b'])
      expect((await pushed('b')).outputs.changed).toBe('false')
      const anew = await pushed('b', '--refresh')
      expect(anew.outputs.changed).toBe('true')
      expect(await made(anew)).not.toBe(await made(first))
    },
    LIMIT
  )
})
