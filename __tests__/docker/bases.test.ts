import { expect, test } from '@jest/globals'
import type { Report } from '../../src/report.js'
import { flowstore, oneFlow, repository, run } from '../helpers/flowstore.js'
import { describeWith, type TestBed } from '../helpers/test-bed.js'

const NAMES = ['Über flöw', '日本 flow', '🚀', 'a/b', "it's"]

/** What each base is, as a Dockerfile. */
const BASES: [string, (bed: TestBed) => string[]][] = [
  [
    'Debian’s own Python: python3 alone, and a system that pip may not touch',
    bed => [
      `FROM ${bed.baseImages.plain}`,
      'RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends python3 python3-pip >/dev/null',
      `COPY --from=${bed.baseImages['3.9']} /etc/pip.conf /etc/pip.conf`,
      `COPY --from=${bed.baseImages['3.9']} /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt`
    ]
  ],
  [
    'Python where conda has it, a user, an entrypoint, no git',
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
  'a base image',
  bed => {
    test.each(BASES)(
      'may be %s',
      async (name, instructions) => {
        const tag = `flowstore-test:${name.startsWith('Debian') ? 'debian' : 'conda'}`
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
        expect({ code: ended.code, why: ended.code === 0 ? '' : ended.stderr }).toEqual({
          code: 0,
          why: ''
        })
        const report = JSON.parse(ended.stdout) as Report
        expect(report.flows.map(flow => flow.location)).toEqual(
          ['uber-flow', 'ri-ben-flow', '', 'a-b', 'it-s'].map(
            slug => `/opt/prefect/flows/${slug}.prefect`
          )
        )
      },
      300_000
    )

    test('is named with a flow whose name no file can have', async () => {
      const root = repository({ 'flow.py': oneFlow('x'.repeat(300)) })
      const { code, stderr } = await flowstore(
        ['build', 'flow.py', '--base-image', bed.prefectBase, '--push', 'false'],
        root
      )
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(
          /STORAGE_INVALID: flow "x{40}…" would lie in a file whose name has 308/
        )
      ])
    }, 120_000)
  }
)
