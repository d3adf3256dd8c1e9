import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { daemonProxy, type DaemonProxy } from '../helpers/daemon-proxy.js'
import { containersOf, until } from '../helpers/daemon-runs.js'
import { freshName, oneFlow, repository, run } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'

/** Runs a program whose output nobody reads after its first line, and prints its exit code. */
const INTO_HEAD = '"$@" 2>&1 | head -n 1 >&2; echo "${PIPESTATUS[0]}"'

/** A module that writes while it is loaded, when `head` has ended. */
const WRITES = `import time

for number in range(20):
    print('import', number, flush=True)
    time.sleep(0.05)
`

describeWith(
  ['docker', 'prefect:1.4.1'],
  'a load in a container whose output goes to head',
  bed => {
    let proxy: DaemonProxy
    beforeAll(async () => {
      proxy = await daemonProxy(bed.dockerHost)
    })
    afterAll(() => proxy.close())

    test.each([
      ['that is right', `${WRITES}${oneFlow('a')}`, 0],
      ['that is wrong', `${WRITES}1 / 0\n`, 3]
    ])(
      'goes on to its end with a module %s, and leaves no container',
      async (_, module, code) => {
        const cwd = repository({ 'f.py': module })
        const { stdout, stderr } = await run(
          'bash',
          [
            ...['-c', INTO_HEAD, 'bash', process.execPath, resolve('dist/flowstore.js')],
            ...[
              'build',
              'f.py',
              '--verbose',
              '--load-in',
              'image',
              '--base-image',
              bed.prefectBase
            ],
            ...['--image-name', freshName('head'), '--push', 'false']
          ],
          cwd,
          { ...process.env, DOCKER_HOST: proxy.host }
        )
        expect([stdout, stderr]).toEqual([`${code}\n`, 'discover\n'])
        expect(proxy.created.size).toBeGreaterThan(0)
        const left = async () =>
          (await containersOf(bed.dockerHost)).filter(({ Id: id }) => proxy.created.has(id))
        expect(await until(async () => (await left()).length === 0, 3_000)).toBe(true)
        const result = code === 0 ? 'storage.json' : 'failure.json'
        expect(existsSync(join(cwd, '.flowstore', result))).toBe(true)
      },
      60_000
    )
  }
)
