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
  temporaryFolder,
  type Ended
} from '../helpers/flowstore.js'
import { poetryFiles, uvFiles } from '../helpers/locked-projects.js'
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
  const withDaemon = (root: string, args: readonly string[], env: NodeJS.ProcessEnv) =>
    flowstore(
      [
        ...['build', 'flow.py', '--json', '--verbose', '--push', 'false'],
        ...['--image-name', 'flowstore-test', '--image-tag', 'private-index'],
        ...['--base-image', bed.prefectBase],
        // The index is on this machine only.
        ...['--build-kwargs', '{"network_mode": "host"}', ...args]
      ],
      root,
      { ...process.env, ...env }
    )
  const build = (root: string, token: string, args: readonly string[]) =>
    withDaemon(
      root,
      [
        ...['--python-dependencies', 'rain'],
        ...['--extra-index-urls', index.url('${TOKEN}'), '--secrets', 'TOKEN', ...args]
      ],
      { TOKEN: token }
    )

  /** The variables of a runner without a daemon, with one cache of uv for all tests. */
  const cache = temporaryFolder()
  const onRunner = async (env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> => ({
    ...WITHOUT_INDEXES,
    PATH: `${dirname(await uvProgram())}:${process.env['PATH'] ?? ''}`,
    UV_CACHE_DIR: cache,
    ...env
  })
  const direct = async (root: string, args: readonly string[], env: NodeJS.ProcessEnv) =>
    flowstore(
      [
        ...['build', 'flow.py', '--json', '--verbose', '--registry-url', bed.registry.url],
        ...['--image-name', freshName('private-index'), '--base-image', bed.prefectBase],
        ...['--builder', 'direct', '--load-in', 'runner', '--base-url', 'unix:///nowhere.sock'],
        ...['--python', '3.9', ...args]
      ],
      root,
      await onRunner(env)
    )

  /** A netrc file with the login of the index, outside the repository. */
  const netrc = (): string =>
    join(repository({ netrc: `machine 127.0.0.1 login me password ${ONE}\n` }), 'netrc')

  /** What of a run has the token: what it printed, its files, and what the image keeps. */
  async function placesOfToken(root: string, ended: Ended): Promise<string[]> {
    const { image } = reportOf(ended).outputs
    const places = {
      output: `${ended.stdout}${ended.stderr}`,
      files: await mustRun('grep', ['-r', '.', '.flowstore'], root),
      history: await mustRun('docker', ['history', '--no-trunc', image]),
      inspect: await mustRun('docker', ['inspect', image])
    }
    const layers = await run('sh', [
      '-c',
      `docker save ${image} | tar -xO | { zcat -f || true; } | grep -a -c ${ONE}`
    ])
    return [
      ...Object.entries(places).flatMap(([place, text]) => (text.includes(ONE) ? [place] : [])),
      ...(layers.stdout.trim() === '0' ? [] : ['layers'])
    ]
  }

  test(
    'uv installs from it in the image, and the token stays nowhere',
    async () => {
      const root = repository(FLOW)
      const ended = await build(root, ONE, ['--installer', 'uv', '--refresh'])
      expect(index.served).toContain('/simple/rain/')
      expect(await placesOfToken(root, ended)).toEqual([])
    },
    LIMIT
  )

  test.each([
    ['uv.lock', uvFiles],
    ['poetry.lock', poetryFiles]
  ])(
    'pip installs a %s from it in the image, with the login of netrc, and the token stays nowhere',
    async (lock, files) => {
      const root = repository({ ...FLOW, ...files(index.address) })
      const asked = index.served.length
      const args = ['--requirements-file', lock, '--installer', 'pip']
      const ended = await withDaemon(root, [...args, '--extra-index-urls', index.address], {
        NETRC: netrc()
      })
      expect(await placesOfToken(root, ended)).toEqual([])
      expect(index.served.length).toBeGreaterThan(asked)
    },
    LIMIT
  )

  test(
    'a build without a daemon and a load on the runner have it too, and a requirement with its hash',
    async () => {
      const root = repository({
        ...FLOW,
        'requirements.txt': `rain==1 --hash=sha256:${WHEEL.hash()}\n`
      })
      const asked = index.served.length
      const ended = await direct(
        root,
        [
          ...['--requirements-file', 'requirements.txt'],
          ...['--extra-index-urls', index.url('${TOKEN}'), '--secrets', 'TOKEN']
        ],
        { TOKEN: ONE }
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

  describe('that a lock file names', () => {
    test(
      'gets the login of netrc without a daemon, and the token stays nowhere',
      async () => {
        const root = repository({ ...FLOW, ...uvFiles(index.address) })
        const asked = index.served.length
        const args = ['--requirements-file', 'uv.lock', '--extra-index-urls', index.address]
        const ended = await direct(root, args, { NETRC: netrc() })
        await mustRun('docker', ['pull', '--quiet', reportOf(ended).outputs.image])
        expect(await placesOfToken(root, ended)).toEqual([])
        expect(index.served.length).toBeGreaterThan(asked)
      },
      LIMIT
    )

    test(
      'in a poetry.lock without TLS needs pip, and so a daemon: the error says it',
      async () => {
        const root = repository({ ...FLOW, ...poetryFiles(index.address) })
        const args = ['--requirements-file', 'poetry.lock', '--extra-index-urls', index.address]
        const { code, stderr } = await direct(root, args, { NETRC: netrc() })
        expect([code, stderr]).toEqual([4, expect.stringContaining('DIRECT_BUILD')])
        expect(stderr).toContain("uv may read '--trusted-host' differently")
        expect(stderr).toContain('hint: Set --builder daemon')
      },
      LIMIT
    )

    test(
      'has a package whose metadata have a secret: nothing is pushed without a daemon',
      async () => {
        const root = repository({ ...FLOW, ...uvFiles(index.address) })
        const args = ['--requirements-file', 'uv.lock', '--extra-index-urls', index.address]
        const env = { NETRC: netrc(), SHOWN: 'Metadata-Version: 2.' }
        const { code, stderr } = await direct(root, [...args, '--secrets', 'SHOWN'], env)
        expect([code, stderr]).toEqual([2, expect.stringContaining('SECRET_FOUND')])
        expect(stderr).toMatch(/SHOWN.*rain-1\.dist-info\/METADATA/)
      },
      LIMIT
    )

    test(
      'gets the login of a secret for local storage, and no file has the token',
      async () => {
        const root = repository({ ...FLOW, ...uvFiles(index.address) })
        const asked = index.served.length
        const ended = await flowstore(
          [
            ...['build', 'flow.py', '--verbose', '--storage', 'local', '--directory', 'stored'],
            ...['--prefect-version', '1.4.1', '--python', '3.9', '--requirements-file', 'uv.lock'],
            ...['--extra-index-urls', index.url('${TOKEN}'), '--secrets', 'TOKEN']
          ],
          root,
          await onRunner({ TOKEN: ONE })
        )
        expect([ended.code, ended.stderr]).toEqual([0, expect.not.stringContaining(ONE)])
        expect(index.served.length).toBeGreaterThan(asked)
        const found = await run('grep', ['-r', '-l', '-a', ONE, '.flowstore', 'stored'], root)
        expect(found).toMatchObject({ code: 1, stdout: '' })
      },
      LIMIT
    )

    test.each([
      ['uv.lock', 'UV_INDEX_OWN', uvFiles],
      ['poetry.lock', 'POETRY_HTTP_BASIC_OWN', poetryFiles]
    ])(
      'in a %s has no login in %s_PASSWORD: the error says what to set',
      async (lock, name, files) => {
        const root = repository({ ...FLOW, ...files(index.address) })
        const env = { [`${name}_USERNAME`]: 'me', [`${name}_PASSWORD`]: ONE }
        const { code, stderr } = await withDaemon(root, ['--requirements-file', lock], env)
        expect([code, stderr]).toEqual([2, expect.stringContaining('INVALID_OPTION')])
        expect(stderr).toContain(`\${${name}_USERNAME}:\${${name}_PASSWORD}@127.0.0.1`)
        expect(stderr).not.toContain(ONE)
      },
      LIMIT
    )
  })

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
