import { beforeAll, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectDocker } from '../../src/docker/connect.js'
import { entrypointPython } from '../../src/environment/base/started-python.js'
import { reportOf } from '../helpers/builds.js'
import { flowstore, oneFlow, repository, run } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'

const LIMIT = 120_000

/**
 * Like conda's command: `conda run -n NAME COMMAND...`. It takes no line breaks, gives no standard input, and prints what the
 * command printed when that has ended.
 */
const CONDA = `#!/bin/sh
name=$3; shift 3
case "$*" in *"
"*) echo "arguments with newlines are not supported" >&2; exit 1;; esac
printed=$(PATH=/opt/conda/envs/$name/bin:$PATH "$@" < /dev/null)
code=$?
printf '%s\\n' "$printed"
exit $code
`
/** Starts a command, as `tini` does. */
const PASS = '#!/bin/sh\nexec "$@"\n'
const ACTIVATE = 'ENTRYPOINT ["conda", "run", "-n", "flows"]'
const SHELL = 'SHELL ["conda", "run", "-n", "flows", "/bin/sh", "-c"]'

describeWith(['docker', 'prefect:1.4.1'], 'a base image with an ENTRYPOINT', bed => {
  const tagOf = (name: string) => `flowstore-test:entrypoint-${name}`

  async function makeBase(name: string, ...instructions: string[]): Promise<void> {
    const folder = repository({
      conda: CONDA,
      pass: PASS,
      Dockerfile: [
        `FROM ${bed.prefectBase}`,
        'RUN python -m venv --system-site-packages /opt/conda/envs/flows',
        'COPY conda pass /usr/bin/',
        'RUN chmod 755 /usr/bin/conda /usr/bin/pass',
        // A Python that does not find its own folder.
        'RUN mkdir -p /opt/needy/bin && cp /usr/local/bin/python3.9 /opt/needy/bin/python',
        ...instructions,
        ''
      ].join('\n')
    })
    const env = { ...process.env, DOCKER_BUILDKIT: '0' }
    const made = await run('docker', ['build', '-q', '-t', tagOf(name), folder], folder, env)
    expect(made).toMatchObject({ code: 0 })
  }

  /** Builds a flow that needs a package, and asserts the Python that loads it. */
  const build = (name: string, prefix: string) =>
    flowstore(
      [
        ...['build', 'flow.py', '--base-image', tagOf(name), '--local-image', '--push', 'false'],
        ...['--python-dependencies', 'inflection==0.5.1', '--image-name', 'flowstore-test'],
        ...['--image-tag', `entrypoint-${name}-flows`, '--refresh', '--json']
      ],
      repository({
        'flow.py': `import sys, inflection\nassert sys.prefix == '${prefix}', sys.prefix\n${oneFlow('a')}`
      })
    )

  /** What a container prints that is started as Prefect's agents start it. */
  const started = async (image: string, ...command: string[]): Promise<string> => {
    const { stdout, stderr } = await run('docker', ['run', '--rm', image, ...command])
    return stdout + stderr
  }

  beforeAll(async () => {
    await makeBase('activates', SHELL, ACTIVATE)
    await makeBase('passes', SHELL, 'ENTRYPOINT ["pass"]')
    await makeBase('serves', 'ENTRYPOINT ["sh", "-c", "exec sleep 100"]')
    await makeBase(
      'needs',
      'ENTRYPOINT ["env", "PYTHONHOME=/usr/local", "PATH=/opt/needy/bin:/usr/bin:/bin"]'
    )
  }, LIMIT)

  test(
    'everything uses the Python that the ENTRYPOINT gives',
    async () => {
      const ended = await build('activates', '/opt/conda/envs/flows')
      const { image } = reportOf(ended).outputs
      expect(ended.stderr).toContain(
        'its ENTRYPOINT gives /opt/conda/envs/flows/bin/python, which will be first on PATH'
      )
      expect(ended.stderr).not.toContain('through its SHELL')
      const show = ['python', '-c', 'import sys, inflection; print(sys.prefix)']
      expect(await started(image, ...show)).toBe('/opt/conda/envs/flows\n')
    },
    LIMIT
  )

  test(
    'with an ENTRYPOINT that changes nothing, packages go to the Python on PATH, whatever the SHELL gives',
    async () => {
      const ended = await build('passes', '/usr/local')
      const { image } = reportOf(ended).outputs
      expect(ended.stderr).toMatch(
        /flows use \/usr\/local\/bin\/python.*RUN instructions get \/opt\/conda\/envs\/flows\/bin\/python through its SHELL/
      )
      const show = ['python', '-c', 'import sys, inflection; print(sys.prefix)']
      expect(await started(image, ...show)).toBe('/usr/local\n')
      const { stdout } = await run('docker', ['inspect', '-f', '{{json .Config.Shell}}', image])
      expect(JSON.parse(stdout)).toEqual(['conda', 'run', '-n', 'flows', '/bin/sh', '-c'])
    },
    LIMIT
  )

  test(
    'a Python that runs only through the ENTRYPOINT is refused',
    async () => {
      const { code, stderr } = await build('needs', '/usr/local')
      expect([code, stderr]).toEqual([
        4,
        expect.stringMatching(
          /BASE_IMAGE_PYTHON: the ENTRYPOINT of .* gives \/opt\/needy\/bin\/python, and without the ENTRYPOINT there is \/usr\/local\/bin\/python[^]*encodings[^]*'ENV PATH=\/opt\/needy\/bin:\$PATH'/
        )
      ])
    },
    LIMIT
  )

  test(
    'an ENTRYPOINT that starts a server gives no Python, and its container is removed',
    async () => {
      const image = tagOf('serves')
      expect(
        await entrypointPython(await connectDocker(bed.dockerHost, {}), image, 1000)
      ).toBeUndefined()
      const left = () => run('docker', ['ps', '-aq', '--filter', `ancestor=${image}`])
      // The daemon removes it after it has ended.
      while ((await left()).stdout !== '') await sleep(100)
    },
    LIMIT
  )
})
