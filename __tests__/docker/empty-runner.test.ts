import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, expect, jest, test } from '@jest/globals'
import { reportOf } from '../helpers/builds.js'
import {
  flowstore,
  freshName,
  oneFlow,
  repository,
  run,
  temporaryFolder,
  writeFiles,
  type Ended
} from '../helpers/flowstore.js'
import { registryProxy } from '../helpers/registry-proxy.js'
import { describeWith } from '../helpers/test-bed.js'
import { uncompiled, uvProgram, WITHOUT_INDEXES } from '../helpers/uv.js'

jest.setTimeout(300_000)

const NO_DAEMON = 'unix:///nowhere/docker.sock'

/** Prints the modules of packages that an import has to compile, and the version of Prefect. */
const COMPILED = `${uncompiled('prefect', 'site-packages')}print(prefect.__version__)`

const oneEntrypoint = (name: string): string =>
  `from prefect import flow\n\n\n@flow(name="${name}")\ndef nightly():\n    return 1\n`

/** A PATH on which only one interpreter is, and no uv. */
function pathWith(python: string): string {
  const folder = temporaryFolder()
  for (const name of ['python3', 'python']) symlinkSync(python, join(folder, name))
  return [folder, '/usr/bin', '/bin'].join(':')
}

/** The interpreters that a cache has. */
function kept(cache: string): string[] {
  const folder = join(cache, 'flowstore/flowstore-python')
  if (!existsSync(folder)) return []
  return readdirSync(folder).map(key => join(folder, key, process.arch, 'bin/python'))
}

const inPython = (python: string, script: string): string =>
  execFileSync(python, ['-I', '-c', script], { encoding: 'utf8', env: {} })

/** What a script prints last in the Python of an image. */
async function inImage(image: string, script: string): Promise<string> {
  const { stdout, stderr } = await run('docker', ['run', '--rm', image, 'python', '-c', script])
  return stdout.trimEnd().split('\n').at(-1) || stderr
}

/** A repository whose environment image is in the registry, and runners that have nothing yet. */
function runners(python: string, root: string, args: readonly string[]) {
  const PATH = pathWith(python)
  let changes = 0
  /** A run on a runner with an empty cache, after a change of a flow. */
  return async (
    registry: string,
    more: readonly string[],
    variables: NodeJS.ProcessEnv = {},
    cache = temporaryFolder()
  ) => {
    changes += 1
    writeFiles(root, { 'change.py': `CHANGE = ${changes}\n` })
    const env = {
      ...WITHOUT_INDEXES,
      ...{ PATH, DOCKER_HOST: NO_DAEMON, XDG_CACHE_HOME: cache },
      ...variables
    }
    const all = ['build', 'flow.py', '--registry-url', registry, ...args, '--json', ...more]
    return { ended: await flowstore(all, root, env), cache }
  }
}

/** What a report says of where its flows were loaded, and what the log says. */
const loadedIn = (ended: Ended) => ({
  where: reportOf(ended).load,
  unpacked: ended.stderr.includes('Unpacked the packages of the environment image')
})

describeWith(
  ['docker', 'registry', 'python:3.9', 'venv:1.4.1'],
  'a runner with nothing installed, and flows of Prefect 1.4.1',
  bed => {
    const name = freshName('empty')
    const root = repository({ 'flow.py': `import change\n${oneFlow('nightly')}` })
    let build: ReturnType<typeof runners>

    beforeAll(async () => {
      build = runners(bed.pythons['3.9'] ?? '', root, [
        ...['--image-name', name, '--base-image', bed.baseImages['3.9']],
        ...['--prefect-version', '1.4.1']
      ])
      const PATH = [dirname(await uvProgram()), pathWith(bed.pythons['3.9'] ?? '')].join(':')
      const variables = { PATH, UV_CACHE_DIR: temporaryFolder() }
      reportOf((await build(bed.registry.url, ['--load-in', 'runner'], variables)).ended)
    })

    test.each(['runner', 'auto'])(
      'load-in: %s gets the packages from the image’s own layers, and few bytes more',
      async loadIn => {
        const proxy = await registryProxy(bed.registry.url)
        // The environment image names its base image, and the registry of that.
        const { ended, cache } = await build(proxy.host, ['--load-in', loadIn])
        expect(loadedIn(ended)).toMatchObject({
          where: {
            in: 'runner',
            why: 'an interpreter with the packages of the environment image, unpacked'
          },
          unpacked: true
        })
        const received = proxy.take().map(({ received: bytes }) => bytes)
        const layer = Math.max(...received)
        expect(received.reduce((sum, bytes) => sum + bytes, 0) - layer).toBeLessThan(100_000)
        const [python = ''] = kept(cache)
        // Nothing is compiled: the bytecode of the layer is valid.
        expect(inPython(python, COMPILED)).toBe('checked True\n1.4.1\n')
        // The image is pulled from the registry itself, not through the proxy, which is gone then.
        const digest = /sha256:\w+/.exec(reportOf(ended).outputs['image-ref'])?.[0] ?? ''
        const script = `from prefect.utilities.storage import flow_from_bytes_pickle
print(flow_from_bytes_pickle(open("/opt/prefect/flows/nightly.prefect", "rb").read()).name)`
        expect(await inImage(`${bed.registry.url}/${name}@${digest}`, script)).toBe('nightly')
      }
    )

    test('the next run finds the interpreter in the cache', async () => {
      const { cache } = await build(bed.registry.url, ['--load-in', 'auto'])
      const { ended } = await build(bed.registry.url, ['--load-in', 'auto'], {}, cache)
      expect(loadedIn(ended)).toMatchObject({
        where: { why: 'an interpreter cached for this environment' },
        unpacked: false
      })
      expect(kept(cache)).toHaveLength(1)
    })

    test('two runs at once with one cache both load', async () => {
      const cache = temporaryFolder()
      const both = await Promise.all(
        ['one', 'two'].map(other =>
          build(bed.registry.url, ['--load-in', 'auto', '--tags', other], {}, cache)
        )
      )
      for (const { ended } of both) reportOf(ended)
      expect(kept(cache)).toHaveLength(1)
    })

    test('the flow of a pull request from a fork is loaded in a container with load-in: auto', async () => {
      const event = join(temporaryFolder(), 'event.json')
      const head = { sha: 'a', repo: { full_name: 'eve/flows' } }
      const base = { repo: { full_name: 'acme/flows' } }
      writeFileSync(event, JSON.stringify({ pull_request: { head, base } }))
      const { ended, cache } = await build(bed.registry.url, ['--load-in', 'auto'], {
        ...{ DOCKER_HOST: bed.dockerHost, GITHUB_EVENT_NAME: 'pull_request' },
        GITHUB_EVENT_PATH: event
      })
      expect(loadedIn(ended)).toMatchObject({
        where: { in: 'image', why: 'the pull request is from a fork (eve/flows)' }
      })
      expect(kept(cache)).toEqual([])
    })

    test.each(['runner', 'auto'])(
      'load-in: %s goes on in a container if a module needs a library that only the image may have',
      async loadIn => {
        const library = 'libpq.so.5: cannot open shared object file: No such file or directory'
        writeFiles(root, {
          // Only the Python of this machine is in the cache of flowstore.
          'flow.py': `import sys\nimport change\nif "flowstore" in sys.prefix:\n    raise ImportError(${JSON.stringify(library)})\n${oneFlow('nightly')}`
        })
        const alone = await build(bed.registry.url, ['--load-in', loadIn])
        expect(alone.ended.code).toBe(3)
        expect(alone.ended.stderr + alone.ended.stdout).toContain(
          'This machine lacks the system library libpq.so.5'
        )
        const { ended } = await build(bed.registry.url, ['--load-in', loadIn], {
          DOCKER_HOST: bed.dockerHost
        })
        expect(loadedIn(ended).where).toMatchObject({
          in: 'image',
          why: 'this machine lacks the system library libpq.so.5'
        })
      }
    )

    test('a cache that can’t be written is an error that names it', async () => {
      const cache = temporaryFolder()
      mkdirSync(join(cache, 'flowstore'))
      writeFileSync(join(cache, 'flowstore/flowstore-python'), '')
      const { ended } = await build(bed.registry.url, ['--load-in', 'runner'], {}, cache)
      expect(ended.stderr + ended.stdout).toContain(join(cache, 'flowstore/flowstore-python'))
      expect(ended.code).not.toBe(0)
    })
  }
)

describeWith(
  ['docker', 'registry', 'prefect:3.9.1', 'venv:3.9.1'],
  'a runner with nothing installed, and flows of Prefect 3.9.1',
  bed => {
    test('gets packages that only the base image has, if a daemon built the environment image', async () => {
      const name = freshName('empty-3')
      const root = repository({ 'flow.py': `import change\n${oneEntrypoint('nightly')}` })
      const python = bed.pythons['3.12'] ?? ''
      const build = runners(python, root, [
        ...['--image-name', name, '--base-image', bed.prefectImages['3.9.1']],
        ...['--prefect-version', '3.9.1']
      ])
      const built = await build(bed.registry.url, [], { DOCKER_HOST: bed.dockerHost })
      expect(loadedIn(built.ended).where).toMatchObject({ in: 'image' })
      const { ended, cache } = await build(bed.registry.url, ['--load-in', 'auto'])
      expect(loadedIn(ended)).toMatchObject({ where: { in: 'runner' }, unpacked: true })
      const [unpacked = ''] = kept(cache)
      expect(inPython(unpacked, COMPILED)).toBe('checked True\n3.9.1\n')
      const script = `from prefect.flows import load_flow_from_entrypoint
print(load_flow_from_entrypoint("flow.py:nightly").name)`
      expect(await inImage(reportOf(ended).outputs['image-ref'], script)).toBe('nightly')
    })
  }
)
