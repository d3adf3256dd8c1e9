import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { freshName } from '../helpers/flowstore.js'
import { PrefectServer, type Deployed } from '../helpers/prefect-server.js'
import { ResultsService } from '../helpers/results-service.js'
import { describeWith } from '../helpers/test-bed.js'
import { deploymentsIn, runWorkflow, updatesIn, type Job } from '../helpers/workflow.js'

const ALL = {
  'ingest/crm': 'flows/ingest.py:ingest',
  'ingest/crm-full': 'flows/ingest.py:ingest',
  'ingest/shop': 'flows/ingest.py:ingest',
  'ingest/files': 'flows/other_ingest.py:ingest'
}

describeWith(
  ['act', 'node24', 'docker', 'registry', 'prefect:2.20.27', 'venv:2.20.27'],
  'a workflow with several deployments for one entrypoint of Prefect 2',
  bed => {
    let job: Job
    let service: ResultsService
    let server: PrefectServer
    let deployed: Readonly<Record<string, Deployed>>

    beforeAll(async () => {
      service = await ResultsService.start()
      server = await PrefectServer.start(bed.venvs['2.20.27'])
      await server.makePool('docker', 'docker')
      job = await runWorkflow(
        bed,
        'prefect-2.yml',
        {
          ...service.env,
          TEST_REGISTRY: bed.registry.url,
          TEST_NAME: freshName('prefect-2'),
          TEST_BASE: bed.prefectImages['2.20.27'],
          PREFECT_API_URL: server.api
        },
        5
      )
      const records = await server.deployments()
      deployed = Object.fromEntries(records.map(record => [record.name, record]))
    }, 480_000)

    afterAll(async () => {
      await server.stop()
      await service.stop()
    }, 60_000)

    test('the job succeeds without an error', () => {
      const ids = ['several', 'again', 'changed']
      expect(ids.flatMap(id => job.step(id).errors)).toEqual([])
      expect(job.result).toBe('success')
    })

    test('the outputs have each deployment with its entrypoint', () => {
      const step = job.step('several')
      expect(deploymentsIn(step, 'deployments')).toEqual(ALL)
      expect(deploymentsIn(step, 'changed-deployments')).toEqual(ALL)
      expect(step.outputs['prefect-file-path']).toMatch(/\/several\/\.flowstore\/prefect\.yaml$/)
      expect(step.summary).toContain('4 deployments: 4 created (Prefect 2.20.27, ')
    })

    test('of two flows of one name the storage and the output have the first, and a notice says so', () => {
      const { notices, outputs } = job.step('several')
      const flows = { ingest: 'flows/ingest.py:ingest' }
      expect(JSON.parse(outputs['flows'] ?? '')).toEqual(flows)
      expect(JSON.parse(outputs['storage'] ?? '')).toMatchObject({ flows })
      expect(notices.map(({ message }) => message)).toContainEqual(
        expect.stringContaining("2 flows have the name 'ingest' (flows/ingest.py:ingest, ")
      )
    })

    test('the server has each with its own parameters and schedules', () => {
      const { image } = job.step('several').outputs
      expect(deployed).toMatchObject({
        crm: {
          entrypoint: 'flows/ingest.py:ingest',
          parameters: { source: 'crm' },
          infra_overrides: { image }
        },
        'crm-full': {
          parameters: { source: 'crm', full: true },
          schedules: [{ schedule: { interval: 86400, timezone: 'UTC' } }]
        },
        shop: { paused: true },
        files: { entrypoint: 'flows/other_ingest.py:ingest', parameters: {} }
      })
    })

    test('the same again builds nothing and writes nothing', () => {
      const { outputs, summary } = job.step('again')
      expect(outputs).toMatchObject({ changed: 'false', 'changed-deployments': '[]' })
      expect(outputs['image-ref']).toBe(job.step('several').outputs['image-ref'])
      expect(summary).toContain('4 deployments: 4 unchanged')
    })

    test('a changed parameter updates one deployment, and the others keep their image', () => {
      const step = job.step('changed')
      expect(deploymentsIn(step, 'changed-deployments')).toEqual({
        'ingest/shop': ALL['ingest/shop']
      })
      expect(step.summary).toContain('| ingest/shop | updated | ')
      const before = updatesIn(job.step('records'))
      const written = Object.values(deployed).filter(({ id, updated }) => before[id] !== updated)
      expect(written).toMatchObject([
        {
          name: 'shop',
          parameters: { full: true },
          infra_overrides: { image: step.outputs['image'] }
        }
      ])
    })
  }
)
