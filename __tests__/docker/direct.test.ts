import { realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, jest, test } from '@jest/globals'
import { besidePip, DIFFERENCES, inImage, type Difference } from '../helpers/beside-pip.js'
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
import { serveRegistry } from '../helpers/registry-server.js'
import { describeWith } from '../helpers/test-bed.js'
import { SETUPTOOLS, uncompiled, uvProgram, WITHOUT_INDEXES } from '../helpers/uv.js'

jest.setTimeout(300_000)

/** Where the image differs from one in which pip installed. Each line has to occur. */
const TABLE: readonly Difference[] = [
  ...DIFFERENCES,
  {
    where: /^\/opt\/prefect\/flows\/nightly\.prefect$/,
    how: 'content',
    why: 'each build pickles the flow again, with new ids of its tasks'
  },
  {
    where: /\/acme_lib-1\.2\.3\.dist-info\/(?:direct_url\.json)$/,
    how: 'only pip',
    why: 'pip notes the folder in the build that it installed from'
  },
  {
    where: /\/acme_lib-1\.2\.3\.dist-info\/RECORD$/,
    how: 'content',
    why: 'pip lists that note'
  }
]

const PROJECT = `${SETUPTOOLS}
[project]
name = "acme-lib"
version = "1.2.3"
dependencies = ["tabulate==0.9.0"]
[project.scripts]
acme = "acme_lib:main"
`

/** A repository with a project of its own, and files for the image. */
const FILES = {
  'flow.py': `import acme_lib\n${oneFlow('nightly')}`,
  'pyproject.toml': PROJECT,
  'src/acme_lib/__init__.py': 'def main():\n    print("acme")\n',
  'conf/a.toml': 'a = 1\n',
  'conf/deep/b.txt': 'b\n'
}

/** A backend in the project itself, which tries to reach what a build must not. */
const BACKEND = `
import os, socket, zipfile

def reached():
    try:
        open("HOME_FILE").close()
        yield "home"
    except OSError:
        pass
    try:
        socket.create_connection(("127.0.0.1", PORT), 1).close()
        yield "network"
    except OSError:
        pass
    if "SECRET_TOKEN" in os.environ:
        yield "variables"

def build_wheel(folder, settings=None, metadata=None):
    name = "acme_lib-1.2.3-TAG.whl"
    info = "acme_lib-1.2.3.dist-info"
    files = {
        "acme_lib.py": "REACHED = %r\\n" % list(reached()),
        info + "/METADATA": "Metadata-Version: 2.1\\nName: acme-lib\\nVersion: 1.2.3\\n",
        info + "/WHEEL": "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: TAG\\n",
    }
    files[info + "/RECORD"] = "".join(f"{path},,\\n" for path in [*files, info + "/RECORD"])
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
    return name
`

const OWN_BACKEND = `[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "acme-lib"
version = "1.2.3"
`

/** Prints each line of a RECORD that is not true, and each file with one of the texts of its arguments. */
const VERIFY = `
import base64, csv, glob, hashlib, os, sys, sysconfig
site = sysconfig.get_paths()["purelib"]
checked = 0
for record in sorted(glob.glob(site + "/*.dist-info/RECORD")):
    if open(os.path.join(os.path.dirname(record), "INSTALLER")).read().strip() != "uv":
        continue
    for path, digest, size in csv.reader(open(record)):
        full = os.path.normpath(os.path.join(site, path))
        checked += 1
        if os.path.isabs(path) or not full.startswith("/usr/local/"):
            print("outside", record, path)
        elif not os.path.isfile(full):
            print("missing", record, path)
        elif digest:
            data = open(full, "rb").read()
            found = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            if digest != "sha256=" + found or int(size) != len(data):
                print("changed", record, path)
texts = [text.encode() for text in sys.argv[1:]]
# Python itself names the paths of its own build.
for top in [site, "/usr/local/bin", "/opt"]:
    for folder, _, files in os.walk(top):
        for name in files:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not name.startswith(("python3", "pip", "idle3", "2to3", "pydoc3")):
                data = open(path, "rb").read()
                print(*(f"{path} has {text}\\n" for text in texts if text in data), sep="", end="")
print("checked", checked > 1000, len(texts))
`

/** Starts every console script with --help, and prints its exit code. */
const SCRIPTS = `
import importlib.metadata, shutil, subprocess
names = sorted({
    point.name
    for each in importlib.metadata.distributions()
    for point in each.entry_points
    if point.group == "console_scripts"
})
for name in names:
    # The metadata of pip names scripts that the base image lacks.
    if shutil.which(name) is None:
        print(name, "missing")
        continue
    done = subprocess.run([name, "--help"], stdin=subprocess.DEVNULL, capture_output=True, timeout=100)
    print(name, done.returncode, "ImportError" in done.stderr.decode())
`

/** Has Python import Prefect as root, which may write bytecode, and prints the bytecode that is new. */
const NEW_BYTECODE = `
find / -xdev -name '*.pyc' | sort > /tmp/before
python -c 'import prefect, prefect.cli' && find / -xdev -name '*.pyc' | sort > /tmp/after
wc -l < /tmp/before && diff /tmp/before /tmp/after && echo none
`

/** Prints the modules that an import compiles, since they have no bytecode that is valid. */
const COMPILED = `${uncompiled('prefect')}print("imported", len(sys.modules) > 300)`

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

    const build = (
      registry: string,
      args: readonly string[],
      variables = env,
      base = bed.baseImages['3.9'],
      files: Readonly<Record<string, string>> = FILES
    ) =>
      flowstore(
        [
          ...['build', 'flow.py', '--registry-url', registry, '--base-image', base],
          // The base image has another wheel, so this one replaces it.
          ...['--prefect-version', '1.4.1', '--python-dependencies', 'wheel==0.40.0\n./'],
          ...['--files', 'conf:/etc/acme\nconf/a.toml:/srv/\nconf/deep/b.txt:/usr/local/lib'],
          ...['--load-in', 'runner', '--python', '3.9', '--json', ...args]
        ],
        repository(files),
        variables
      )

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
      expect(reportOf(built).environment).toMatchObject({
        builder: 'direct',
        why: expect.stringContaining('no Docker daemon answers')
      })
    })

    describe('beside one in which pip installed', () => {
      let image: string
      let other: string

      beforeAll(async () => {
        image = imageOf(built)
        other = imageOf(
          await build(bed.registry.url, ['--image-name', `${name}-daemon`, '--builder', 'daemon'], {
            ...env,
            DOCKER_HOST: bed.dockerHost
          })
        )
      })

      test('has the same files, modes and bytes, apart from a table of differences', async () => {
        const { unexplained, unused, files } = await besidePip(image, other, TABLE)
        expect(unexplained).toEqual([])
        expect(unused).toEqual([])
        expect(files).toBeGreaterThan(10_000)
      })

      test('has the same packages, and each console script starts as there', async () => {
        const packages = (ref: string) => inImage(ref, 'pip', 'list', '--format', 'freeze')
        expect(await packages(image)).toBe(await packages(other))
        expect(await packages(image)).toContain('wheel==0.40.0')
        expect(await inImage(image, 'pip', 'check')).toContain('No broken requirements')
        const started = await inImage(image, 'python', '-c', SCRIPTS)
        expect(started).toBe(await inImage(other, 'python', '-c', SCRIPTS))
        expect(started).toContain('prefect 0 False')
      })
    })

    test('records its files truly, and no file names this machine', async () => {
      const python = bed.pythons['3.9'] ?? ''
      const texts = [join(tmpdir(), 'flowstore-'), python, dirname(realpathSync(python))]
      const said = await inImage(imageOf(built), 'python', '-c', VERIFY, ...texts)
      expect(said.trim()).toBe('checked True 3')
    })

    test('gives its packages to a virtual environment', async () => {
      const script =
        'python -m venv --system-site-packages /tmp/venv && /tmp/venv/bin/python -m prefect version'
      expect((await inImage(imageOf(built), 'sh', '-c', script)).trim()).toBe('1.4.1')
    })

    test('gets no new bytecode when root imports Prefect', async () => {
      const said = await inImage(imageOf(built), 'sh', '-c', NEW_BYTECODE)
      expect(said.trim()).toMatch(/^\d{4}\s+none$/)
    })

    test('compiles nothing when Prefect is imported', async () => {
      const image = imageOf(built)
      expect(await inImage(image, 'python', '-c', COMPILED)).toBe('checked True\nimported True\n')
    })

    test('keeps the user of its base image, who can run Prefect and not change it', async () => {
      const base = `${bed.registry.url}/${freshName('direct-user')}:latest`
      const context = repository({
        Dockerfile: `FROM ${bed.baseImages['3.9']}\nRUN useradd -m -u 1234 app\nUSER app\n`
      })
      await mustRun('docker', ['build', '-q', '-t', base, context])
      await mustRun('docker', ['push', '-q', base])
      const image = imageOf(
        await build(bed.registry.url, ['--image-name', `${name}-user`], env, base)
      )
      const script =
        'id -u; prefect version; touch $(python -c "import prefect; print(prefect.__file__)")'
      const { stdout, code } = await run('docker', ['run', '--rm', image, 'sh', '-c', script])
      expect([code, ...stdout.trim().split('\n')]).toEqual([1, '1234', '1.4.1'])
    })

    test('is found by a second run, which starts nothing', async () => {
      const again = await build(bed.registry.url, ['--image-name', name])
      expect(again.stderr).not.toContain('building it')
      expect(reportOf(again).environment?.builder).toBeNull()
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

    const withBackend = (tag: string, file = '', port = 0) => ({
      'flow.py': oneFlow('nightly'),
      'conf/a.toml': 'a = 1\n',
      'conf/deep/b.txt': 'b\n',
      'pyproject.toml': OWN_BACKEND,
      'backend.py': BACKEND.replaceAll('TAG', tag)
        .replace('HOME_FILE', file)
        .replace('PORT', String(port))
    })

    test('has a project that was built without network, home folder and variables', async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await new Promise(resolve => server.once('listening', resolve))
      const { port } = server.address() as { port: number }
      const file = join(homedir(), `.flowstore-direct-${process.pid}`)
      writeFileSync(file, '')
      try {
        const project = withBackend('py3-none-any', file, port)
        const variables = { ...env, SECRET_TOKEN: 'a' }
        const args = ['--image-name', `${name}-cell`]
        const ended = await build(bed.registry.url, args, variables, bed.baseImages['3.9'], project)
        expect(ended.stderr).toContain("Building the project '.' in a cell")
        const script = 'import acme_lib; print(acme_lib.REACHED)'
        expect((await inImage(imageOf(ended), 'python', '-c', script)).trim()).toBe('[]')
      } finally {
        server.close()
        rmSync(file)
      }
    })

    test('is refused for a project with compiled code', async () => {
      const project = withBackend('cp39-cp39-linux_x86_64')
      const args = ['--image-name', `${name}-compiled`, '--builder', 'direct']
      const { code, stderr } = await build(
        bed.registry.url,
        args,
        env,
        bed.baseImages['3.9'],
        project
      )
      expect([code, stderr]).toEqual([
        4,
        expect.stringContaining("the project '.' has code that is compiled for one platform")
      ])
    })

    test.each([
      [
        'instructions of the user',
        ['--extra-dockerfile-commands', 'RUN true'],
        'extra-dockerfile-commands run in the image'
      ],
      [
        'a requirement that is built from git',
        ['--python-dependencies', 'git+https://git.invalid/acme/lib'],
        'a requirement is built from git'
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
