import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import type { PublishedReport } from '../../src/publish/outputs.js'
import { freshName } from '../helpers/flowstore.js'
import { PrefectServer, type Deployed } from '../helpers/prefect-server.js'
import { digestOfTag } from '../helpers/registry-digest.js'
import { ResultsService } from '../helpers/results-service.js'
import { describeWith } from '../helpers/test-bed.js'
import {
  deploymentsIn,
  REPOSITORY,
  runWorkflow,
  updatesIn,
  type Job,
  type Step
} from '../helpers/workflow.js'

const LOGIN = 'admin:word-of-the-server'
const SECRET = 'token-of-the-block'
const PROJECTS = '__tests__/workflow/projects'

/** Where flows of an image run. */
const workingDirectory = (image: string) => ({
  'prefect.deployments.steps.set_working_directory': {
    directory: `/opt/prefect/${image.split('/').at(-1)}`
  }
})

describeWith(
  [
    ...(['act', 'node24', 'docker', 'registry'] as const),
    ...(['prefect:3.9.1', 'prefect:1.4.1', 'venv:3.9.1'] as const)
  ],
  'workflows with flows of Prefect 3',
  bed => {
    const name = freshName('prefect-3')
    const repository = `${bed.registry.url}/${name}`
    let service: ResultsService
    let server: PrefectServer
    let env: Readonly<Record<string, string>>

    beforeAll(async () => {
      service = await ResultsService.start()
      server = await PrefectServer.start(bed.venvs['3.9.1'], LOGIN)
      await server.makePool('docker', 'docker')
      await server.makePool('kubernetes', 'kubernetes')
      await server.makeSecret('api-token', SECRET)
      env = {
        ...service.env,
        TEST_REGISTRY: bed.registry.url,
        TEST_NAME: name,
        TEST_BASE_3: bed.prefectImages['3.9.1'],
        TEST_BASE_1: bed.prefectBase,
        TEST_API: server.api,
        TEST_LOGIN: LOGIN
      }
    }, 180_000)

    afterAll(async () => {
      await server.stop()
      await service.stop()
    }, 60_000)

    const file = (artifact: string, path: string) => String(service.files(artifact).get(path))

    /** An image by a tag and by its digest, as the outputs of a step have them. */
    const imagesOf = ({ outputs }: Step) => ({
      tag: outputs['image'],
      digest: outputs['image-ref']
    })

    describe('on a push', () => {
      let job: Job
      let deployed: Readonly<Record<string, Deployed>>

      beforeAll(async () => {
        const content = {
          ref: 'refs/heads/main',
          repository: { default_branch: 'main', full_name: REPOSITORY }
        }
        job = await runWorkflow(bed, 'prefect-3.yml', env, 6, { name: 'push', content })
        const records = await server.deployments()
        deployed = Object.fromEntries(
          records.map(record => [`${record.flow_name}/${record.name}`, record])
        )
      }, 400_000)

      test('every step succeeds that should', () => {
        const ids = [
          'file',
          'file-again',
          'anchors',
          'workspace',
          'workspace-deployed',
          'old-half',
          'new-half',
          'nothing'
        ]
        const steps = ids.map(id => job.step(id))
        expect(steps.flatMap(({ errors }) => errors)).toEqual([])
        expect(steps.map(({ result }) => result)).toEqual(ids.map(() => 'success'))
      })

      test('one module without a prefect.yaml is built, pushed and deployed', async () => {
        const step = job.step('file')
        const { outputs, summary } = step
        const digest = await digestOfTag(bed.registry.url, name, outputs['image-tag'] ?? '')
        expect(outputs).toMatchObject({
          digest,
          image: `${repository}:${outputs['image-tag']}`,
          'image-ref': `${repository}@${digest}`,
          tags: 'latest',
          flows: '{"hello":"flow.py:hello"}',
          'changed-flows': '["hello"]',
          'flows-path': ''
        })
        for (const [output, path] of [
          ['storage-path', 'storage.json'],
          ['prefect-file-path', 'prefect.yaml'],
          ['deployments-path', 'deployments.json']
        ] as const) {
          expect(outputs[output]).toMatch(`/${PROJECTS}/single-file/.flowstore/${path}`)
        }
        const all = { 'hello/default': 'flow.py:hello' }
        expect(deploymentsIn(step, 'deployments')).toEqual(all)
        expect(deploymentsIn(step, 'changed-deployments')).toEqual(all)
        expect(summary).toContain('| hello | flow.py:11 | flow.py:hello | ')
        expect(summary).toContain(`1 deployment: 1 created (Prefect 3.9.1, ${server.api})`)
        expect(summary).toContain('| hello/default | created |')
        expect(deployed['hello/default']).toMatchObject({
          entrypoint: 'flow.py:hello',
          work_pool_name: 'docker',
          job_variables: { image: outputs['image'] },
          pull_steps: [workingDirectory(name)],
          labels: {
            'flowstore.project': `${repository}:/opt/prefect/${name.split('/').at(-1) ?? ''}`
          }
        })
      })

      test('the artifact has all files, and the report has the ids on the server', () => {
        expect([...service.files('file').keys()].sort()).toEqual([
          'Dockerfile',
          'deployments.json',
          'prefect.yaml',
          'provenance.json',
          'report.json',
          'sbom.cdx.json',
          'storage.json'
        ])
        const { image } = job.step('file').outputs
        expect(parse(file('file', 'prefect.yaml'))).toMatchObject({
          pull: [workingDirectory(name)],
          deployments: [{ name: 'default', work_pool: { job_variables: { image } } }]
        })
        expect(JSON.parse(file('file', 'report.json'))).toMatchObject({
          deployed: {
            dryRun: false,
            deployments: [{ id: deployed['hello/default']?.id, state: 'created' }]
          }
        })
      })

      test('a second step builds nothing and writes nothing to the server', () => {
        const [first, again] = [job.step('file'), job.step('file-again')]
        expect(imagesOf(again)).toEqual(imagesOf(first))
        expect(again.outputs).toMatchObject({
          changed: 'false',
          'changed-flows': '[]',
          'changed-deployments': '[]',
          deployments: first.outputs['deployments']?.replace('"changed":true', '"changed":false')
        })
        const record = deployed['hello/default']
        expect(updatesIn(job.step('records'))).toEqual({ [record?.id ?? '']: record?.['updated'] })
        expect(again.summary).toContain('| hello/default | unchanged |')
      })

      test('a prefect.yaml with anchors is written whole, and deployed with the values of its templates', () => {
        const { outputs, warnings } = job.step('anchors')
        const { image } = outputs
        expect(warnings).toEqual([])
        const written = parse(file('anchors', 'prefect.yaml')) as Record<string, unknown>
        expect(written).not.toHaveProperty('build')
        expect(written).not.toHaveProperty('push')
        const token = '{{ prefect.blocks.secret.api-token }}'
        expect(written).toMatchObject({
          deployments: [
            {
              name: 'eu',
              schedules: [{ cron: '0 5 * * *', timezone: 'Europe/Berlin' }],
              work_pool: { name: 'kubernetes', job_variables: { image, namespace: 'flows-eu' } }
            },
            {
              name: 'weekly',
              work_pool: { job_variables: { image, env: { API_TOKEN: token } } }
            }
          ]
        })
        expect(deployed).toMatchObject({
          'orders/eu': {
            tags: ['eu', '1.0'],
            parameters: { region: 'eu' },
            schedules: [{ schedule: { cron: '0 5 * * *', timezone: 'Europe/Berlin' } }],
            job_variables: { image, namespace: 'flows-eu' }
          },
          'returns/weekly': {
            parameters: { region: 'eu', days: 7 },
            job_variables: { image, namespace: 'flows', env: { API_TOKEN: SECRET, LEVEL: 'DEBUG' } }
          }
        })
      })

      test('the value of a block and the login are in no log, summary, output or file', () => {
        const files = [...service.artifacts.keys()].flatMap(artifact => [
          ...service.files(artifact).values()
        ])
        const { log, summary, outputs } = job.step('anchors')
        const all = [log, summary, JSON.stringify(outputs), ...files.map(String)].join('\n')
        expect(all).not.toContain(SECRET)
        expect(all).not.toContain(LOGIN)
        expect(all).not.toContain(Buffer.from(LOGIN).toString('base64'))
      })

      test('a uv workspace is built with the packages of its lock file', () => {
        const step = job.step('workspace')
        const flows = {
          'load-orders': 'packages/orders/src/shop_orders/load.py:load_orders',
          'monthly-report': 'packages/reports/src/shop_reports/monthly.py:monthly_report'
        }
        expect(JSON.parse(step.outputs['flows'] ?? '')).toEqual(flows)
        expect(deploymentsIn(step, 'deployments')).toEqual(
          Object.fromEntries(
            Object.entries(flows).map(([flow, location]) => [`${flow}/default`, location])
          )
        )
        expect(step.summary).toContain('| Deployment | Entrypoint |')
        expect(file('workspace', 'Dockerfile')).toContain('packages/orders/src')
        // Nothing is deployed that was not asked for.
        expect(JSON.parse(file('workspace', 'report.json'))).toMatchObject({ deployed: null })
      })

      test('it is deployed by the command line, and a flow of each package completes in its image', async () => {
        const { image } = job.step('workspace').outputs
        expect(deployed).toMatchObject({
          'load-orders/default': { job_variables: { image } },
          'monthly-report/default': { job_variables: { image } }
        })
        const runs = await server.request<readonly { flow_id: string; state_type: string }[]>(
          ...(['POST', '/flow_runs/filter', {}] as const)
        )
        const states = ['load-orders/default', 'monthly-report/default'].map(label =>
          runs
            .filter(run => run.flow_id === deployed[label]?.['flow_id'])
            .map(run => run.state_type)
        )
        expect(states).toEqual([['COMPLETED'], ['COMPLETED']])
      })

      test.each([
        ['old-half', 'old orders', 'flows/new_orders.py', '1.4.1'],
        ['new-half', 'new orders', 'flows/old_orders.py', '3.9.1']
      ])('of a repository in its migration, %s has its own flows', (id, flow, other, release) => {
        const { outputs, warnings, summary } = job.step(id)
        expect(JSON.parse(outputs['changed-flows'] ?? '')).toEqual([flow])
        expect(outputs['digest']).toMatch(/^sha256:/)
        expect(warnings).toEqual([
          {
            at: { file: `${PROJECTS}/half/${other}`, line: '3' },
            message: expect.stringMatching(
              `^the flows of ${other} are left out: .*loaded with Prefect ${release}`
            )
          }
        ])
        expect(summary).toContain(`> warning: the flows of ${other} are left out`)
      })

      test('each half leaves what the other has published', () => {
        expect(job.step('old-half').outputs).toMatchObject({
          'flows-path': expect.stringContaining('/half/.flowstore/flows.json'),
          deployments: '',
          'deployments-path': ''
        })
        expect(job.step('new-half').outputs).toMatchObject({
          'flows-path': '',
          'deployments-path': expect.stringContaining('/half/.flowstore-3/deployments.json')
        })
        const [old, both] = ['old-half', 'new-half'].map(
          artifact => JSON.parse(file(artifact, 'report.json')) as PublishedReport
        )
        expect([old?.versions.prefect, both?.versions.prefect]).toEqual(['1.4.1', '3.9.1'])
      })

      test('without the address of the API, it fails before anything is built', () => {
        const { result, errors, log, outputs } = job.step('no-address')
        expect([result, Object.values(outputs).join('')]).toEqual(['failure', ''])
        expect(errors).toEqual([
          {
            at: { title: 'flowstore: MISSING_OPTION' },
            message: expect.stringMatching('PREFECT_API_URL is not set\n.*in `env` of the step')
          }
        ])
        expect(log).not.toContain('search for flows')
      })

      test('a work pool that the server does not have is an error on the line of the deployment', () => {
        const { result, errors, summary } = job.step('no-pool')
        expect(result).toBe('failure')
        expect(errors).toEqual([
          {
            at: {
              title: 'flowstore: DEPLOYMENT_CHECK',
              file: `${PROJECTS}/several/prefect.yaml`,
              line: '3'
            },
            message: expect.stringContaining('the server has no work pool "dokcer"')
          }
        ])
        expect(summary).toMatch(/^### flowstore failed: 1 error\n/)
        expect(summary).toContain('Where: prefect.yaml:3')
      })

      test('after it there is no output, file, artifact or deployment', () => {
        expect(Object.values(job.step('no-pool').outputs).join('')).toBe('')
        expect(job.step('nothing').result).toBe('success')
        expect([...service.artifacts.keys()]).not.toContain('no-pool')
        expect(Object.keys(deployed).filter(label => label.startsWith('ingest/'))).toEqual([])
      })
    })

    describe('on a pull request after it', () => {
      let job: Job
      let latest: string | null

      const tag = () => digestOfTag(bed.registry.url, name, 'latest')

      beforeAll(async () => {
        latest = await tag()
        const repo = { full_name: REPOSITORY }
        const content = {
          repository: { default_branch: 'main', full_name: REPOSITORY },
          pull_request: {
            number: 3,
            head: { ref: 'topic', sha: 'head', repo },
            base: { ref: 'main', repo }
          }
        }
        job = await runWorkflow(bed, 'prefect-3-pull-request.yml', env, 3, {
          name: 'pull_request',
          content
        })
      }, 200_000)

      test('the image is built and pushed, and no tag of the default branch moves', async () => {
        const { errors, warnings, outputs } = job.step('compared')
        expect([errors, warnings]).toEqual([[], []])
        expect(outputs).toMatchObject({ changed: 'true', tags: '', 'changed-flows': '["hello"]' })
        expect(await tag()).toBe(latest)
      })

      test('log and summary say what a deploy would change, and nothing is written', () => {
        const { log, summary, notices } = job.step('compared')
        expect(notices).toContainEqual({
          at: {},
          message: expect.stringContaining('compared with the server and not written')
        })
        expect(log).toContain('parameter_openapi_schema.properties.times.default: none -> 1')
        expect(summary).toContain(
          '| hello/default | changed | version, parameter_openapi_schema, job_variables.image |'
        )
        expect(summary).toContain('Nothing was written')
        expect(summary).toContain(`Changed deployments: hello/default (1 of 1, compared with `)
        const records = JSON.parse(job.step('records').log) as readonly Deployed[]
        expect(records.filter(record => JSON.stringify(record).includes('times'))).toEqual([])
      })

      test('without the address of the API it is only built', () => {
        const { result, errors, notices, outputs } = job.step('no-address')
        expect([result, errors]).toEqual(['success', []])
        expect(notices.map(({ message }) => message)).toEqual([
          'nothing is deployed: this is a pull request, and PREFECT_API_URL is not set'
        ])
        expect(outputs['image-ref']).toBe(job.step('compared').outputs['image-ref'])
      })

      test('it is deployed if that is asked for', async () => {
        const records = await server.deployments()
        expect(job.step('written').summary).toContain('| hello/preview | created |')
        expect(records.find(record => record.name === 'preview')).toMatchObject({
          job_variables: { image: job.step('written').outputs['image'] }
        })
      })
    })
  }
)
