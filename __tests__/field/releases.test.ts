import { createServer, request as ask, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { field } from '../helpers/field.js'
import { PrefectServer } from '../helpers/prefect-server.js'
import { describeWith, type EntrypointRelease } from '../helpers/test-bed.js'

// The newest 3.x has tests of its own: entrypoint-runs.test.ts.
const RELEASES: readonly EntrypointRelease[] = ['2.13.8', '3.0.11', '3.4.25', '3.6.29']

const FLOWS = `import sys
from datetime import date
from prefect import flow

@flow(log_prints=True)
def daily(day: date, limit: int = 3):
    print("DAY", type(day).__name__, limit)

@flow
def fails():
    raise ValueError("broken pipe")

@flow
async def leaves():
    sys.exit(3)
`

const NEEDS_API = `from prefect import flow
from prefect.client.orchestration import get_client
import asyncio
import os

async def hello():
    async with get_client() as client:
        return await client.hello()

if os.environ.get("PREFECT_API_URL"):
    asyncio.run(hello()).raise_for_status()

@flow
def asks():
    pass
`

const KEY = 'key-of-ann'

/** Stands in front of a server, and passes on what has the key. */
async function guarded(server: string): Promise<{ readonly url: string; readonly proxy: Server }> {
  const { hostname, port } = new URL(server)
  const proxy = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    const { authorization, ...others } = headers
    if (authorization !== `Bearer ${KEY}`) {
      response.writeHead(401, { 'content-type': 'application/json' })
      response.end('{"detail":"Unauthorized"}')
      return
    }
    const passed = ask({ hostname, port, method, path: url, headers: others }, answer => {
      response.writeHead(answer.statusCode ?? 0, answer.headers)
      answer.pipe(response)
    })
    passed.on('error', () => response.destroy())
    request.pipe(passed)
  })
  await new Promise<void>(done => proxy.listen(0, '127.0.0.1', done))
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/api`, proxy }
}

describeWith(
  [...RELEASES.map(release => `venv:${release}` as const), 'venv:3.9.1'],
  'flowstore run, with releases of Prefect 2 and 3',
  bed => {
    let server: PrefectServer
    let api: Awaited<ReturnType<typeof guarded>>

    beforeAll(async () => {
      server = await PrefectServer.start(bed.venvs['3.9.1'])
      api = await guarded(server.api)
    }, 120_000)
    afterAll(async () => {
      api.proxy.close()
      api.proxy.closeAllConnections()
      await server.stop()
    })

    test.each(RELEASES)(
      'a flow of Prefect %s ends as it should, and a login that is refused is told',
      async release => {
        const python = bed.venvs[release]
        const files = field({ 'flows/a.py': FLOWS, 'flows/b.py': NEEDS_API })
        const built = await files.flowstore([
          ...['build', 'flows', '--storage', 'local', '--python', python]
        ])
        expect([built.code, built.text]).toEqual([0, expect.any(String)])
        const run = (flow: string, key: string, ...parameters: readonly string[]) =>
          files.flowstore(
            [
              ...['run', '.flowstore/storage.json', '--python', python, '--flow', flow],
              ...['--env', 'PREFECT_API_URL', '--env', 'PREFECT_API_KEY', ...parameters]
            ],
            { PREFECT_API_URL: api.url, PREFECT_API_KEY: key }
          )
        const day = ['--param', 'day=2026-01-05']
        const runs: readonly [Promise<{ code: number | null; text: string }>, number, RegExp][] = [
          [run('daily', KEY, ...day), 0, /DAY date 3/],
          [run('daily', KEY, '--param', 'day=never'), 2, /did not run: day: /],
          [run('daily', KEY, ...day, '--param', 'x=1'), 2, /no parameter x; it has: day, limit/],
          [run('daily', KEY), 2, /it requires the parameter day/],
          [run('fails', KEY), 8, /"fails" ended Failed: .*ValueError: broken pipe/],
          [run('leaves', KEY), 8, /"leaves" ended Crashed: /],
          [run('asks', KEY), 0, /^asks: Completed/m],
          [
            run('daily', 'wrong', ...day),
            8,
            /before the flow began. Check that its API is at http/
          ],
          [run('asks', 'wrong'), 8, /while its module was imported. Check that its API is at http/]
        ]
        for (const [ended, code, words] of runs) {
          const { code: exit, text } = await ended
          expect([exit, text]).toEqual([code, expect.stringMatching(words)])
        }
      },
      240_000
    )
  }
)
