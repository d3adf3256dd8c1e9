import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import Docker from 'dockerode'
import { inImage, reportOf } from '../helpers/builds.js'
import { flowstore, oneFlow, repository, run } from '../helpers/flowstore.js'
import { INFLECTION_HASH, TOOLS } from '../helpers/packages.js'
import { describeWith } from '../helpers/test-bed.js'

interface EnvironmentLabel {
  readonly packages: Readonly<Record<string, string>>
}

describeWith(
  ['docker', 'registry', 'python:3.6', 'python:3.9', 'prefect:1.4.1'],
  'the option installer',
  bed => {
    const docker = new Docker()
    const LIMIT = 300_000

    /** Builds a base image for one test. */
    const makeImage = async (name: string, instructions: string[]): Promise<string> => {
      const folder = repository({ Dockerfile: [...instructions, ''].join('\n') })
      const args = ['build', '-q', '-t', `flowstore-test:${name}`, folder]
      const env = { ...process.env, DOCKER_BUILDKIT: '0' }
      expect(await run('docker', args, folder, env)).toMatchObject({ code: 0 })
      return `flowstore-test:${name}`
    }
    const build = (root: string, installer: string, args: string[]) =>
      flowstore(
        [
          ...[
            'build',
            'flow.py',
            '--json',
            '--push',
            'false',
            '--refresh',
            '--installer',
            installer
          ],
          ...['--image-name', 'flowstore-test', '--image-tag', `installer-${installer}`, ...args]
        ],
        root
      )
    const made = async (root: string, installer: string, args: string[]) => {
      const ended = await build(root, installer, args)
      const { image } = reportOf(ended).outputs
      const { Config } = await docker.getImage(image).inspect()
      const about = JSON.parse(Config.Labels['io.flowstore.environment'] ?? '') as EnvironmentLabel
      return { image, packages: about.packages, log: ended.stderr }
    }
    const FLOW = { 'flow.py': `import inflection\n${oneFlow('a')}` }
    /** Removes pip's configuration from the base image. */
    const UNCONFIGURED = [
      'RUN rm -f /etc/pip.conf',
      // The certificates that pip needs, in a variable that is not pip's own.
      'ENV REQUESTS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt'
    ]

    test(
      'uv installs the same packages as pip, and leaves nothing of its own in the image',
      async () => {
        const root = repository(FLOW)
        const args = [
          ...['--base-image', bed.baseImages['3.9'], '--prefect-version', '1.4.1'],
          ...['--python-dependencies', 'inflection==0.5.1']
        ]
        const [uv, pip] = [await made(root, 'uv', args), await made(root, 'pip', args)]
        expect(uv.packages).toMatchObject({ prefect: '1.4.1', inflection: '0.5.1' })
        expect(uv.packages).toEqual(pip.packages)
        const files = 'cd / && find tmp root -name .cache -o -type f | sort'
        expect(await inImage(uv.image, files)).toBe(await inImage(pip.image, files))
        expect(
          await inImage(
            uv.image,
            'command -v uv; python -c "import prefect.utilities as u; print(u.__cached__)" | xargs ls'
          )
        ).toMatch(/__pycache__\/__init__\.cpython-39\.pyc\n$/)
      },
      LIMIT
    )

    test(
      'auto uses pip if the base image or a variable configures pip or uv, otherwise uv',
      async () => {
        const root = repository(FLOW)
        const dependencies = ['--python-dependencies', 'inflection==0.5.1']
        const base = await makeImage('unconfigured', [`FROM ${bed.prefectBase}`, ...UNCONFIGURED])
        const local = ['--base-image', base, '--local-image', ...dependencies]
        expect((await made(root, 'auto', local)).log).toContain('uv has installed the packages')
        const pipLine = 'pip installs the packages, since the base image configures pip or uv'
        const index = ['--env-vars', 'PIP_EXTRA_INDEX_URL=https://pypi.org/simple']
        expect((await made(root, 'auto', [...local, ...index])).log).toContain(pipLine)
        const ofUv = ['--env-vars', 'UV_INDEX=https://pypi.org/simple']
        expect((await made(root, 'auto', [...local, ...ofUv])).log).toContain(pipLine)
        const configured = await makeImage('configured', [
          `FROM ${bed.prefectBase}`,
          'RUN mkdir -p /root/.config/pip && cp /etc/pip.conf /root/.config/pip/ && rm /etc/pip.conf',
          'USER nobody'
        ])
        const ofRoot = ['--base-image', configured, '--local-image', ...dependencies]
        expect((await made(root, 'auto', ofRoot)).log).toContain(pipLine)
      },
      LIMIT
    )

    test(
      'uv reads hashes, paths and pins as pip does; auto falls back to pip if uv fails',
      async () => {
        const root = repository({
          ...FLOW,
          ...TOOLS,
          'in/requirements.txt': `inflection==0.5.1 \\\n    ${INFLECTION_HASH}\n`,
          'in/constrained.txt': `-c pins.txt\n-r requirements.txt\n`,
          'in/pins.txt': 'toolz<2\n',
          'wrong.txt': `inflection==0.5.1 --hash=sha256:${'0'.repeat(64)}\n`
        })
        const base = await makeImage('unconfigured', [`FROM ${bed.prefectBase}`, ...UNCONFIGURED])
        const args = (file: string) => [
          ...['--base-image', base, '--local-image', '--requirements-file', file],
          ...['--python-dependencies', './libs/tools[x]']
        ]
        const uv = await made(root, 'uv', args('in/requirements.txt'))
        expect(uv.packages).toMatchObject({ tools: '1', inflection: '0.5.1', prefect: '1.4.1' })
        // With hashes, uv requires every constraint to be a pin.
        const auto = await made(root, 'auto', args('in/constrained.txt'))
        expect(auto.log).toContain('uv can not install these packages: pip installs them')
        expect(auto.packages).toEqual(uv.packages)
        expect(await inImage(auto.image, 'ls -A /tmp | grep uv')).toBe('')
        const refused = await build(root, 'uv', args('wrong.txt'))
        expect([refused.code, refused.stderr]).toEqual([
          4,
          expect.stringMatching(/DEPENDENCY_INSTALL: [^]*Hash mismatch for `inflection==0\.5\.1`/)
        ])
      },
      LIMIT
    )

    test(
      'uv is refused on a Python that it does not run on, and if only pip’s configuration names the index',
      async () => {
        const root = repository(FLOW)
        const old = await build(root, 'uv', [
          ...['--base-image', bed.baseImages['3.6'], '--prefect-version', '0.5.4']
        ])
        expect([old.code, old.stderr]).toEqual([
          2,
          expect.stringMatching(
            /INVALID_OPTION: .* does not run on Python 3\.6\.\d+ of the base image/
          )
        ])
        const args = [
          ...['--base-image', bed.prefectBase, '--python-dependencies', 'inflection==0.5.1'],
          ...['--env-vars', 'PIP_INDEX_URL=https://pypi.org/simple']
        ]
        const bypassing = await build(root, 'uv', args)
        expect([bypassing.code, bypassing.stderr]).toEqual([
          4,
          expect.stringMatching(
            /DEPENDENCY_INSTALL: [^]*ERROR: pip is configured to use other indexes/
          )
        ])
        const told = ['--env-vars', 'UV_DEFAULT_INDEX=https://pypi.org/simple']
        const { packages } = await made(root, 'uv', [...args, ...told])
        expect(packages).toMatchObject({ inflection: '0.5.1' })
        expect(readFileSync(join(root, '.flowstore/Dockerfile'), 'utf8')).toContain(
          'uv pip install'
        )
      },
      LIMIT
    )
  }
)
