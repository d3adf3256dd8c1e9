import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { field } from '../helpers/field.js'
import { PrefectServer } from '../helpers/prefect-server.js'
import { describeWith } from '../helpers/test-bed.js'

const FLOWS = `import os
import sys
from datetime import date
from prefect import flow
from prefect.states import Cancelled, Completed

@flow(log_prints=True)
def daily(day: date, limit: int = 3, **rest):
    print("DAY", type(day).__name__, limit, rest)

@flow
def leaves():
    sys.exit(3)

@flow
def dies():
    os._exit(7)

@flow
def cancelled():
    return Cancelled(message="not today")

@flow
def cached():
    return Completed(name="Cached", message="from a cache")

@flow(name="$HOME 'näme' #1")
async def odd():
    pass

@flow(log_prints=True)
def same():
    print("THE FIRST")
`

const OTHER = `from prefect import flow

@flow(name="same", log_prints=True)
def other():
    print("THE OTHER")
`

describeWith(['venv:3.9.1'], 'flowstore run with flows of Prefect 3', bed => {
  const python = bed.venvs['3.9.1']
  const local = ['--storage', 'local', '--python', python]
  const files = field({ 'flows/a.py': FLOWS, 'flows/b.py': OTHER, 'kept/mine.txt': 'precious' })
  let server: PrefectServer

  const run = (flow: string, ...more: readonly string[]) =>
    files.flowstore(
      ['run', '.flowstore/storage.json', '--python', python, '--flow', flow, ...more],
      { PREFECT_API_URL: server.api }
    )
  const recorded = (flow: string, ...more: readonly string[]) =>
    run(flow, '--env', 'PREFECT_API_URL', ...more)

  beforeAll(async () => {
    server = await PrefectServer.start(python)
    const built = await files.flowstore(['build', 'flows', ...local])
    if (built.code !== 0) throw new Error(built.text)
  }, 300_000)
  afterAll(() => server.stop())

  test.each([
    [['day=never', 'limit=many'], /did not run: day: .*; limit: /],
    [['limit=1'], /it requires the parameter day/]
  ])(
    'wrong parameters end with exit code 2 and name each: %j',
    async (parameters, words) => {
      const ended = await recorded('daily', ...parameters.flatMap(each => ['--param', each]))
      expect([ended.code, ended.text]).toEqual([2, expect.stringMatching(words)])
    },
    60_000
  )

  test('an unknown parameter names those that the flow has', async () => {
    const ended = await recorded('cancelled', '--param', 'x=1')
    expect([ended.code, ended.text]).toEqual([2, expect.stringContaining('no parameter x; it has')])
  }, 60_000)

  test('a run is recorded by the API of a variable, with typed parameters and those of **kwargs', async () => {
    const given = ['--param', 'day=2026-01-05', '--param', 'color=red']
    const ended = await recorded('daily', ...given)
    expect([ended.code, ended.text]).toEqual([
      0,
      expect.stringContaining("DAY date 3 {'color': 'red'}")
    ])
    const runs = await server.request<{ parameters: object }[]>('POST', '/flow_runs/filter', {})
    expect(runs.map(({ parameters }) => parameters)).toContainEqual(
      expect.objectContaining({ day: '2026-01-05' })
    )
  }, 120_000)

  test.each([
    ['leaves', 8, /flow "leaves" ended Crashed: /],
    ['dies', 8, /error FLOW_RUN: Python ended with exit code 7 before the flow had a final state/],
    ['cancelled', 8, /flow "cancelled" ended Cancelled: not today/],
    ['cached', 0, /^cached: Cached: from a cache$/m],
    ["$HOME 'näme' #1", 0, /: Completed$/m]
  ])(
    'the flow %s ends with exit code %i',
    async (flow, code, words) => {
      const ended = await recorded(flow)
      expect([ended.code, ended.text]).toEqual([code, expect.stringMatching(words)])
    },
    120_000
  )

  test('of two flows with one name, the entrypoint runs the other', async () => {
    expect((await recorded('same')).text).toContain('THE FIRST')
    const ended = await recorded('flows/b.py:other')
    expect([ended.code, ended.text]).toEqual([0, expect.stringContaining('THE OTHER')])
  }, 120_000)

  test('an entrypoint that the sources do not have is no flow of the storage', async () => {
    const ended = await recorded('flows/b.py:othr')
    expect([ended.code, ended.text]).toEqual([
      2,
      expect.stringMatching(/FLOW_NOT_CONTAINED: .* no flow "flows\/b.py:othr"/)
    ])
  }, 60_000)

  test('an API that does not answer is named', async () => {
    const ended = await run('cached', '--env', 'PREFECT_API_URL=http://127.0.0.1:1/api')
    expect([ended.code, ended.text]).toEqual([
      8,
      expect.stringContaining('Check that its API is at http://127.0.0.1:1/api')
    ])
  }, 60_000)

  test('a build into a folder with other files is refused, and they stay', async () => {
    const refused = await files.flowstore(['build', 'flows', ...local, '--directory', 'kept'])
    expect([refused.code, refused.text]).toEqual([
      expect.any(Number),
      expect.stringMatching(/WRITE_FAILED.*kept: it has other files/)
    ])
    expect(refused.code).not.toBe(0)
    expect(readFileSync(join(files.root, 'kept/mine.txt'), 'utf8')).toBe('precious')
    expect(existsSync(join(files.root, 'kept/flows'))).toBe(false)
  }, 60_000)
})
