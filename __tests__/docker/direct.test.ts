import { join } from 'node:path'
import { beforeAll, expect, jest, test } from '@jest/globals'
import { reportOf } from '../helpers/builds.js'
import {
  flowstore,
  freshName,
  oneFlow,
  repository,
  run,
  temporaryFolder,
  type Ended
} from '../helpers/flowstore.js'
import { serveRegistry } from '../helpers/registry-server.js'
import { describeWith } from '../helpers/test-bed.js'
import { uvProgram, WITHOUT_INDEXES } from '../helpers/uv.js'

jest.setTimeout(300_000)

/** Prints each file below the folders that packages go to: path, mode, owner, and the hash of all but bytecode. */
const WALK = `
import hashlib, os, stat
for top in ["/usr/local", "/opt"]:
    for folder, folders, files in os.walk(top):
        for name in folders + files:
            path = os.path.join(folder, name)
            facts = os.lstat(path)
            content = ""
            if stat.S_ISREG(facts.st_mode) and not name.endswith(".pyc"):
                content = hashlib.sha256(open(path, "rb").read()).hexdigest()
            print(path, oct(facts.st_mode), facts.st_uid, content)
`

/** Prints the modules that an import compiles, since they have no bytecode that is valid. */
const COMPILED = `
import importlib.util, py_compile, sys, os, struct
import prefect
for name, module in sorted(sys.modules.items()):
    source = getattr(module, "__file__", None) or ""
    if not source.endswith(".py") or getattr(module.__spec__, "origin", "") == "frozen":
        continue
    cached = importlib.util.cache_from_source(source)
    facts = os.stat(source)
    expected = struct.pack("<II", int(facts.st_mtime), facts.st_size)
    if not os.path.exists(cached) or open(cached, "rb").read(16)[8:] != expected:
        print(name)
print("imported", len(sys.modules) > 300)
`

/** Files in which an install by uv differs from one by pip. */
const EXPECTED = /\/(?:RECORD|INSTALLER|REQUESTED) |\/bin\/|\.pyc |__pycache__ |\.prefect /

/** The image of a build, by its digest. */
const imageOf = (ended: Ended): string => reportOf(ended).outputs['image-ref']

const WITHOUT_DAEMON: NodeJS.ProcessEnv = {
  ...WITHOUT_INDEXES,
  DOCKER_HOST: 'unix:///nowhere/docker.sock',
  // Packages in the cache of a machine may have been changed, such as certificates.
  UV_CACHE_DIR: temporaryFolder()
}

describeWith(
  ['docker', 'registry', 'python:3.9', 'venv:1.4.1'],
  'an environment image that no daemon builds',
  bed => {
    const name = freshName('direct')
    let env: NodeJS.ProcessEnv
    let built: Ended

    const build = (registry: string, args: readonly string[], variables = env) =>
      flowstore(
        [
          ...[
            'build',
            'flow.py',
            '--registry-url',
            registry,
            '--base-image',
            bed.baseImages['3.9']
          ],
          // The base image has another wheel, so this one replaces it.
          ...['--prefect-version', '1.4.1', '--python-dependencies', 'wheel==0.40.0'],
          ...['--load-in', 'runner', '--python', '3.9', '--json', ...args]
        ],
        repository({ 'flow.py': oneFlow('nightly') }),
        variables
      )

    const inImage = async (image: string, ...command: string[]): Promise<string> => {
      const { code, stdout, stderr } = await run('docker', ['run', '--rm', image, ...command])
      return code === 0 ? stdout : `exit code ${code}: ${stderr}`
    }

    beforeAll(async () => {
      const path = [join(await uvProgram(), '..'), WITHOUT_DAEMON['PATH']].join(':')
      env = { ...WITHOUT_DAEMON, PATH: path }
      built = await build(bed.registry.url, ['--image-name', name])
    })

    test('is pushed with the flows on it, and a daemon pulls and runs it', async () => {
      const image = imageOf(built)
      expect(built.stderr).toContain('without a daemon')
      const versions = await inImage(image, 'prefect', 'version')
      expect(versions.trim()).toBe('1.4.1')
    })

    test('has what pip installs in an image, file by file', async () => {
      const image = imageOf(built)
      const other = imageOf(
        await build(bed.registry.url, ['--image-name', `${name}-daemon`, '--builder', 'daemon'], {
          ...env,
          DOCKER_HOST: bed.dockerHost
        })
      )
      const listed = async (ref: string) =>
        (await inImage(ref, 'python', '-c', WALK)).split('\n').filter(line => !EXPECTED.test(line))
      expect((await listed(image)).sort()).toEqual((await listed(other)).sort())
      const packages = (ref: string) => inImage(ref, 'pip', 'list', '--format', 'freeze')
      expect(await packages(image)).toBe(await packages(other))
      expect(await packages(image)).toContain('wheel==0.40.0')
      expect(await inImage(image, 'pip', 'check')).toContain('No broken requirements')
    })

    test('compiles nothing when Prefect is imported', async () => {
      const image = imageOf(built)
      expect(await inImage(image, 'python', '-c', COMPILED)).toBe('imported True\n')
    })

    test('is found by a second run, which starts nothing', async () => {
      const again = await build(bed.registry.url, ['--image-name', name])
      expect(again.stderr).not.toContain('building it')
      expect(reportOf(again).outputs.changed).toBe('false')
    })

    test('gets the layers of a base image in another registry', async () => {
      const registry = await serveRegistry()
      const copied = imageOf(await build(registry.host, ['--image-name', 'acme/flows']))
      expect(copied).toContain('@sha256:')
      const tag = [...registry.manifests.keys()].find(key => key.startsWith('acme/flows:env-'))
      const { layers } = JSON.parse(registry.manifests.get(tag ?? '')?.body ?? '{}') as {
        layers: readonly { digest: string; size: number }[]
      }
      expect(layers.length).toBeGreaterThan(2)
      for (const { digest, size } of layers) {
        expect(registry.blobs.get(digest)?.length).toBe(size)
      }
    })

    test.each([
      ['files', ['--files', 'flow.py:/srv/flow.py'], 'it has files or instructions of its own'],
      [
        'a requirement that is built',
        ['--python-dependencies', './'],
        'is built from the repository'
      ],
      ['no push', ['--push', 'false'], 'an image that is not pushed needs a daemon to hold it']
    ])('is refused with the reason for %s', async (_title, args, reason) => {
      const root = ['--image-name', name, '--builder', 'direct', '--force', ...args]
      const { code, stdout, stderr } = await build(bed.registry.url, root)
      expect(code).not.toBe(0)
      expect(stdout + stderr).toContain(reason)
    })
  }
)
