import { execFileSync } from 'node:child_process'
import { reportOf } from '../helpers/builds.js'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import Docker from 'dockerode'
import type { PublishedReport as Report } from '../../src/publish/outputs.js'
import {
  flowstore,
  freshName,
  oneFlow,
  repository,
  run,
  temporaryFolder,
  type Ended
} from '../helpers/flowstore.js'
import { notForDocker, registryProxy, type Passed } from '../helpers/registry-proxy.js'
import { when } from '../helpers/registry-server.js'
import { describeWith } from '../helpers/test-bed.js'

const LIMIT = 300_000
const NOWHERE = 'unix:///nowhere/docker.sock'

describeWith(['docker', 'registry', 'prefect:1.4.1', 'venv:1.4.1'], 'a second build', bed => {
  const docker = new Docker()
  const newName = () => freshName('incremental')

  const build = (
    root: string,
    registry: string,
    name: string,
    args: readonly string[] = [],
    env: NodeJS.ProcessEnv = {}
  ): Promise<Ended> =>
    flowstore(
      [
        ...['build', 'flows', '--base-image', bed.prefectBase, '--json'],
        ...['--registry-url', registry, '--image-name', name, ...args]
      ],
      root,
      { ...process.env, ...env }
    )
  const manifest = async (name: string, tag: string) => {
    const response = await fetch(`http://${bed.registry.url}/v2/${name}/manifests/${tag}`, {
      headers: {
        accept:
          'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json'
      }
    })
    return { digest: response.headers.get('docker-content-digest'), body: await response.text() }
  }
  const tagsOf = async (name: string): Promise<string[]> => {
    const response = await fetch(`http://${bed.registry.url}/v2/${name}/tags/list`)
    return ((await response.json()) as { tags: string[] | null }).tags ?? []
  }

  /** The events of the daemon for an image during some work, such as `container create` and `image push`. */
  const eventsOf = async (name: string, work: () => Promise<unknown>): Promise<string[]> => {
    const since = (Date.now() - 1) / 1000
    await work()
    const until = Date.now() / 1000
    const { stdout } = await run('docker', [
      ...['events', '--since', since.toFixed(3), '--until', until.toFixed(3)],
      '--format',
      '{{.Type}} {{.Action}} {{.Actor.Attributes.image}} {{.Actor.Attributes.name}}'
    ])
    return stdout
      .split('\n')
      .filter(line => line.includes(name))
      .map(line => line.split(' ').slice(0, 2).join(' '))
      .filter(line => /^(container (create|start)|image (push|pull|tag))$/.test(line))
  }
  const bytes = (passed: readonly Passed[], direction: 'sent' | 'received') =>
    passed.reduce((sum, one) => sum + one[direction], 0)

  test(
    'a changed flow costs one container, one small layer and few requests; no change costs no container',
    async () => {
      const root = repository({
        'flows/a.py': `from helpers import value\n${oneFlow('a')}`,
        'flows/b.py': oneFlow('b'),
        'helpers/__init__.py': 'value = 1\n'
      })
      const name = newName()
      const proxy = await registryProxy(bed.registry.url)
      const first = reportOf(await build(root, proxy.host, name))
      expect(first.outputs.changed).toBe('true')
      proxy.take()

      appendFileSync(join(root, 'flows/b.py'), '\n# changed\n')
      let second: Report | undefined
      const events = await eventsOf(name, async () => {
        second = reportOf(await build(root, proxy.host, name))
      })
      const changed = proxy.take()
      expect(second?.outputs.changed).toBe('true')
      expect(second?.load).toMatchObject({ in: 'image', why: 'the flows will run there' })
      expect(events).toEqual(['container create', 'container start'])
      expect(changed.every(one => one.by === 'flowstore')).toBe(true)
      // Each layer of the environment is asked for, at the same time.
      const layers = changed.filter(({ line }) => /^HEAD .*\/blobs\//.test(line)).length
      expect(layers).toBeLessThanOrEqual(20)
      // Environment and look-up: 3 requests; layer and configuration: 3 each; manifest: 1.
      expect(changed.length - layers).toBeLessThanOrEqual(8)
      expect(bytes(changed, 'sent')).toBeLessThan(40_000)
      expect(bytes(changed, 'received')).toBeLessThan(40_000)

      let third: Report | undefined
      const nothing = await eventsOf(name, async () => {
        third = reportOf(await build(root, proxy.host, name, [], { PATH: '/nowhere' }))
      })
      const unchanged = proxy.take()
      expect(third?.outputs).toMatchObject({
        changed: 'false',
        storage: second?.outputs.storage,
        digest: second?.outputs.digest,
        'image-ref': second?.outputs['image-ref']
      })
      expect(third?.flows).toEqual(second?.flows)
      expect(third?.versions).toEqual(second?.versions)
      expect(nothing).toEqual([])
      // One more request, to the registry of the base image.
      expect(unchanged.length).toBeLessThanOrEqual(7)
      for (const file of ['storage.json', 'flows.json', 'Dockerfile', 'report.json']) {
        expect(existsSync(join(root, '.flowstore', file))).toBe(true)
      }

      // No daemon is needed.
      const alone = await build(root, proxy.host, name, [], { DOCKER_HOST: NOWHERE })
      expect(reportOf(alone).outputs.changed).toBe('false')
      const forced = reportOf(await build(root, proxy.host, name, ['--force']))
      expect(forced.outputs).toMatchObject({
        changed: 'true',
        'image-tag': second?.outputs['image-tag']
      })
    },
    LIMIT
  )

  test(
    'an appended image can be pulled, inspected and run like any other',
    async () => {
      const root = repository({
        'flows/a.py': `from helpers.deep import value\n${oneFlow('a').replace('return 1', 'from helpers.lazy import more\n    return value + more')}`,
        'helpers/__init__.py': '',
        'helpers/deep.py': 'value = 1\n',
        'helpers/lazy.py': 'more = 1\n'
      })
      const name = newName()
      const report = reportOf(await build(root, bed.registry.url, name))
      const { 'image-ref': reference, image } = report.outputs
      expect((await manifest(name, report.outputs['image-tag'])).digest).toBe(report.outputs.digest)
      const ran = await flowstore(
        ['run', join(root, '.flowstore/storage.json'), '--flow', 'a'],
        temporaryFolder()
      )
      expect({ code: ran.code, why: ran.code === 0 ? '' : ran.stderr }).toEqual({
        code: 0,
        why: ''
      })
      expect(await run('docker', ['pull', '-q', reference])).toMatchObject({ code: 0 })
      const files = await run('docker', [
        ...['run', '--rm', '--network', 'none', '--entrypoint', 'sh', reference, '-c'],
        'stat -c "%a %U %Y %n" /opt/prefect/flows /opt/prefect/flows/a.prefect /opt/flowstore/helpers /opt/flowstore/helpers/deep.py'
      ])
      expect(files.stdout.replace(/^(755 root) \d+ (\/opt\/prefect\/flows)$/m, '$1 - $2')).toBe(
        [
          '755 root - /opt/prefect/flows',
          '644 root 0 /opt/prefect/flows/a.prefect',
          '755 root 0 /opt/flowstore/helpers',
          '644 root 0 /opt/flowstore/helpers/deep.py',
          ''
        ].join('\n')
      )
      const checked = await run('docker', [
        ...['run', '--rm', '--network', 'none', reference, 'python', '/opt/prefect/healthcheck.py']
      ])
      expect(checked).toMatchObject({ code: 0, stdout: '"a": ok\n' })
      const { stdout: history } = await run('docker', ['history', '--no-trunc', image])
      expect(history).toContain('flowstore 0.1.0: 1 flow')
      const facts = await docker.getImage(reference).inspect()
      expect(JSON.parse(facts.Config.Labels['io.flowstore.storage'] ?? '')).toEqual(
        JSON.parse(report.outputs.storage)
      )
    },
    LIMIT
  )

  test(
    'the folders above the flows keep their owners, modes and links',
    async () => {
      const folder = repository({
        Dockerfile: `FROM ${bed.prefectBase}
RUN useradd --create-home app && chmod 700 /home/app && ln -s /home/app /srv/link
USER app
`
      })
      const base = `${bed.registry.url}/${newName()}:base`
      expect(await run('docker', ['build', '-q', '-t', base, folder])).toMatchObject({ code: 0 })
      expect(await run('docker', ['push', '-q', base])).toMatchObject({ code: 0 })
      const root = repository({ 'flows/a.py': oneFlow('a') })
      for (const home of ['/srv/link/prefect', '/tmp/prefect']) {
        const name = newName()
        const ended = await flowstore(
          [
            ...['build', 'flows', '--json', '--base-image', base, '--prefect-directory', home],
            ...['--registry-url', bed.registry.url, '--image-name', name, '--assemble', 'append']
          ],
          root
        )
        const { 'image-ref': reference } = reportOf(ended).outputs
        expect(await run('docker', ['pull', '-q', reference])).toMatchObject({ code: 0 })
        const seen = await run('docker', [
          ...['run', '--rm', '--network', 'none', '--entrypoint', 'sh', reference, '-c'],
          'stat -c "%a %U %n" /home /home/app /srv/link /tmp; touch ~/mine && ls ~'
        ])
        expect(seen).toMatchObject({ code: 0, stderr: '' })
        expect(seen.stdout.split('\n')).toEqual([
          ...[
            '755 root /home',
            '700 app /home/app',
            '777 root /srv/link',
            '1777 root /tmp',
            'mine'
          ],
          ...(home.startsWith('/srv') ? ['prefect', ''] : [''])
        ])
        const ran = await flowstore(['run', join(root, '.flowstore/storage.json')], root)
        expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining('a: Success')])
      }
    },
    LIMIT
  )

  test(
    'every change that can change the flows makes another image, and no other change does',
    async () => {
      const root = repository({
        'flows/a.py': `import shadowed\n${oneFlow('a')}`,
        'shadowed/__init__.py': 'value = 1\n',
        'data.txt': 'one',
        'sub/.gitignore': 'left-out\n',
        'sub/module.py': 'x = 1\n',
        'sub/left-out': '1',
        '.gitignore': 'ignored.txt\n',
        'ignored.txt': '1'
      })
      symlinkSync('data.txt', join(root, 'link'))
      const name = newName()
      // A base image for this test only, whose tag can move.
      const base = `${bed.registry.url}/incremental/base-${process.pid}:moving`
      const moveBase = async (label: string) => {
        const folder = repository({ Dockerfile: `FROM ${bed.prefectBase}\nLABEL is=${label}\n` })
        expect(
          await run('docker', ['build', '-q', '-t', base, folder], folder, {
            ...process.env,
            DOCKER_BUILDKIT: '0'
          })
        ).toMatchObject({ code: 0 })
        expect(await run('docker', ['push', '-q', base])).toMatchObject({ code: 0 })
      }
      await moveBase('first')
      const options = ['--base-image', base, '--healthcheck', 'false']
      const runs = async (args: readonly string[] = []): Promise<string> =>
        reportOf(
          await flowstore(
            [
              ...['build', 'flows', '--json', '--registry-url', bed.registry.url],
              ...['--image-name', name, ...options, ...args]
            ],
            root
          )
        ).outputs.changed
      expect(await runs()).toBe('true')
      expect(await runs()).toBe('false')

      const changes: Record<string, () => unknown> = {
        'a module that shadows another': () => {
          writeFileSync(join(root, 'flows/shadowed.py'), 'value = 2\n')
        },
        'a data file': () => {
          writeFileSync(join(root, 'data.txt'), 'two')
        },
        'a link': () => {
          unlinkSync(join(root, 'link'))
          symlinkSync('sub/module.py', join(root, 'link'))
        },
        'a file in a subfolder': () => {
          writeFileSync(join(root, 'sub/module.py'), 'x = 2\n')
        },
        'a mode': () => {
          chmodSync(join(root, 'data.txt'), 0o755)
        },
        'a name': () => {
          renameSync(join(root, 'data.txt'), join(root, 'data2.txt'))
        },
        'a file that is no longer ignored': () => {
          writeFileSync(join(root, '.gitignore'), '')
        },
        'a base image that moved': () => moveBase('second')
      }
      for (const [what, change] of Object.entries(changes)) {
        await change()
        expect([what, await runs()]).toEqual([what, 'true'])
      }
      // The option changes which settings modules may declare.
      expect(await runs(['--storage', 'docker'])).toBe('true')
      expect(await runs(['--env-vars', 'A=1'])).toBe('true')
      expect(await runs(['--env-vars', 'A=2'])).toBe('true')
      expect(await runs(['--python-dependencies', 'inflection==0.5.1'])).toBe('true')
      expect(await runs()).toBe('false')

      const irrelevant: Record<string, () => void> = {
        'an ignored file': () => {
          writeFileSync(join(root, 'sub/left-out'), '2')
        },
        'an empty folder': () => {
          mkdirSync(join(root, 'empty'))
        },
        'the files of an earlier run': () => {
          writeFileSync(join(root, '.flowstore/storage.json'), '{}')
        },
        'the modification time of a file': () => {
          const path = join(root, 'sub/module.py')
          writeFileSync(path, readFileSync(path))
        }
      }
      for (const [what, change] of Object.entries(irrelevant)) {
        change()
        expect([what, await runs()]).toEqual([what, 'false'])
      }
      // refresh installs the newest packages, so the environment is always another.
      expect(await runs(['--refresh'])).toBe('true')
      expect(await runs()).toBe('false')
      await run('docker', ['rmi', base])
    },
    LIMIT
  )

  test(
    'additional tags name the digest of the image, whether it changed or not',
    async () => {
      const root = repository({ 'flows/a.py': oneFlow('a') })
      const name = newName()
      const tags = ['--tags', 'latest', '--tags', 'b-{{ branch }}', '--tags', 'pr-{{ pr }}']
      const env = { GITHUB_REF: 'refs/heads/feature/x', GITHUB_HEAD_REF: '' }
      const first = reportOf(await build(root, bed.registry.url, name, tags, env))
      expect(first.outputs.tags).toBe('latest\nb-feature-x')
      const again = reportOf(
        await build(root, bed.registry.url, name, [...tags, '--tags', 'v{{ version }}'], {
          GITHUB_REF: 'refs/tags/v1.2.3'
        })
      )
      expect(again.outputs).toMatchObject({ changed: 'false', tags: 'latest\nv1.2.3' })
      for (const tag of ['latest', 'b-feature-x', 'v1.2.3']) {
        expect((await manifest(name, tag)).digest).toBe(first.outputs.digest)
      }
      const built = reportOf(
        await build(root, bed.registry.url, name, [...tags, '--assemble', 'build', '--force'], env)
      )
      expect((await manifest(name, 'latest')).digest).toBe(built.outputs.digest)
      expect(built.outputs.digest).not.toBe(first.outputs.digest)
      // Without a push, the image in the daemon gets them.
      const kept = reportOf(
        await flowstore(
          [
            ...['build', 'flows', '--base-image', bed.prefectBase, '--json', '--push', 'false'],
            ...['--image-name', name, ...tags]
          ],
          root,
          { ...process.env, ...env }
        )
      )
      expect(kept.outputs.tags).toBe('latest\nb-feature-x')
      const image = await docker.getImage(kept.outputs.image).inspect()
      expect(image.RepoTags).toEqual(
        expect.arrayContaining([`${name}:latest`, `${name}:b-feature-x`])
      )
    },
    LIMIT
  )

  test(
    'an interpreter like the image’s loads the flows without a daemon, and the report names it',
    async () => {
      const root = repository({
        'flows/a.py': `import os\nfrom helpers import value\nassert not os.path.exists('ignored.txt')\nassert os.environ['A'] == '1' and 'SECRET' not in os.environ\n${oneFlow('a')}`,
        'helpers.py': 'value = 1\n',
        '.gitignore': 'ignored.txt\n',
        'ignored.txt': '1'
      })
      const name = newName()
      const options = ['--env-vars', 'A=1']
      reportOf(await build(root, bed.registry.url, name, options))
      appendFileSync(join(root, 'helpers.py'), '# changed\n')
      // Counts the processes that it starts.
      const counted = join(temporaryFolder(), 'python')
      writeFileSync(
        counted,
        `#!/bin/sh\necho started >>"$0.log"\nexec '${bed.venvs['1.4.1']}' "$@"\n`
      )
      chmodSync(counted, 0o755)
      const env = { DOCKER_HOST: NOWHERE, SECRET: 'x' }
      const runner = reportOf(
        await build(
          root,
          bed.registry.url,
          name,
          [...options, '--load-in', 'runner', '--python', counted],
          env
        )
      )
      expect(runner.outputs.changed).toBe('true')
      expect(runner.load).toMatchObject({
        in: 'runner',
        why: `${counted} matches the image's Python`
      })
      expect(readFileSync(`${counted}.log`, 'utf8')).toBe('started\n')
      const { 'image-ref': reference } = runner.outputs
      const ran = await run('docker', [
        ...['run', '--rm', '--network', 'none', reference, 'python', '-c'],
        'import cloudpickle, json, base64; f = cloudpickle.loads(base64.b64decode(json.load(open("/opt/prefect/flows/a.prefect"))["flow"])); print(f.run().is_successful())'
      ])
      expect(ran.stdout).toContain('True')

      // An interpreter with another Prefect is not used.
      appendFileSync(join(root, 'helpers.py'), '# again\n')
      const auto = await build(root, bed.registry.url, name, [
        ...[...options, '--load-in', 'auto', '--python', bed.pythons['3.11'] ?? '']
      ])
      const { load } = reportOf(auto)
      expect(load?.in).toBe('image')
      expect(load?.why).toMatch(/^python is 3\.11, 3\.9 in the image; prefect is absent, 1\.4\.1/)
    },
    LIMIT
  )

  test(
    'a failed append is an error or is left to the daemon, and puts no tag',
    async () => {
      const root = repository({ 'flows/a.py': oneFlow('a') })
      const name = newName()
      const proxy = await registryProxy(bed.registry.url)
      reportOf(await build(root, proxy.host, name))
      const before = await tagsOf(name)
      const change = () => {
        appendFileSync(join(root, 'flows/a.py'), '# more\n')
      }
      const failing = async (rules: typeof proxy.rules, args: readonly string[] = []) => {
        change()
        proxy.rules = rules
        const ended = await build(root, proxy.host, name, args)
        proxy.rules = []
        return ended
      }
      const upload = `POST /v2/${name}/blobs/uploads/`
      const refusals: [string, typeof proxy.rules, number, RegExp][] = [
        [
          '403',
          [when(upload, { status: 403, body: '{"errors":[{"code":"DENIED","message":"no"}]}' })],
          6,
          /error PUSH_REFUSED: .* \(403\): DENIED: no/
        ],
        ['413', [when(/^PUT .*blobs/, { status: 413 })], 6, /error PUSH_REFUSED: .*413/],
        [
          'a wrong digest',
          [
            when(/^PUT .*manifests/, {
              status: 201,
              headers: { 'docker-content-digest': `sha256:${'0'.repeat(64)}` }
            })
          ],
          6,
          /error REGISTRY: /
        ],
        ['500', [when(/^PUT .*manifests/, { status: 500 })], 6, /error REGISTRY: .*500/]
      ]
      for (const [what, rules, code, words] of refusals) {
        const ended = await failing(rules)
        expect([what, ended.code, ended.stderr]).toEqual([what, code, expect.stringMatching(words)])
        expect(await tagsOf(name)).toEqual(before)
        expect(existsSync(join(root, '.flowstore/failure.json'))).toBe(true)
      }

      // A temporary failure is retried.
      const waited = await failing([
        when(upload, { status: 429, headers: { 'retry-after': '1' } }, 1),
        when(/^PUT .*manifests/, { status: 503 }, 1)
      ])
      expect(reportOf(waited).outputs.changed).toBe('true')

      // If the API accepts no upload, the daemon pushes, unless assemble is append.
      const closed = [notForDocker(when(upload, { status: 405 }))]
      const built = await failing(closed)
      expect(reportOf(built).notices.map(({ message }) => message)).toEqual([
        expect.stringMatching(/^the daemon builds and pushes the image: .*405/)
      ])
      const not = await failing(closed, ['--assemble', 'append'])
      expect([not.code, not.stderr]).toEqual([
        6,
        expect.stringMatching(/error REGISTRY: the flows can't be added to the environment image/)
      ])
    },
    LIMIT
  )

  test(
    'a tag that another push moved during the build gets a warning',
    async () => {
      const root = repository({ 'flows/a.py': oneFlow('a') })
      const name = newName()
      const proxy = await registryProxy(bed.registry.url)
      const tagged = ['--image-tag', 'release']
      reportOf(await build(root, proxy.host, name, tagged))
      writeFileSync(join(root, 'flows/a.py'), `${oneFlow('a')}\nCHANGED = True\n`)
      const of = (tag: string) => `docker://${bed.registry.url}/${name}:${tag}`
      const environment = (await tagsOf(name)).find(each => each.startsWith('env-')) ?? ''
      proxy.rules = [
        ({ method, path }) => {
          if (method === 'HEAD' && path.endsWith('/manifests/release')) {
            // Another push during this build.
            const plain = ['--src-tls-verify=false', '--dest-tls-verify=false']
            execFileSync('skopeo', ['copy', '--quiet', ...plain, of(environment), of('release')])
          }
          return undefined
        }
      ]
      const { notices, outputs } = reportOf(await build(root, proxy.host, name, tagged))
      expect(notices.map(({ level, message }) => [level, message])).toEqual([
        ['warning', expect.stringMatching(/:release moved while this image was built: .*sha256:/)]
      ])
      const inspected = execFileSync('skopeo', ['inspect', '--tls-verify=false', of('release')])
      expect(JSON.parse(inspected.toString())).toMatchObject({ Digest: outputs.digest })
    },
    LIMIT
  )

  test(
    'an environment image with missing or wrong labels, or no image at all, is replaced',
    async () => {
      const root = repository({ 'flows/a.py': oneFlow('a') })
      const name = newName()
      reportOf(await build(root, bed.registry.url, name))
      const tag = (await tagsOf(name)).find(each => each.startsWith('env-')) ?? ''
      const reference = `${bed.registry.url}/${name}:${tag}`
      const relabel = async (label: string) => {
        const folder = repository({ Dockerfile: `FROM ${reference}\nLABEL ${label}\n` })
        await run('docker', ['build', '-q', '-t', reference, folder], folder, {
          ...process.env,
          DOCKER_BUILDKIT: '0'
        })
        expect(await run('docker', ['push', '-q', reference])).toMatchObject({ code: 0 })
      }
      for (const label of ['io.flowstore.environment=', 'io.flowstore.key=another']) {
        await relabel(label)
        const report = reportOf(await build(root, bed.registry.url, name))
        expect(report.notices.map(({ message }) => message)).toEqual([
          expect.stringMatching(/the registry don't match its key: it is rebuilt/)
        ])
      }
      // The tag names an artifact, to which no layer can be added.
      const config = Buffer.from('{}')
      const digest = 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'
      const started = await fetch(`http://${bed.registry.url}/v2/${name}/blobs/uploads/`, {
        method: 'POST'
      })
      const to = new URL(started.headers.get('location') ?? '')
      to.searchParams.set('digest', digest)
      await fetch(to, { method: 'PUT', body: config })
      const type = 'application/vnd.oci.image.manifest.v1+json'
      const put = await fetch(`http://${bed.registry.url}/v2/${name}/manifests/${tag}`, {
        method: 'PUT',
        headers: { 'content-type': type },
        body: JSON.stringify({
          schemaVersion: 2,
          mediaType: type,
          config: { mediaType: 'application/vnd.example+json', size: 2, digest },
          layers: []
        })
      })
      expect(put.status).toBe(201)
      appendFileSync(join(root, 'flows/a.py'), '# more\n')
      const ended = await build(root, bed.registry.url, name)
      expect(reportOf(ended).outputs.changed).toBe('true')
      expect(ended.stderr).toMatch(/The daemon builds the image: .* is not an image but/)
      rmSync(root, { recursive: true })
    },
    LIMIT
  )
})
