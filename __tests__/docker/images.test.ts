import { inImage, reportOf } from '../helpers/builds.js'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import Docker from 'dockerode'
import {
  flowstore,
  freshName,
  oneFlow,
  repository,
  run,
  temporaryFolder,
  type Ended
} from '../helpers/flowstore.js'
import { INFLECTION_HASH, serveGit, SNOW, TOOLS, WHEEL } from '../helpers/packages.js'
import { describeWith } from '../helpers/test-bed.js'

/** Python that fails if a module can reach a network, or if localhost has no address. */
const ISOLATED = `import socket
assert [name for _, name in socket.if_nameindex()] == ["lo"], "a network"
with socket.socket() as server:
    server.bind((socket.gethostbyname("localhost"), 0))
    server.listen(1)
    socket.create_connection(server.getsockname(), 2).close()
try:
    socket.create_connection(("1.1.1.1", 53), 2)
except OSError:
    pass
else:
    raise AssertionError("a network")
`

describeWith(
  ['docker', 'registry', 'authRegistry', 'prefect:1.4.1', 'venv:1.4.1'],
  'an image with flows',
  bed => {
    const docker = new Docker()
    const LIMIT = 120_000

    const build = (root: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
      flowstore(['build', '--base-image', bed.prefectBase, '--json', ...args], root, {
        ...process.env,
        ...env
      })
    const registry = ['--registry-url', bed.registry.url]
    const unpushed = ['--push', 'false', '--image-name', 'flowstore-test', '--image-tag', 'images']
    /** Builds an image for one test: instructions on the base image with Prefect. */
    const makeImage = async (name: string, instructions: string[]): Promise<string> => {
      const folder = repository({
        Dockerfile: [`FROM ${bed.prefectBase}`, ...instructions, ''].join('\n')
      })
      const ended = await run('docker', ['build', '-q', '-t', name, folder], folder, {
        ...process.env,
        DOCKER_BUILDKIT: '0'
      })
      expect(ended).toMatchObject({ code: 0 })
      return name
    }

    test(
      'the image has the files, folders, links and modes of the option files, and variables unchanged',
      async () => {
        const root = repository({
          'flow.py': oneFlow('a'),
          'data/deep/table.csv': '1,2\n',
          'run.sh': '#!/bin/sh\necho ran\n'
        })
        chmodSync(join(root, 'run.sh'), 0o755)
        symlinkSync('deep/table.csv', join(root, 'data/link.csv'))
        mkdirSync(join(root, 'data/empty'))
        const report = reportOf(
          await build(root, [
            ...[
              'flow.py',
              ...unpushed,
              '--files',
              'data:/srv/data',
              '--files',
              'run.sh:/usr/local/bin/'
            ],
            ...['--env-vars', 'QUOTED=a "b" $HOME \\n #x', '--env-vars', 'EMPTY=']
          ])
        )
        expect(
          await inImage(
            report.outputs.image,
            'cat /srv/data/link.csv && readlink /srv/data/link.csv && ls -d /srv/data/empty && run.sh && printf "%s|%s" "$QUOTED" "$EMPTY"'
          )
        ).toBe('1,2\ndeep/table.csv\n/srv/data/empty\nran\na "b" $HOME \\n #x|')
        expect([report.outputs.digest, report.outputs['image-ref']]).toEqual(['', ''])
      },
      LIMIT
    )

    test(
      'the image keeps the user, the entrypoint and the working directory of its base image',
      async () => {
        const base = await makeImage('flowstore-test:user', [
          'RUN useradd --create-home app',
          'USER app',
          'WORKDIR /home/app',
          'ENTRYPOINT ["false"]'
        ])
        const root = repository({
          'flow.py': `import helpers.deep\n${ISOLATED}${oneFlow('a')}`,
          'helpers/__init__.py': '',
          'helpers/deep.py': 'x = 1\n'
        })
        const report = reportOf(
          await flowstore(
            [
              ...['build', 'flow.py', '--base-image', base, '--local-image', '--json', ...unpushed],
              ...['--python-dependencies', 'inflection==0.5.1']
            ],
            root
          )
        )
        const { Config } = await docker.getImage(report.outputs.image).inspect()
        expect([Config.User, Config.Entrypoint, Config.WorkingDir]).toEqual([
          'app',
          ['false'],
          '/home/app'
        ])
        expect(
          await inImage(
            report.outputs.image,
            'whoami && python -c "import inflection, helpers.deep"'
          )
        ).toBe('app\n')
      },
      LIMIT
    )

    test(
      'modules are loaded without the variables of the runner and without a network, and no secret is in the image',
      async () => {
        const root = repository({
          'flow.py': `import os
from prefect import Flow, Parameter

assert "GITHUB_TOKEN" not in os.environ, "a token"
assert os.environ["MODE"] == "ci"
assert os.path.exists("data.txt")
assert not os.path.exists(".git")
${ISOLATED}
with Flow("a") as flow:
    flow.add_task(Parameter("seen", default=repr(dict(os.environ))))
`,
          'data.txt': 'x',
          '.git/config': 'secret'
        })
        const report = reportOf(
          await build(root, ['flow.py', ...unpushed, '--env-vars', 'MODE=ci'], {
            GITHUB_TOKEN: 'gh-top-secret',
            INPUT_PASSWORD: 'gh-top-secret'
          })
        )
        expect(JSON.stringify(report)).not.toContain('gh-top-secret')
        const facts = await docker.getImage(report.outputs.image).inspect()
        const history = (await docker.getImage(report.outputs.image).history()) as unknown
        expect(JSON.stringify([facts, history])).not.toContain('gh-top-secret')
        expect(await inImage(report.outputs.image, 'grep -rl gh-top-secret /opt /root /tmp')).toBe(
          ''
        )
        expect(await inImage(report.outputs.image, 'ls -A /flowstore')).toContain('No such file')
      },
      LIMIT
    )

    test(
      'an image is pushed with the login of docker’s configuration',
      async () => {
        const root = repository({ 'flow.py': oneFlow('a') })
        const { url, username, password } = bed.authRegistry
        const auth = Buffer.from(`${username}:${password}`).toString('base64')
        const config = repository({ 'config.json': JSON.stringify({ auths: { [url]: { auth } } }) })
        const report = reportOf(
          await build(root, ['flow.py', '--registry-url', `${url}/team`, '--image-name', 'flows'], {
            DOCKER_CONFIG: config
          })
        )
        const manifest = await fetch(
          `http://${url}/v2/team/flows/manifests/${report.outputs['image-tag']}`,
          {
            headers: {
              authorization: `Basic ${auth}`,
              accept: 'application/vnd.docker.distribution.manifest.v2+json'
            }
          }
        )
        expect(manifest.headers.get('docker-content-digest')).toBe(report.outputs.digest)
      },
      LIMIT
    )

    test('flows are loaded on the runner only by an interpreter like the image’s', async () => {
      const root = repository({ 'flow.py': oneFlow('a') })
      const report = reportOf(
        await build(root, [
          ...['flow.py', ...unpushed, '--load-in', 'runner', '--python', bed.venvs['1.4.1']]
        ])
      )
      expect(report.flows[0]?.location).toBe('/opt/prefect/flows/a.prefect')
      const { code, stderr } = await build(root, [
        ...[
          'flow.py',
          ...unpushed,
          '--load-in',
          'runner',
          '--python',
          bed.pythons['3.11'] ?? '3.11'
        ]
      ])
      expect([code, stderr]).toEqual([4, expect.stringContaining('VERSION_MISMATCH')])
    }, 300_000)

    test(
      'flows of a local storage can be loaded in an image',
      async () => {
        const root = repository({ 'flow.py': oneFlow('a') })
        const report = reportOf(
          await build(root, [
            ...['flow.py', '--storage', 'local', '--directory', 'made', '--load-in', 'image']
          ])
        )
        expect(existsSync(report.flows[0]?.location ?? '')).toBe(true)
        expect(report.versions.python).toMatch(/^3\.9\./)
      },
      LIMIT
    )

    test(
      'requirement files can name other files and packages of the repository',
      async () => {
        const root = repository({
          'flow.py': `import inflection\nimport tools\n${oneFlow('a')}`,
          'packages/tools/setup.py':
            'from setuptools import setup\nsetup(name="tools", version="1", py_modules=["tools"])\n',
          'packages/tools/tools.py': 'x = 1\n',
          'requirements/all.txt': '-r more.txt\n./packages/tools\n',
          'requirements/more.txt': 'inflection==0.5.1\n'
        })
        const report = reportOf(
          await build(root, ['flow.py', ...unpushed, '--requirements-file', 'requirements/all.txt'])
        )
        expect(
          await inImage(report.outputs.image, 'python -c "import tools; print(tools.x)"')
        ).toBe('1\n')
      },
      LIMIT
    )

    test('globs, extra commands and prefect-directory take effect in the image', async () => {
      const root = repository({
        'flow.py': oneFlow('a'),
        'data/2020/a.csv': 'a',
        'data/2021/b.csv': 'b',
        'data/2021/c.txt': 'c',
        'data/secret.csv': 's',
        '.dockerignore': 'data/secret.csv\n'
      })
      const report = reportOf(
        await build(root, [
          ...['flow.py', ...unpushed, '--prefect-directory', '/srv/prefect'],
          ...['--files', 'data/**/*.csv:/srv/tables/', '--files', 'data:/srv/all'],
          ...[
            '--extra-dockerfile-commands',
            'RUN echo \\',
            '--extra-dockerfile-commands',
            '  done > /done'
          ],
          ...['--extra-dockerfile-commands', 'ENV LATE=yes']
        ])
      )
      expect(report.flows[0]?.location).toBe('/srv/prefect/flows/a.prefect')
      expect(
        await inImage(
          report.outputs.image,
          'cat /done && echo $LATE $PREFECT__USER_CONFIG_PATH && cd /srv && find tables all -type f | sort'
        )
      ).toBe(
        'done\nyes /srv/prefect/config.toml\nall/2020/a.csv\nall/2021/b.csv\nall/2021/c.txt\ntables/2020/a.csv\ntables/2021/b.csv\n'
      )
    }, 120_000)

    test(
      'neither files nor a Dockerfile puts version control or what git ignores into the image',
      async () => {
        const root = repository({
          'flow.py': oneFlow('a'),
          // An environment image of an earlier run would not be built again, and nothing would be told.
          Dockerfile: `FROM ${bed.prefectBase}\nCOPY . /ctx\nLABEL run=${Date.now()}\n`,
          '.git/config': 'token',
          '.gitignore': '.env\n',
          '.env': 'secret'
        })
        const given = ['build', 'flow.py', '--json', '--dockerfile', 'Dockerfile', ...unpushed]
        const report = reportOf(await flowstore([...given, '--files', '.:/app'], root))
        const inside = 'ls -A /app /ctx; grep -rlE "^(token|secret)$" /app /ctx'
        const listed = await inImage(report.outputs.image, inside)
        expect(listed).toContain('flow.py')
        expect(listed).not.toMatch(/\.git$|\.env|config/m)
        expect(report.notices.map(({ message }) => message)).toEqual(
          expect.arrayContaining([
            expect.stringMatching(/^git ignores 1 path in what the option files copies,.* \.env;/),
            expect.stringMatching(/^git ignores 1 path that Dockerfile would copy,.* \.env;/)
          ])
        )
      },
      LIMIT
    )

    test('extra commands that name a folder of the flows run after the flows are added', async () => {
      const root = repository({
        'flow.py': `import helper\n${oneFlow('a')}`,
        'helper.py': 'x = 1\n'
      })
      const base = await makeImage('flowstore-test:late', [
        'RUN useradd --create-home app',
        'USER app'
      ])
      const commands = (lines: string[]) =>
        lines.flatMap(line => ['--extra-dockerfile-commands', line])
      const local = [
        ...['build', 'flow.py', '--base-image', base, '--local-image', '--json', ...unpushed]
      ]
      const ended = await flowstore(
        [
          ...local,
          ...commands([
            'ARG COLOUR=red',
            'RUN echo $COLOUR > /early && ls -d /opt/pre*/flows >> /early 2>/dev/null; true',
            'RUN chmod 700 \\',
            '  /opt/prefect/flows/a.prefect && chown -R app /opt/prefect',
            'RUN ls /opt/*store/* > /late && echo $COLOUR >> /late'
          ])
        ],
        root
      )
      const report = reportOf(ended)
      const inside =
        'cat /early /late; whoami; stat -c "%U %a" /opt/prefect/flows/a.prefect; test -r /opt/prefect/flows/a.prefect'
      expect(await inImage(report.outputs.image, inside)).toBe(
        'red\n/opt/flowstore/helper.py\nred\napp\napp 700\n'
      )
      // The published Dockerfile has the same order.
      const published = readFileSync(join(root, '.flowstore/Dockerfile'), 'utf8')
      expect(published).toMatch(
        /RUN echo \$COLOUR > \/early[^]*COPY \["flows\/0\/"[^]*USER root\nARG COLOUR=red\nRUN chmod 700 \\\n[^]*\/late\nUSER app\n$/
      )
      // The healthcheck notices what the commands removed.
      const { code, stderr } = await flowstore(
        [...local, ...commands(['RUN rm -r /opt/flowstore /opt/prefect/flows/a.prefect'])],
        root
      )
      expect([code, stderr]).toEqual([5, expect.stringContaining('HEALTHCHECK: flow "a"')])
    }, 120_000)

    test('stored-as-script puts one module in the image as it is', async () => {
      const root = repository({
        'flow.py': `import helper\n${oneFlow('a')}`,
        'helper.py': 'x = 1\n',
        'other.py': oneFlow('b')
      })
      const script = ['--stored-as-script', 'true', '--path', '/srv/flows/flow.py']
      const report = reportOf(await build(root, ['flow.py', ...unpushed, ...script]))
      expect(JSON.parse(report.outputs.storage)).toMatchObject({
        flows: { a: '/srv/flows/flow.py' },
        path: '/srv/flows/flow.py',
        stored_as_script: true
      })
      expect(
        await inImage(
          report.outputs.image,
          `python -W ignore -c "
from prefect.storage import Docker
storage = Docker(path='/srv/flows/flow.py', stored_as_script=True)
storage.flows['a'] = '/srv/flows/flow.py'
print(storage.get_flow('a').run().is_successful())" 2>&1 | tail -1`
        )
      ).toBe('True\n')
      const { code, stderr } = await build(root, ['flow.py', 'other.py', ...unpushed, ...script])
      expect([code, stderr]).toEqual([
        2,
        expect.stringContaining(
          'a script storage holds one module, but the flows are from flow.py, other.py'
        )
      ])
    }, 120_000)

    test('the storages of the modules are merged into the options', async () => {
      const root = repository({
        'a.py': `import os
import inflection
from prefect import Flow, task
from prefect.storage import Docker, S3

@task
def one():
    return open("/srv/data.txt").read() + inflection.camelize("a_b")

with Flow("a") as flow:
    one()
flow.storage = Docker(
    image_name="theirs", python_dependencies=["inflection==0.5.1"],
    env_vars={"WORKERS": 2},
    files={
        __file__.replace("a.py", "data.txt"): "/srv/data.txt",
        os.path.join(os.path.dirname(__file__), "sub", "..", "sql"): "/srv/sql",
    },
    secrets=["AWS"],
)

with Flow("elsewhere", storage=S3(bucket="b")) as other:
    one()
`,
        'data.txt': 'data',
        'sql/deep/one.sql': '1',
        'sql/ignored.sql': '2',
        '.gitignore': 'ignored.sql\n'
      })
      const ended = await build(root, ['a.py', '--push', 'false', '--image-tag', 'own'])
      const report = reportOf(ended)
      expect(JSON.parse(report.outputs.storage)).toMatchObject({
        image_name: 'theirs',
        flows: { a: '/opt/prefect/flows/a.prefect' },
        secrets: ['AWS']
      })
      expect(report.notices.map(notice => notice.message)).toEqual([
        expect.stringContaining('flow "elsewhere" is not stored here: its module sets S3 storage'),
        expect.stringContaining('image_name theirs is taken from the modules')
      ])
      expect(
        await inImage(
          'theirs:own',
          'cat /srv/data.txt && python -c "import inflection" && ls /opt/prefect/flows && find /srv/sql -type f && echo $WORKERS'
        )
      ).toBe('dataa.prefect\n/srv/sql/deep/one.sql\n2\n')
      const refusing = ['--storage-conflict', 'error', '--image-name', 'ours']
      const { code, stderr } = await build(root, ['a.py', '--push', 'false', ...refusing])
      expect([code, stderr]).toEqual([
        3,
        expect.stringMatching(
          /STORAGE_CONFLICT: flow "a": its image_name is theirs; the option is ours \(a\.py:\d+\)/
        )
      ])
    }, 180_000)
    test('an image is pushed where all modules say, and nowhere if they disagree', async () => {
      const name = freshName('agreed')
      const flow = (title: string, imageName: string) => `from prefect import Flow, task
from prefect.storage import Docker

@task
def one():
    return 1

with Flow("${title}") as flow:
    one()
flow.storage = Docker(registry_url="${bed.registry.url}", image_name="${imageName}", image_tag="theirs")
`
      const agreed = repository({ 'a.py': flow('a', name), 'b.py': flow('b', name) })
      const report = reportOf(await build(agreed, ['a.py', 'b.py']))
      expect(report.outputs.image).toMatch(`${bed.registry.url}/${name}:`)
      expect(report.outputs['image-tag']).not.toBe('theirs')
      expect(report.outputs.digest).toMatch(/^sha256:/)
      const other = repository({ 'a.py': flow('a', name), 'b.py': flow('b', `${name}-other`) })
      const refused = await build(other, ['a.py', 'b.py'])
      expect(refused.code).toBe(3)
      expect(refused.stderr).toMatch(/STORAGE_CONFLICT: the modules don't agree on image_name/)
      expect(refused.stderr).toContain(`| ${name}-other: flow "b" (b.py:8)`)
      const tags = await fetch(`http://${bed.registry.url}/v2/${name}-other/tags/list`)
      expect(tags.status).toBe(404)
    }, 180_000)

    test(
      'requirements can have extras, markers, options, ignored wheels, editable paths and git addresses',
      async () => {
        const root = repository({
          ...TOOLS,
          'flow.py': oneFlow('a'),
          'in/requirements.txt': `-f wheels
rain ; python_version > "3"
iniconfig ; python_version < "3"
--extra-index-url https://pypi.org/simple
`,
          '.gitignore': '*.whl\n'
        })
        mkdirSync(join(root, 'in/wheels'))
        writeFileSync(join(root, 'in/wheels', WHEEL.name), WHEEL.bytes())
        const served = await serveGit({ 'setup.py': SNOW, 'snow.py': 'flakes = 4\n' })
        try {
          const ended = await build(root, [
            ...['flow.py', ...unpushed, '--requirements-file', 'in/requirements.txt'],
            ...['--python-dependencies', '-e ./libs/tools[x]'],
            ...['--python-dependencies', `snow @ git+http://${bed.gateway}:${served.port}/snow.git`]
          ])
          const report = reportOf(ended)
          expect(report.notices.map(({ message }) => message)).toEqual(
            expect.arrayContaining([
              expect.stringContaining("'-e ./libs/tools[x]' becomes a normal install in the image")
            ])
          )
          expect(
            await inImage(
              report.outputs.image,
              'cd / && python -c "import tools, inflection, rain, snow; print(tools.__file__, rain.drops, snow.flakes)" && ! python -c "import iniconfig" 2>/dev/null'
            )
          ).toMatch(/site-packages\/tools\.py 3 4\n$/)
        } finally {
          served.close()
        }
      },
      LIMIT
    )

    test(
      'hashes of a requirements file and of a lock file are installed together with other requirements',
      async () => {
        const root = repository({
          ...TOOLS,
          'flow.py': oneFlow('a'),
          'requirements.txt': `inflection==0.5.1 \\\n    ${INFLECTION_HASH}\n`,
          'Pipfile.lock': JSON.stringify({
            _meta: { sources: [{ url: 'https://pypi.org/simple', verify_ssl: true }] },
            default: {
              inflection: { version: '==0.5.1', hashes: [INFLECTION_HASH.slice(7)] },
              tools: { path: './libs/tools', editable: true }
            }
          })
        })
        const versions = async (file: string, more: string[]) => {
          const report = reportOf(
            await build(root, ['flow.py', ...unpushed, '--requirements-file', file, ...more])
          )
          return inImage(
            report.outputs.image,
            'python -m pip list --format freeze | grep -E "^(inflection|tools|prefect)="'
          )
        }
        const all = 'inflection==0.5.1\nprefect==1.4.1\ntools==1\n'
        expect(
          await versions('requirements.txt', ['--python-dependencies', './libs/tools[x]'])
        ).toBe(all)
        expect(await versions('Pipfile.lock', [])).toBe(all)
      },
      LIMIT
    )

    const failures: [string, string[], Record<string, string>, number, RegExp][] = [
      [
        'a daemon does not answer',
        [...registry, '--base-url', 'unix:///nowhere.sock'],
        {},
        7,
        /DAEMON: no Docker daemon answers at unix:\/\/\/nowhere\.sock \(--base-url\)/
      ],
      [
        'the base image does not exist',
        [...registry, '--base-image', `${bed.registry.url}/nope:1`],
        {},
        4,
        /BASE_IMAGE_PULL: the base image \S+\/nope:1 can't be pulled: .*manifest unknown/
      ],
      [
        'the daemon does not have the base image and local-image is set',
        [...registry, '--base-image', 'flowstore-test:absent', '--local-image'],
        {},
        4,
        /BASE_IMAGE_PULL: the daemon has no image flowstore-test:absent/
      ],
      [
        'the base image has no Python',
        [...registry, '--base-image', bed.baseImages.plain, '--prefect-version', '1.4.1'],
        {},
        4,
        /BASE_IMAGE_PYTHON: the base image \S+ has no Python 3/
      ],
      [
        'neither the base image nor an option names a Prefect version',
        [...registry, '--base-image', bed.baseImages['3.9']],
        {},
        7,
        /PREFECT_NOT_FOUND: the base image \S+ has no Prefect/
      ],
      [
        'a dependency does not exist',
        [...registry, '--python-dependencies', 'no-such-package-of-ours==1'],
        {},
        4,
        /DEPENDENCY_INSTALL: [\s\S]*ERROR: No matching distribution found for no-such-package-of-ours==1/
      ],
      [
        // pip lists all versions, in thousands of characters.
        'a version of a dependency does not exist',
        [...registry, '--python-dependencies', 'boto3==99', '--installer', 'pip'],
        {},
        4,
        /^(?=[\s\S]{0,3000}$)[\s\S]*DEPENDENCY_INSTALL: [\s\S]*ERROR: No matching distribution found for boto3==99/
      ],
      [
        'the registry needs a login and there is none',
        ['--registry-url', bed.authRegistry.url],
        { DOCKER_CONFIG: temporaryFolder() },
        6,
        /PUSH_REFUSED: \S+ refuses a push to \S+ \(401\): UNAUTHORIZED: authentication required/
      ],
      [
        'the registry does not answer',
        ['--registry-url', '127.0.0.1:9'],
        {},
        6,
        /PUSH_REFUSED: the push of 127\.0\.0\.1:9\/\S+ failed: .*connection refused/
      ],
      [
        'a file has the location of a flow',
        [...registry, '--files', 'flow.py:/opt/prefect/flows/a.prefect'],
        {},
        2,
        /FILE_DESTINATION: 'flow\.py' in the option --files has the destination of a flow/
      ]
    ]
    test.each(failures)(
      'a build ends with an error and no result if %s',
      async (_name, args, env, code, message) => {
        const root = repository({ 'flow.py': oneFlow('a') })
        const withBase = args.includes('--base-image')
          ? args
          : ['--base-image', bed.prefectBase, ...args]
        const ended = await flowstore(['build', 'flow.py', ...withBase], root, {
          ...process.env,
          ...env
        })
        expect({ ...ended, message: ended.stderr }).toMatchObject({
          code,
          message: expect.stringMatching(message),
          stdout: ''
        })
        expect(readdirSync(join(root, '.flowstore'))).toEqual(['failure.json'])
      },
      LIMIT
    )

    test(
      'a base image without pip is refused only if something must be installed',
      async () => {
        const base = await makeImage('flowstore-test:no-pip', [
          'RUN python -m pip uninstall -q -y pip'
        ])
        const root = repository({ 'flow.py': oneFlow('a') })
        const local = ['--base-image', base, '--local-image', ...unpushed]
        const ended = await flowstore(
          ['build', 'flow.py', ...local, '--python-dependencies', 'inflection'],
          root
        )
        expect([ended.code, ended.stderr]).toEqual([
          4,
          expect.stringMatching(
            /BASE_IMAGE_PYTHON: the base image flowstore-test:no-pip has .* no pip/
          )
        ])
        expect(await flowstore(['build', 'flow.py', ...local], root)).toMatchObject({ code: 0 })
      },
      LIMIT
    )

    test(
      'no image is left if a flow does not load back, and the error names flow, reason and line',
      async () => {
        const root = repository({
          'good.py': oneFlow('good'),
          'bad.py': `from prefect import Flow, Parameter


class Sore:
    def __reduce__(self):
        return (int, ("not a number",))


with Flow("bad") as flow:
    flow.add_task(Parameter("sore", default=Sore()))
`
        })
        const tag = ['--image-name', 'flowstore-test', '--image-tag', 'sick', '--push', 'false']
        const { code, stderr } = await build(root, ['.', ...tag])
        expect([code, stderr]).toEqual([
          5,
          expect.stringMatching(
            /left out of flows\.json: Flow "bad"[^]*HEALTHCHECK: flow "bad" does not load back: ValueError: invalid literal for int.*\(bad\.py:9\)/
          )
        ])
        expect(stderr).not.toContain('flow "good"')
        expect(readdirSync(join(root, '.flowstore'))).toEqual(['failure.json'])
        // Other tests make images meanwhile.
        const left = (await docker.listImages()).filter(({ Labels, RepoTags }) =>
          /flowstore-test:sick|bad\.py/.test(JSON.stringify([Labels, RepoTags]))
        )
        expect(left).toEqual([])
      },
      LIMIT
    )

    test.each([
      ['the sources', [], 'busy.log'],
      ['the option files', ['--files', 'busy.log:/srv/busy.log'], 'busy.log']
    ])(
      'a file of %s that grows during the build is an error',
      async (_name, args, file) => {
        const root = repository({ 'flow.py': oneFlow('a'), [file]: 'x', '.dockerignore': '' })
        if (args.length > 0) writeFileSync(join(root, '.dockerignore'), 'busy.log\n')
        const writer = setInterval(() => {
          appendFileSync(join(root, file), 'x'.repeat(100))
        }, 1)
        try {
          const { code, stderr } = await build(root, ['flow.py', ...unpushed, ...args])
          expect([code, stderr]).toEqual([
            7,
            expect.stringMatching(/error FILE_CHANGED: \S+\/busy\.log grew while flowstore/)
          ])
        } finally {
          clearInterval(writer)
        }
      },
      LIMIT
    )

    test(
      'a build that fails leaves the files of an earlier run as they were',
      async () => {
        const root = repository({ 'flow.py': oneFlow('a'), '.flowstore/mine.txt': '' })
        reportOf(await build(root, ['flow.py', ...unpushed]))
        const output = join(root, '.flowstore')
        const names = [
          'Dockerfile',
          'flows.json',
          'mine.txt',
          'report.json',
          'sbom.cdx.json',
          'storage.json'
        ]
        expect(readdirSync(output).sort()).toEqual(names)
        const read = () => names.map(name => readFileSync(join(output, name), 'utf8'))
        const before = read()
        writeFileSync(join(root, 'flow.py'), 'import nothing_of_the_kind\n')
        expect(await build(root, ['flow.py', ...unpushed])).toMatchObject({ code: 3 })
        expect(readdirSync(output).sort()).toEqual([...names, 'failure.json'].sort())
        expect(read()).toEqual(before)
      },
      LIMIT
    )

    test(
      'two flows with one location are refused before anything is built',
      async () => {
        const root = repository({ 'a.py': oneFlow('My Flow #1'), 'b.py': oneFlow('my flow 1') })
        const { code, stderr } = await build(root, ['.', ...unpushed])
        expect([code, stderr]).toEqual([
          3,
          expect.stringMatching(
            /LOCATION_CONFLICT: the flows "My Flow #1" and "my flow 1".*\(b\.py:9\)/
          )
        ])
        writeFileSync(join(root, 'b.py'), oneFlow('another'))
        expect(await build(root, ['.', ...unpushed])).toMatchObject({ code: 0 })
      },
      LIMIT
    )
  }
)
