import { spawn } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import Docker from 'dockerode'
import type { PublishedReport as Report } from '../../src/publish/outputs.js'
import { flowstore, freshName, mustRun, outputOf, repository, run } from '../helpers/flowstore.js'
import { PrefectServer } from '../helpers/prefect-server.js'
import { describeWith, type WorkerRelease } from '../helpers/test-bed.js'

const FLOWS = `import os
import time

from prefect import Flow, Parameter, task


@task
def double(n):
    print("double of %s for %s" % (n, os.environ.get("WHO")))
    return n * 2


@task
def fail(n):
    raise ValueError("no " + str(n))


@task
def wait(n):
    print("waiting")
    time.sleep(300)


for name, work in [("good", double), ("bad", fail), ("slow", wait)]:
    with Flow(name) as flow:
        work(Parameter("n", default=1))
    globals()[name] = flow
`

describeWith(['docker', 'registry', 'prefect:1.4.1'], 'flowstore run of a Docker storage', bed => {
  const docker = new Docker()
  const root = repository({ 'flows.py': FLOWS })
  const name = freshName('run-test')
  const storage = join(root, '.flowstore/storage.json')

  const built = async (): Promise<Report['outputs']> => {
    if (!existsSync(storage)) {
      const ended = await flowstore(
        [
          ...['build', 'flows.py', '--base-image', bed.prefectBase, '--image-name', name],
          ...['--registry-url', bed.registry.url]
        ],
        root
      )
      expect(ended).toMatchObject({ code: 0 })
    }
    return (JSON.parse(readFileSync(join(root, '.flowstore/report.json'), 'utf8')) as Report)
      .outputs
  }
  const containers = async () =>
    (await docker.listContainers({ all: true }))
      .filter(container => container.Image.includes(name))
      .map(container => container.Id)

  test('the image is pulled, and the flow runs with parameters and variables', async () => {
    const { image } = await built()
    expect(await run('docker', ['rmi', '-f', image])).toMatchObject({ code: 0 })
    const { code, stdout, stderr } = await flowstore(
      [
        ...['run', storage, '--flow', 'good', '--param', 'n=21'],
        ...['--env', 'WHO=a friend', '--json']
      ],
      root
    )
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      { flow: 'good', state: 'Success', message: 'All reference tasks succeeded.', exitCode: 0 }
    ])
    expect(stderr).toContain('double of 21 for a friend')
    expect(await containers()).toEqual([])
  }, 180_000)

  test('a flow that fails has its own exit code, and leaves no container', async () => {
    await built()
    const { code, stdout, stderr } = await flowstore(['run', storage, '--flow', 'bad'], root)
    expect([code, stdout]).toEqual([8, ''])
    expect(stderr).toContain('ValueError: no 1')
    expect(stderr).toMatch(/error FLOW_RUN: flow "bad" ended Failed[\s\S]*\| fail: .*ValueError/)
    const wrong = await flowstore(['run', storage, '--flow', 'good', '--param', 'm=1'], root)
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      expect.stringContaining('flow "good" did not run: it has no parameter m; it has: n')
    ])
    expect(await containers()).toEqual([])
  }, 120_000)

  test('a run that a signal ends removes its container', async () => {
    await built()
    const child = spawn(process.execPath, [
      ...[resolve('dist/flowstore.js'), 'run', storage, '--flow', 'slow']
    ])
    let output = ''
    child.stderr.on('data', data => (output += String(data)))
    for (let i = 0; i < 300 && !output.includes('waiting'); i++) await sleep(100)
    expect((await containers()).length).toBe(1)
    child.kill('SIGINT')
    const code = await new Promise(done => child.once('close', done))
    expect([code, output]).toEqual([130, expect.stringContaining('the run was interrupted')])
    expect(await containers()).toEqual([])
  }, 120_000)

  test('a missing flow, a missing image and a missing daemon are errors that name what is missing', async () => {
    await built()
    const absent = await flowstore(['run', storage, '--flow', 'other'], root)
    expect([absent.code, absent.stderr]).toEqual([
      2,
      expect.stringMatching(
        /FLOW_NOT_CONTAINED[\s\S]*The storage has 3 flows: "slow", "good", "bad"/
      )
    ])
    const text = readFileSync(storage, 'utf8').replace(
      /"image_tag": "[^"]+"/,
      '"image_tag": "none"'
    )
    const gone = repository({ 'storage.json': text })
    const unpulled = await flowstore(['run', 'storage.json', '--flow', 'good'], gone)
    expect([unpulled.code, unpulled.stderr]).toEqual([
      4,
      expect.stringMatching(
        /BASE_IMAGE_PULL: the image \S+:none can't be pulled: .*manifest unknown/
      )
    ])
    const unreached = await flowstore(
      ['run', storage, '--flow', 'good', '--base-url', 'unix:///nowhere.sock'],
      root
    )
    expect([unreached.code, unreached.stderr]).toEqual([7, expect.stringContaining('DAEMON')])
  }, 120_000)
})

/** Reads a file by a link, and starts a program beside it. */
const ORDERS = `import subprocess
from datetime import date
from pathlib import Path
from prefect import flow

@flow(name="Daily orders", log_prints=True)
def orders(day: date, limit: int = 1):
    here = Path(__file__).parent
    said = subprocess.run([str(here / "say.sh"), "again"], check=True, stdout=subprocess.PIPE)
    print("ORDERS", day.year, limit, (here / "latest.csv").read_text(), said.stdout.decode())
`

const ENTRYPOINT_RELEASES: readonly WorkerRelease[] = ['2.20.27', '3.9.1']

describeWith(
  [
    ...(['docker', 'registry'] as const),
    ...ENTRYPOINT_RELEASES.flatMap(each => [`prefect:${each}` as const, `venv:${each}` as const])
  ],
  'flowstore run of a Docker storage of flows with entrypoints',
  bed => {
    describe.each(ENTRYPOINT_RELEASES)('of Prefect %s', release => {
      const LIMIT = 300_000
      const root = repository({
        'flows/orders.py': ORDERS,
        'flows/rows.csv': 'rows',
        'flows/say.sh': '#!/bin/sh\necho "$1"\n'
      })
      chmodSync(join(root, 'flows/say.sh'), 0o755)
      symlinkSync('rows.csv', join(root, 'flows/latest.csv'))
      const storage = join(root, '.flowstore/storage.json')
      let server: PrefectServer

      const runs = () =>
        server.request<{ state: { type: string }; parameters: object }[]>(
          'POST',
          '/flow_runs/filter',
          {}
        )
      const ran = (more: readonly string[], env: NodeJS.ProcessEnv = {}) =>
        flowstore(
          ['run', storage, '--param', 'day=2026-01-05', '--param', 'limit=2', '--json', ...more],
          root,
          { ...process.env, PREFECT_API_URL: undefined, ...env }
        )
      /** Prefect 2 gives its own server 30 s to start; a busy machine may need the second try of the hint. */
      const ranAlone = async () => {
        const first = await ran([])
        return first.stdout.includes('A busy machine may take too long') ? ran([]) : first
      }
      const COMPLETED = { flow: 'Daily orders', state: 'Completed', message: null, exitCode: 0 }

      beforeAll(async () => {
        const args = ['build', 'flows', '--base-image', bed.prefectImages[release]]
        const image = ['--image-name', freshName('run-test'), '--registry-url', bed.registry.url]
        await Promise.all([
          outputOf(flowstore([...args, ...image], root)),
          PrefectServer.start(bed.venvs[release]).then(started => (server = started))
        ])
      }, LIMIT)
      afterAll(() => server.stop(), 60_000)

      test('the image has the links and the executable files of the sources', async () => {
        const { outputs } = JSON.parse(
          readFileSync(join(root, '.flowstore/report.json'), 'utf8')
        ) as Report
        const shown =
          'cd flows; readlink latest.csv; stat -c "%a %n" orders.py say.sh; ./say.sh run'
        expect(
          await mustRun('docker', ['run', '--rm', outputs['image-ref'], 'sh', '-c', shown])
        ).toBe('rows.csv\n644 orders.py\n755 say.sh\nrun')
      }, 60_000)

      test(
        'without an API a flow runs in its container, with a typed parameter',
        async () => {
          const { code, stdout, stderr } = await ranAlone()
          expect([code, JSON.parse(stdout), stderr]).toEqual([
            0,
            COMPLETED,
            expect.stringContaining('ORDERS 2026 2 rows again')
          ])
          expect(await runs()).toEqual([])
        },
        LIMIT
      )

      test(
        'with an API the run is recorded there',
        async () => {
          const env = { PREFECT_API_URL: server.api }
          const { code, stdout, stderr } = await ran(['--env', 'PREFECT_API_URL'], env)
          expect([code, JSON.parse(stdout), stderr]).toEqual([
            0,
            COMPLETED,
            expect.stringContaining('ORDERS 2026 2 rows again')
          ])
          expect(await runs()).toEqual([
            expect.objectContaining({
              state: expect.objectContaining({ type: 'COMPLETED' }),
              parameters: { day: '2026-01-05', limit: 2 }
            })
          ])
        },
        LIMIT
      )
    })
  }
)
