import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { reportOf } from '../helpers/builds.js'
import {
  flowstore,
  freshName,
  mustRun,
  oneFlow,
  repository,
  run,
  temporaryFolder
} from '../helpers/flowstore.js'
import { servePackageIndex, type PackageIndex } from '../helpers/package-index.js'
import { WHEEL } from '../helpers/packages.js'
import { describeWith } from '../helpers/test-bed.js'
import { uvProgram, WITHOUT_INDEXES } from '../helpers/uv.js'

const [ONE, OTHER] = ['s3cret-of-the-index', 'an0ther-t0ken/of@it']
const LIMIT = 300_000

describeWith(['docker', 'prefect:1.4.1'], 'a private package index', bed => {
  let index: PackageIndex
  beforeAll(async () => {
    index = await servePackageIndex([ONE, OTHER])
  })
  afterAll(() => {
    index.close()
  })

  const FLOW = { 'flow.py': `import rain\n${oneFlow('a')}` }
  const build = (root: string, token: string, args: readonly string[]) =>
    flowstore(
      [
        ...['build', 'flow.py', '--json', '--verbose', '--push', 'false'],
        ...['--image-name', 'flowstore-test', '--image-tag', 'private-index'],
        ...['--base-image', bed.prefectBase, '--python-dependencies', 'rain'],
        // The index is on this machine only.
        ...['--build-kwargs', '{"network_mode": "host"}'],
        ...['--extra-index-urls', index.url('${TOKEN}'), '--secrets', 'TOKEN', ...args]
      ],
      root,
      { ...process.env, TOKEN: token }
    )

  describe.each(['pip', 'uv'])('%s', installer => {
    test(
      'installs from it in the image, and the token stays nowhere',
      async () => {
        const root = repository(FLOW)
        const args = ['--installer', installer, '--refresh']
        const ended = await build(root, ONE, args)
        const { image } = reportOf(ended).outputs
        expect(index.served).toContain('/simple/rain/')
        const seen = [
          ended.stdout,
          ended.stderr,
          await mustRun('docker', ['history', '--no-trunc', image]),
          await mustRun('docker', ['inspect', image]),
          await mustRun('grep', ['-r', '.', '.flowstore'], root)
        ]
        expect(seen.filter(text => text.includes(ONE))).toEqual([])
        const layers = await run('sh', [
          '-c',
          `docker save ${image} | tar -xO | { zcat -f || true; } | grep -a -c ${ONE}`
        ])
        expect(layers.stdout.trim()).toBe('0')
      },
      LIMIT
    )
  })

  test(
    'a build without a daemon and a load on the runner have it too, and a requirement with its hash',
    async () => {
      const root = repository({
        ...FLOW,
        'requirements.txt': `rain==1 --hash=sha256:${WHEEL.hash()}\n`
      })
      const asked = index.served.length
      const ended = await flowstore(
        [
          ...['build', 'flow.py', '--json', '--verbose', '--registry-url', bed.registry.url],
          ...['--image-name', freshName('private-index'), '--base-image', bed.prefectBase],
          ...['--requirements-file', 'requirements.txt', '--python', '3.9'],
          ...['--builder', 'direct', '--load-in', 'runner', '--base-url', 'unix:///nowhere.sock'],
          ...['--extra-index-urls', index.url('${TOKEN}'), '--secrets', 'TOKEN']
        ],
        root,
        {
          ...WITHOUT_INDEXES,
          PATH: `${dirname(await uvProgram())}:${process.env['PATH'] ?? ''}`,
          TOKEN: ONE,
          UV_CACHE_DIR: temporaryFolder()
        }
      )
      expect([ended.code, ended.stderr]).toEqual([0, expect.not.stringContaining(ONE)])
      expect(index.served.length).toBeGreaterThan(asked)
      expect(await mustRun('grep', ['-r', '.', '.flowstore'], root)).not.toContain(ONE)
    },
    LIMIT
  )

  test(
    'another token is not another environment',
    async () => {
      const root = repository(FLOW)
      const first = await build(root, ONE, [])
      const asked = index.served.length
      const second = await build(root, OTHER, [])
      expect(reportOf(second).environment).toMatchObject({ builder: null })
      expect(index.served).toHaveLength(asked)
      expect(reportOf(second).outputs['image-tag']).toBe(reportOf(first).outputs['image-tag'])
    },
    LIMIT
  )

  test(
    'a wrong token is an error that says what to do, without the token',
    async () => {
      const root = repository(FLOW)
      const { code, stderr } = await build(root, 'a-wrong-t0ken', ['--refresh'])
      expect([code, stderr]).toEqual([4, expect.stringContaining('DEPENDENCY_INSTALL')])
      expect(stderr).not.toContain('a-wrong-t0ken')
    },
    LIMIT
  )

  test(
    'the token may be in a file',
    async () => {
      const root = repository(FLOW)
      const file = join(repository({ 'token.txt': `${ONE}\n` }), 'token.txt')
      const asked = index.served.length
      const ended = await build(root, 'a-wrong-t0ken', [
        ...['--secret-files', `FROM_FILE=${file}`, '--index-url', index.url('${FROM_FILE}')],
        '--refresh'
      ])
      expect(ended).toMatchObject({ code: 0 })
      expect(index.served.length).toBeGreaterThan(asked)
    },
    LIMIT
  )

  test(
    'pip takes the login for a lock file whose packages all come from it',
    async () => {
      const url = new URL(index.url(''))
      const lock = {
        _meta: {
          sources: [{ name: 'own', url: `http://${url.host}/simple`, verify_ssl: false }]
        },
        default: { rain: { version: '==1', hashes: [`sha256:${WHEEL.hash()}`] } },
        develop: {}
      }
      const root = repository({ ...FLOW, 'Pipfile.lock': JSON.stringify(lock) })
      const asked = index.served.length
      const ended = await build(root, ONE, [
        ...['--requirements-file', 'Pipfile.lock', '--index-url', index.url('${TOKEN}')],
        ...['--installer', 'pip', '--refresh']
      ])
      expect([ended.code, ended.stderr]).toEqual([0, expect.not.stringContaining(ONE)])
      expect(index.served.length).toBeGreaterThan(asked)
    },
    LIMIT
  )

  test(
    "a user's Dockerfile has the secrets that it mounts",
    async () => {
      const root = repository({
        'flow.py': oneFlow('a'),
        'in-a-file.txt': 'content\n',
        Dockerfile: [
          `FROM ${bed.prefectBase}`,
          'RUN --mount=type=secret,id=KEY test "$(wc -c </run/secrets/KEY)" = 13',
          'RUN test ! -e /run/secrets/KEY',
          // Of a file, with its line break.
          'RUN --mount=type=secret,id=FILE test "$(wc -c </run/secrets/FILE)" = 8',
          ''
        ].join('\n')
      })
      const ended = await flowstore(
        [
          ...['build', 'flow.py', '--json', '--push', 'false', '--dockerfile', 'Dockerfile'],
          ...['--image-name', 'flowstore-test', '--image-tag', 'secret', '--secrets', 'KEY'],
          ...['--secret-files', 'FILE=in-a-file.txt']
        ],
        root,
        { ...process.env, KEY: 'from-the-step' }
      )
      expect(ended).toMatchObject({ code: 0 })
    },
    LIMIT
  )
})
