import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import Docker from 'dockerode'
import type { PublishedReport as Report } from '../../src/publish/outputs.js'
import { flowstore, repository, run, freshName } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'

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
