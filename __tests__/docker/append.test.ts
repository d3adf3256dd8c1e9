import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { gzipLayer } from '../../src/image/oci/compressed-layer.js'
import type { NewLayer } from '../../src/image/oci/append.js'
import { RegistryClient } from '../../src/registry/client.js'
import type { Image } from '../../src/image/oci/image.js'
import { readImage } from '../../src/image/oci/read.js'
import { packTar } from '../../src/util/tar.js'
import { appendLayer } from '../helpers/append-layer.js'
import { repository, run } from '../helpers/flowstore.js'
import { digestOf } from '../helpers/registry-server.js'
import { describeWith } from '../helpers/test-bed.js'
import { send } from '../../src/http/send.js'

const OCI_INDEX = 'application/vnd.oci.image.index.v1+json'
const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'
const LIMIT = 120_000

interface Manifest {
  mediaType?: string
  config: { digest: string; size: number }
  layers: { mediaType: string; digest: string; size: number }[]
}

describeWith(
  ['docker', 'registry', 'authRegistry', 'debian:plain'],
  'a layer appended to an image in a registry',
  bed => {
    const host = bed.registry.url
    const login = { username: bed.authRegistry.username, password: bed.authRegistry.password }
    // A fresh name: other test runs use the same registry.
    const prefix = `append-test/${randomBytes(6).toString('hex')}`
    const repositories = { docker: `${prefix}/docker`, oci: `${prefix}/oci` }
    const images: string[] = []
    const created = new Date('2020-01-02T03:04:05Z')
    const labels = { 'test.flow': 'orders', 'test.kept': 'new' }

    const docker = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await run('docker', args)
      expect({ args, code, why: code === 0 ? '' : stderr }).toEqual({ args, code: 0, why: '' })
      return stdout.trim()
    }
    const skopeo = (...args: string[]): string =>
      execFileSync('skopeo', args, { stdio: ['ignore', 'pipe', 'inherit'] }).toString()

    /** A client that counts its requests by method. */
    const counting = (registry = host, credentials?: typeof login) => {
      const asked: string[] = []
      const client = new RegistryClient(registry, credentials, {
        access: 'pull,push',
        send: async (url, request) => {
          const response = await send(url, request)
          asked.push(
            `${request.method} ${url.pathname.replace(/^\/v2\/.*\/(manifests|blobs)\//, '$1/')} ${response.status}`
          )
          return response
        }
      })
      return { client, asked }
    }

    const readable = async (
      client: RegistryClient,
      repositoryName: string,
      tag: string
    ): Promise<Image> => {
      const image = await readImage(client, repositoryName, tag)
      if (image === undefined) throw new Error(`no image ${repositoryName}:${tag}`)
      return image
    }

    let layer: NewLayer
    beforeAll(async () => {
      const chunks: Buffer[] = []
      const archive = packTar([
        { path: 'opt/appended', folder: true, mode: 0o750 },
        { path: 'opt/appended/hello.txt', content: 'hello\n' },
        { path: 'opt/appended/run.sh', content: '#!/bin/sh\necho ran\n', mode: 0o755 },
        { path: 'opt/appended/link', link: 'hello.txt' },
        { path: 'etc/hostname-of-base', content: 'over\n' }
      ])
      for await (const chunk of archive) chunks.push(Buffer.from(chunk))
      layer = {
        layer: await gzipLayer(Buffer.concat(chunks)),
        createdBy: 'COPY flows /opt/appended',
        comment: 'a test'
      }
      const folder = repository({
        Dockerfile: [
          `FROM ${bed.baseImages.plain}`,
          'RUN echo base > /etc/hostname-of-base && echo stays > /etc/stays',
          'LABEL test.kept=old test.base=yes',
          'ENV KEPT=1',
          'WORKDIR /opt',
          ''
        ].join('\n')
      })
      const image = `${host}/${repositories.docker}:env`
      images.push(image)
      await run('docker', ['build', '-q', '-t', image, folder], folder, {
        ...process.env,
        DOCKER_BUILDKIT: '0'
      })
      await docker('push', '-q', image)
      const insecure = ['--src-tls-verify=false', '--dest-tls-verify=false']
      skopeo(
        'copy',
        '-q',
        ...insecure,
        '--format',
        'oci',
        `docker://${image}`,
        `docker://${host}/${repositories.oci}:env`
      )
    }, LIMIT)

    afterAll(async () => {
      for (const image of images) await run('docker', ['rmi', '-f', image])
    }, LIMIT)

    /** Pulls an image and compares what is in it with what the base and the layer have. */
    const expectAppended = async (image: string): Promise<void> => {
      images.push(image)
      await docker('pull', '-q', image)
      const script = [
        'cat /opt/appended/hello.txt /opt/appended/link /etc/hostname-of-base /etc/stays',
        '/opt/appended/run.sh',
        'stat -c "%a %u:%g %n" /opt/appended /opt/appended/hello.txt /opt/appended/run.sh',
        'echo "$KEPT $PWD"'
      ].join(' && ')
      const printed = await docker('run', '--rm', '--network', 'none', image, 'sh', '-c', script)
      expect(printed.split('\n')).toEqual([
        'hello',
        'hello',
        'over',
        'stays',
        'ran',
        '750 0:0 /opt/appended',
        '644 0:0 /opt/appended/hello.txt',
        '755 0:0 /opt/appended/run.sh',
        '1 /opt'
      ])
      const history = await docker(
        'history',
        '--no-trunc',
        '--format',
        '{{.CreatedBy}}|{{.Comment}}',
        image
      )
      expect(history.split('\n')[0]).toBe('COPY flows /opt/appended|a test')
      expect(history).toContain('test.base=yes')
      const inspected = JSON.parse(await docker('inspect', image)) as [
        { Created: string; Config: { Labels: unknown } }
      ]
      expect(new Date(inspected[0].Created)).toEqual(created)
      expect(inspected[0].Config.Labels).toEqual({
        'test.base': 'yes',
        'test.flow': 'orders',
        'test.kept': 'new'
      })
    }

    test.each([
      ['docker' as const, DOCKER_MANIFEST, 'application/vnd.docker.image.rootfs.diff.tar.gzip'],
      ['oci' as const, OCI_MANIFEST, 'application/vnd.oci.image.layer.v1.tar+gzip']
    ])(
      'the pulled image of the kind %s has the layer, and a second append uploads nothing',
      async (kind, manifestType, layerType) => {
        const name = repositories[kind]
        const { client, asked } = counting()
        const image = await readable(client, name, 'env')
        expect(image).toMatchObject({
          mediaType: manifestType,
          platforms: [{ platform: undefined }]
        })
        const tags = ['1', 'latest']
        const digest = await appendLayer(client, name, image, layer, labels, tags, { created })
        expect(asked.filter(line => line.startsWith('PUT manifests'))).toEqual([
          `PUT manifests/${digest} 201`,
          'PUT manifests/1 201',
          'PUT manifests/latest 201'
        ])
        expect(asked.filter(line => line.startsWith('POST'))).toHaveLength(2)
        const raw = skopeo('inspect', '--raw', '--tls-verify=false', `docker://${host}/${name}:1`)
        expect(digestOf(raw)).toBe(digest)
        const manifest = JSON.parse(raw) as Manifest
        expect(manifest.mediaType ?? manifestType).toBe(manifestType)
        expect(manifest.layers.at(-1)?.mediaType).toBe(layerType)
        const inspected = JSON.parse(
          skopeo('inspect', '--tls-verify=false', `docker://${host}/${name}@${digest}`)
        ) as { Digest: string; Layers: string[]; Labels: Record<string, string> }
        expect(inspected).toMatchObject({ Digest: digest, Labels: labels })
        expect(inspected.Layers).toEqual(manifest.layers.map(({ digest: of }) => of))
        await expectAppended(`${host}/${name}@${digest}`)

        const second = counting()
        const again = await readable(second.client, name, 'env')
        expect(
          await appendLayer(second.client, name, again, layer, labels, tags, { created })
        ).toBe(digest)
        expect(second.asked.sort()).toEqual(
          [
            'GET manifests/env 200',
            `GET blobs/${(JSON.parse(image.manifest.body) as Manifest).config.digest} 200`,
            `HEAD blobs/${manifest.layers.at(-1)?.digest} 200`,
            `HEAD blobs/${manifest.config.digest} 200`,
            `PUT manifests/${digest} 201`,
            'PUT manifests/1 201',
            'PUT manifests/latest 201'
          ].sort()
        )
      },
      LIMIT
    )

    test(
      'the image of every platform in an index has the layer',
      async () => {
        const name = repositories.oci
        const { client } = counting()
        const { manifest, platforms } = await readable(client, name, 'env')
        const { config } = platforms[0] ?? {}
        const other = Buffer.from(JSON.stringify({ ...config, architecture: 'arm64' }))
        await client.putBlob(name, other)
        const arm64 = JSON.parse(manifest.body) as Manifest
        Object.assign(arm64.config, { digest: digestOf(other), size: other.length })
        const bodies = { amd64: manifest.body, arm64: JSON.stringify(arm64) }
        const entries = []
        for (const [architecture, body] of Object.entries(bodies)) {
          const digest = digestOf(body)
          await client.putManifest(name, digest, OCI_MANIFEST, body)
          const platform = { os: 'linux', architecture }
          entries.push({ mediaType: OCI_MANIFEST, digest, size: body.length, platform })
        }
        const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: entries }
        await client.putManifest(name, 'index', OCI_INDEX, JSON.stringify(index))

        const image = await readable(client, name, 'index')
        const tags = ['index-1']
        const digest = await appendLayer(client, name, image, layer, labels, tags, { created })
        const raw = skopeo(
          ...['inspect', '--raw', '--tls-verify=false', `docker://${host}/${name}:index-1`]
        )
        expect(digestOf(raw)).toBe(digest)
        for (const architecture of ['amd64', 'arm64']) {
          const inspected = JSON.parse(
            skopeo(
              ...['--override-arch', architecture, 'inspect', '--tls-verify=false'],
              `docker://${host}/${name}@${digest}`
            )
          ) as { Architecture: string; Layers: string[]; Labels: unknown }
          expect(inspected).toMatchObject({ Architecture: architecture, Labels: labels })
          expect(inspected.Layers).toHaveLength(arm64.layers.length + 1)
        }
        await expectAppended(`${host}/${name}@${digest}`)
      },
      LIMIT
    )

    test(
      'a registry with a login takes the layer with the right login only',
      async () => {
        const registry = bed.authRegistry.url
        const name = prefix
        skopeo(
          ...['copy', '-q', '--src-tls-verify=false', '--dest-tls-verify=false'],
          ...['--dest-creds', `${login.username}:${login.password}`],
          ...[`docker://${host}/${repositories.docker}:env`, `docker://${registry}/${name}:env`]
        )
        const { client, asked } = counting(registry, login)
        const image = await readable(client, name, 'env')
        const digest = await appendLayer(client, name, image, layer, labels, ['1'], { created })
        expect(asked.filter(line => line.endsWith(' 401'))).toEqual(['GET manifests/env 401'])
        expect(await client.digest(name, '1')).toBe(digest)

        for (const wrong of [undefined, { ...login, password: 'guessed' }]) {
          const refused = counting(registry, wrong).client
          await expect(refused.manifest(name, '1')).rejects.toMatchObject({
            code: 'REGISTRY',
            message: `${registry} refuses a read of ${name} (401): UNAUTHORIZED: authentication required`
          })
          await expect(
            appendLayer(refused, name, image, layer, labels, ['2'], { created: new Date() })
          ).rejects.toMatchObject({
            code: 'PUSH_REFUSED',
            message: `${registry} refuses a push to ${name} (401): UNAUTHORIZED: authentication required`
          })
        }
        expect(await client.digest(name, '2')).toBeUndefined()
      },
      LIMIT
    )
  }
)
