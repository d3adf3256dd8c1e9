import { expect, test } from '@jest/globals'
import type { PublishedReport as Report } from '../../src/publish/outputs.js'
import { flowstore, oneFlow, repository, run, freshName } from '../helpers/flowstore.js'
import { serveGit, SNOW } from '../helpers/packages.js'
import { describeWith, type TestBed } from '../helpers/test-bed.js'

const FINE = { code: 0, why: '' }

const NAMES = ['Über flöw', '日本 flow', '🚀', 'a/b', "it's"]

/** Base images that differ from the usual ones, as Dockerfiles. */
const BASES: [string, (bed: TestBed) => string[]][] = [
  [
    'with Debian’s own Python, which has no command python and an externally managed environment',
    bed => [
      `FROM ${bed.baseImages.plain}`,
      'RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends python3 python3-pip >/dev/null',
      `COPY --from=${bed.baseImages['3.9']} /etc/pip.conf /etc/pip.conf`,
      `COPY --from=${bed.baseImages['3.9']} /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt`
    ]
  ],
  [
    'with Python in conda’s folder, another user, an entrypoint and no git',
    bed => [
      `FROM ${bed.baseImages['3.9']}`,
      'RUN cp -r /usr/local /opt/conda && rm -rf /usr/local/bin/* /usr/local/lib/python3* && rm -f /usr/bin/git',
      'ENV PATH=/opt/conda/bin:/usr/sbin:/usr/bin:/sbin:/bin LD_LIBRARY_PATH=/opt/conda/lib',
      'RUN useradd --create-home app',
      'USER app',
      'WORKDIR /home/app',
      'ENTRYPOINT ["python", "-m", "http.server"]'
    ]
  ]
]

describeWith(
  ['docker', 'registry', 'debian:plain', 'python:3.9', 'prefect:1.4.1'],
  'base images',
  bed => {
    test.each(BASES)(
      'flows are stored in an image on a base image %s',
      async (name, instructions) => {
        const tag = `flowstore-test:${name.includes('Debian') ? 'debian' : 'conda'}`
        const folder = repository({ Dockerfile: `${instructions(bed).join('\n')}\n` })
        const made = await run('docker', ['build', '-q', '-t', tag, folder], folder, {
          ...process.env,
          DOCKER_BUILDKIT: '0'
        })
        expect(made).toMatchObject({ code: 0 })
        const root = repository(
          Object.fromEntries(NAMES.map((flow, index) => [`flow_${index}.py`, oneFlow(flow)]))
        )
        const ended = await flowstore(
          [
            ...['build', '.', '--base-image', tag, '--local-image', '--prefect-version', '1.4.1'],
            ...[
              '--push',
              'false',
              '--image-name',
              'flowstore-test',
              '--image-tag',
              'bases',
              '--json'
            ]
          ],
          root
        )
        expect({ code: ended.code, why: ended.code === 0 ? '' : ended.stderr }).toEqual(FINE)
        const report = JSON.parse(ended.stdout) as Report
        expect(report.flows.map(flow => flow.location)).toEqual(
          ['uber-flow', 'ri-ben-flow', '', 'a-b', 'it-s'].map(
            slug => `/opt/prefect/flows/${slug}.prefect`
          )
        )
      },
      300_000
    )

    // Like Alpine: only the programs of busybox and Python, and `apk` instead of apt-get.
    test('flows are stored in an image on a base image whose only shell is busybox', async () => {
      const tag = 'flowstore-test:busybox'
      const folder = repository({
        apk: `#!/bin/sh
[ "$*" = "add --no-cache git" ] && mv /usr/lib/git-core/git /bin/git && ln -s /bin/git /usr/lib/git-core/git
`,
        Dockerfile: `FROM ${bed.baseImages['3.9']}
COPY apk /sbin/apk
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends busybox-static >/dev/null
RUN cp /bin/busybox /busybox && cp --remove-destination /usr/bin/git /usr/lib/git-core/git && mv /sbin/apk /apk \\
 && find /usr/bin /usr/sbin -mindepth 1 ! -name find -delete \\
 && /busybox mv /busybox /usr/bin/busybox && /usr/bin/busybox rm /usr/bin/find \\
 && /usr/bin/busybox --install -s /usr/bin && rm /usr/bin/dpkg* && mv /apk /sbin/apk && chmod 755 /sbin/apk
RUN echo app:x:1000:1000::/home/app:/bin/sh >> /etc/passwd && mkdir /home/app && chown 1000 /home/app
USER app
`
      })
      const made = await run('docker', ['build', '-q', '-t', tag, folder], folder, {
        ...process.env,
        DOCKER_BUILDKIT: '0'
      })
      expect({ code: made.code, why: made.code === 0 ? '' : made.stderr }).toEqual(FINE)
      const root = repository({
        'flow.py': `import inflection, snow, helper\n${oneFlow('a')}`,
        'helper.py': 'x = 1\n',
        'data/a.csv': '1\n'
      })
      const served = await serveGit({ 'setup.py': SNOW, 'snow.py': 'flakes = 4\n' })
      const build = (git: string) =>
        flowstore(
          [
            ...['build', 'flow.py', '--base-image', tag, '--local-image'],
            ...['--prefect-version', '1.4.1', '--files', 'data:/srv/data'],
            ...['--python-dependencies', 'inflection==0.5.1'],
            ...['--python-dependencies', `snow @ git+http://${bed.gateway}:${git}`],
            ...['--registry-url', bed.registry.url, '--image-name', freshName('busybox'), '--json']
          ],
          root
        )
      try {
        const ended = await build(`${served.port}/snow.git`)
        expect({ code: ended.code, why: ended.code === 0 ? '' : ended.stderr }).toEqual(FINE)
        const { outputs } = JSON.parse(ended.stdout) as Report
        expect(outputs.digest).toMatch(/^sha256:/)
        const ran = await flowstore(['run', outputs['storage-path']], root)
        expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining('a: Success')])
        const { stdout } = await run('docker', [
          ...['run', '--rm', outputs.image, 'sh', '-c'],
          'whoami; readlink -f /bin/sh; ls /bin/git; ls /bin/bash /bin/apt-get 2>/dev/null'
        ])
        expect(stdout).toBe('app\n/usr/bin/busybox\n/bin/git\n')
      } finally {
        served.close()
      }
    }, 300_000)

    test('a base image without git and without a package manager is an error if git is needed', async () => {
      const tag = 'flowstore-test:no-git'
      const folder = repository({
        Dockerfile: `FROM ${bed.prefectBase}\nRUN rm -f /usr/bin/git /usr/bin/apt-get\n`
      })
      const made = await run('docker', ['build', '-q', '-t', tag, folder], folder, {
        ...process.env,
        DOCKER_BUILDKIT: '0'
      })
      expect(made).toMatchObject({ code: 0 })
      const root = repository({ 'flow.py': oneFlow('a') })
      const { code, stderr } = await flowstore(
        [
          ...['build', 'flow.py', '--base-image', tag, '--local-image', '--push', 'false'],
          ...['--python-dependencies', 'snow @ git+http://127.0.0.1:9/snow.git']
        ],
        root
      )
      expect([code, stderr]).toEqual([
        4,
        expect.stringMatching(
          /DEPENDENCY_INSTALL: .*\n\s+\| ERROR: the base image has no git, and no apk or apt-get to install it with\n/
        )
      ])
    }, 120_000)

    test('a flow whose name is too long for a file is an error that names the flow', async () => {
      const root = repository({ 'flow.py': oneFlow('x'.repeat(300)) })
      const { code, stderr } = await flowstore(
        ['build', 'flow.py', '--base-image', bed.prefectBase, '--push', 'false'],
        root
      )
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(
          /STORAGE_INVALID: flow "x{40}…" would be stored in a file whose name has 308/
        )
      ])
    }, 120_000)
  }
)
