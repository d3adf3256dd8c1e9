import { beforeAll, expect, test } from '@jest/globals'
import Docker from 'dockerode'
import { connectDocker } from '../../src/docker/connect.js'
import { silentLog } from '../../src/log.js'
import { reportOf } from '../helpers/builds.js'
import { flowstore, mustRun, oneFlow, repository } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'

const [OWN, FOREIGN] =
  process.arch === 'arm64' ? ['linux/arm64', 'linux/amd64'] : ['linux/amd64', 'linux/arm64']

/** A program for the foreign platform: a header that this machine’s kernel refuses. */
function foreignProgram(): Buffer {
  const header = Buffer.alloc(4096)
  header.write('\x7fELF\x02\x01\x01', 'latin1')
  header.writeUInt16LE(2, 16)
  header.writeUInt16LE(FOREIGN === 'linux/arm64' ? 183 : 62, 18)
  return header
}

describeWith(['docker', 'registry', 'prefect:1.4.1'], 'the platform of an image', bed => {
  const name = `${bed.registry.url}/flowstore-platforms`
  const docker = new Docker()
  const LIST = 'application/vnd.docker.distribution.manifest.list.v2+json'
  const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'

  const build = (args: string[], files: Record<string, string> = {}) =>
    flowstore(
      [
        ...['build', 'flow.py', '--push', 'false', '--image-name', 'flowstore-test'],
        ...['--image-tag', 'platform', '--prefect-version', '1.4.1', '--json', ...args]
      ],
      repository({ 'flow.py': oneFlow('a'), ...files })
    )
  const kwargs = (platform: string) => ['--build-kwargs', JSON.stringify({ platform })]

  // One tag for two platforms, as most images in registries have.
  beforeAll(async () => {
    const docked = (...args: string[]) => mustRun('docker', args)
    const content = foreignProgram()
    const programs = ['bin/sh', 'bin/python3'].map(path => ({ path, content, mode: 0o755 }))
    const daemon = await connectDocker(bed.dockerHost, {})
    await daemon.build(
      {
        dockerfile: 'FROM scratch\nCOPY bin/ /bin/\n',
        context: programs,
        tag: `${name}:foreign`,
        kwargs: { platform: FOREIGN }
      },
      silentLog()
    )
    await docked('pull', '--quiet', bed.prefectBase)
    await docked('tag', bed.prefectBase, `${name}:own`)
    const manifests = []
    for (const [tag, platform] of [
      ['own', OWN],
      ['foreign', FOREIGN]
    ] as const) {
      await docked('push', '--quiet', `${name}:${tag}`)
      const response = await fetch(
        `http://${bed.registry.url}/v2/flowstore-platforms/manifests/${tag}`,
        { headers: { accept: MANIFEST } }
      )
      const [os, architecture] = platform.split('/')
      manifests.push({
        mediaType: MANIFEST,
        size: (await response.text()).length,
        digest: response.headers.get('docker-content-digest'),
        platform: { os, architecture }
      })
    }
    const put = await fetch(`http://${bed.registry.url}/v2/flowstore-platforms/manifests/both`, {
      method: 'PUT',
      headers: { 'content-type': LIST },
      body: JSON.stringify({ schemaVersion: 2, mediaType: LIST, manifests })
    })
    if (!put.ok) throw new Error(await put.text())
  }, 120_000)

  test('the platform of the daemon builds an image of that platform', async () => {
    const ended = await build([
      ...['--base-image', `${name}:both`, '--python-dependencies', 'inflection==0.5.1'],
      ...kwargs(OWN)
    ])
    const { outputs } = reportOf(ended)
    const { Os, Architecture } = await docker.getImage(outputs.image).inspect()
    expect(`${Os}/${Architecture}`).toBe(OWN)
  }, 120_000)

  const refused: [string, string, string, RegExp][] = [
    [
      'the daemon can’t run the platform',
      'both',
      FOREIGN,
      new RegExp(
        `BASE_IMAGE_PYTHON: the base image \\S+:both is for ${FOREIGN}, and the daemon is ${OWN} without emulation[^]*exec format error[^]*hint: .*setup-qemu-action`
      )
    ],
    [
      'the index of the base image does not have the platform',
      'both',
      'linux/s390x',
      /BASE_IMAGE_PULL: .* no matching manifest for linux\/s390x.*\n\s+hint: Choose another platform in --build-kwargs/
    ],
    [
      'the base image is for another platform',
      'own',
      FOREIGN,
      new RegExp(
        `BASE_IMAGE_PULL: the base image \\S+:own is for ${OWN}, and --build-kwargs asks for ${FOREIGN}`
      )
    ]
  ]
  test.each(refused)(
    'a build is refused if %s',
    async (_name, tag, platform, message) => {
      const { code, stderr } = await build(['--base-image', `${name}:${tag}`, ...kwargs(platform)])
      expect([code, stderr]).toEqual([4, expect.stringMatching(message)])
    },
    120_000
  )

  test('a build is refused if a base image of the daemon is for a platform that it can’t run', async () => {
    const { code, stderr } = await build(['--base-image', `${name}:foreign`, '--local-image'])
    expect([code, stderr]).toEqual([
      4,
      expect.stringMatching(/BASE_IMAGE_PYTHON: .* without emulation/)
    ])
  }, 120_000)

  test('a user’s Dockerfile with a platform that the daemon can’t run fails with a hint', async () => {
    const { code, stderr } = await build(['--dockerfile', 'Dockerfile', ...kwargs(FOREIGN)], {
      Dockerfile: `FROM ${name}:both\nRUN true\n`
    })
    expect([code, stderr]).toEqual([
      4,
      expect.stringMatching(
        /IMAGE_BUILD: Dockerfile can't be built[^]*exec format error[^]*hint: The daemon has no emulation/
      )
    ])
  }, 120_000)
})
