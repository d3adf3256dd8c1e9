import { expect, test } from '@jest/globals'
import { daemonProxy } from '../helpers/daemon-proxy.js'
import { containersOf, startRun, until } from '../helpers/daemon-runs.js'
import { freshName, oneFlow, repository } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'

describeWith(['docker', 'prefect:1.4.1'], 'runs that want one new environment image', bed => {
  const argsOf = (mark: string): string[] => [
    ...['build', 'flow.py', '--image-name', mark, '--push', 'false', '--load-in', 'image'],
    ...['--base-image', bed.prefectBase, '--env-vars', `RUN=${mark}`]
  ]

  test('let one of eight build it, and wait for that one', async () => {
    const proxy = await daemonProxy(bed.dockerHost)
    const mark = freshName('eight')
    const root = () => repository({ 'flow.py': oneFlow('f') })
    const runs = Array.from({ length: 8 }, () =>
      startRun(argsOf(mark), root(), { DOCKER_HOST: proxy.host }, 280_000)
    )
    const ended = await Promise.all(runs.map(run => run.ended))
    await proxy.close()
    expect(ended.filter(({ code }) => code !== 0).map(({ output }) => output)).toEqual([])
    const building = ended.filter(({ output }) => /Environment \w+: building it/.test(output))
    expect(building).toHaveLength(1)
  }, 300_000)

  test('wait no longer for one that was killed', async () => {
    const mark = freshName('killed')
    const env = { DOCKER_HOST: bed.dockerHost }
    const root = repository({ 'flow.py': oneFlow('f') })
    const first = startRun(argsOf(mark), root, env, 60_000)
    const building = /Environment (\w+): building it/
    await until(() => building.test(first.output()), 30_000)
    const lock = `/flowstore-environment-${building.exec(first.output())?.[1] ?? ''}`
    // Others may build on the daemon too.
    const isThere = async () =>
      (await containersOf(bed.dockerHost)).some(({ Names: names }) => names.includes(lock))
    first.kill('SIGKILL')
    await first.ended
    expect(await isThere()).toBe(true)
    const second = await startRun(argsOf(mark), root, env, 60_000).ended
    expect(second.code).toBe(0)
    expect(await until(async () => !(await isThere()), 5_000)).toBe(true)
  }, 300_000)
})
