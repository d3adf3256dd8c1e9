import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { field, type FieldRun } from '../helpers/field.js'
import { outputOf, temporaryFolder } from '../helpers/flowstore.js'
import { PrefectServer, type Worker } from '../helpers/prefect-server.js'
import { describeWith, type WorkerRelease } from '../helpers/test-bed.js'

const RELEASES: readonly WorkerRelease[] = ['2.20.27', '3.9.1']
const MINUTES = 300_000

/** Its path counts from the root, so it imports its neighbour by the package and by a dot. */
const ORDERS = `import os
from datetime import date
from pathlib import Path

from prefect import flow

from flows.shop import prices
from .shop.prices import price

TABLE = Path(__file__).with_name("rows.csv")


@flow(name="Daily orders", log_prints=True)
def orders(day: date, limit: int = 1):
    print("ORDERS", os.environ["LEVEL"], day.year, price() * limit, prices.CURRENCY, TABLE.read_text())
    print("FROM", TABLE.parent.parent)
`

const PREFECT_YAML = `deployments:
  - name: default
    entrypoint: flows/orders.py:orders
    parameters: {day: "2026-01-05"}
    schedules: [{cron: "0 5 * * *", active: false}]
    work_pool: {name: machine, job_variables: {env: {LEVEL: info}}}
`

describeWith(
  RELEASES.flatMap(release => [`venv:${release}` as const, `worker:${release}` as const]),
  'a folder of local storage, for a process pool',
  bed => {
    describe.each(RELEASES)('of Prefect %s', release => {
      const files = field({
        'prefect.yaml': PREFECT_YAML,
        'flows/__init__.py': '',
        'flows/orders.py': ORDERS,
        'flows/rows.csv': 'five rows',
        'flows/shop/__init__.py': '',
        'flows/shop/prices.py': 'CURRENCY = "EUR"\n\ndef price():\n    return 5\n'
      })
      const directory = join(temporaryFolder(), 'shop')
      let server: PrefectServer
      let worker: Worker
      let deployed: FieldRun

      beforeAll(async () => {
        const python = bed.venvs[release]
        const args = ['build', 'flows', '--storage', 'local', '--directory', directory]
        await Promise.all([
          outputOf(files.flowstore([...args, '--python', python])),
          PrefectServer.start(python).then(started => (server = started))
        ])
        await server.makePool('machine', 'process')
        deployed = await files.flowstore(['deploy', '.flowstore/deployments.json'], {
          PREFECT_API_URL: server.api
        })
        // Nothing but the folder is left of the repository.
        rmSync(files.root, { recursive: true })
        worker = server.startWorker(bed.workers[release], 'machine', 'process', {})
      }, MINUTES)

      afterAll(async () => {
        await worker.stop()
        await server.stop()
      }, 60_000)

      test('the deployment has the folder as working directory, and no image', async () => {
        expect([deployed.code, deployed.text]).toEqual([
          0,
          expect.stringContaining('Daily orders/default')
        ])
        const [record] = await server.deployments()
        expect(record?.['pull_steps']).toEqual([
          { 'prefect.deployments.steps.set_working_directory': { directory } }
        ])
        // 2.x answers the older name.
        expect(record?.['job_variables'] ?? record?.['infra_overrides']).toEqual({
          env: { LEVEL: 'info' }
        })
      })

      test(
        'a worker runs a flow from it until Completed, with its modules, its data file and a typed parameter',
        async () => {
          const [deployment] = await server.deployments()
          const run = await server.schedule(deployment?.id ?? '', { limit: 2 })
          expect(await server.finalState(run, 120)).toMatchObject({ type: 'COMPLETED' })
          const log = await server.logWith(run, `FROM ${directory}`, 60)
          expect(log).toContain('ORDERS info 2026 10 EUR five rows')
        },
        MINUTES
      )
    })
  }
)
