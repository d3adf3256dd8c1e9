import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { OUTPUT_NAMES, type PublishedReport as Report } from '../../src/publish/outputs.js'
import { EXAMPLE_FLOWS } from '../helpers/examples.js'
import { ResultsService } from '../helpers/results-service.js'
import { describeWith } from '../helpers/test-bed.js'
import { REPOSITORY, runWorkflow, type Job, type Step } from '../helpers/workflow.js'

describeWith(['act', 'node24', 'venv:1.4.1'], 'a workflow that fills a local storage', bed => {
  let job: Job
  let step: Step
  let service: ResultsService

  beforeAll(async () => {
    service = await ResultsService.start()
    job = await runWorkflow(
      bed,
      'local.yml',
      {
        ...service.env,
        TEST_PYTHON: bed.venvs['1.4.1']
      },
      4
    )
    step = job.step('storage')
  }, 300_000)

  afterAll(() => service.stop())

  const locations = () => JSON.parse(step.outputs['flows'] ?? '{}') as Record<string, string>

  test('the job succeeds without an error', () => {
    expect(step.errors).toEqual([])
    expect(job.result).toBe('success')
  })

  test('the Action sets every output', () => {
    expect(Object.keys(step.outputs).sort()).toEqual([...OUTPUT_NAMES].sort())
    const { storage, flows, 'changed-flows': changedFlows, ...rest } = step.outputs
    expect((JSON.parse(changedFlows ?? '') as string[]).sort()).toEqual(EXAMPLE_FLOWS)
    const path = rest['storage-path'] ?? ''
    const workspace = path.replace(/\/\.flowstore\/storage\.json$/, '')
    const { id } = service.artifacts.get('flowstore-storage') ?? {}
    expect(rest).toEqual({
      'changed-deployments': '',
      deployments: '',
      'deployments-path': '',
      'prefect-file-path': '',
      'provenance-path': '',
      'sbom-path': '',
      'storage-path': `${workspace}/.flowstore/storage.json`,
      'flows-path': `${workspace}/.flowstore/flows.json`,
      image: '',
      tags: '',
      changed: 'true',
      'image-name': '',
      'image-tag': '',
      digest: '',
      'image-ref': '',
      'artifact-id': id,
      'artifact-url': `https://github.com/${REPOSITORY}/actions/runs/1/artifacts/${id}`
    })
    expect(Object.keys(locations()).sort()).toEqual(EXAMPLE_FLOWS)
    for (const location of Object.values(locations())) {
      expect(location.startsWith(`${workspace}/build/flows/`)).toBe(true)
    }
    expect(JSON.parse(storage ?? '')).toEqual({
      __version__: '1.4.1',
      type: 'Local',
      directory: `${workspace}/build/flows`,
      flows: JSON.parse(flows ?? '') as unknown,
      path: null,
      stored_as_script: false,
      secrets: []
    })
  })

  test('later steps have the files', () => {
    const read = job.step('document')
    expect(read.result).toBe('success')
    expect(JSON.parse(read.log)).toEqual(JSON.parse(step.outputs['storage'] ?? ''))
    const workspace = (step.outputs['storage-path'] ?? '').replace('.flowstore/storage.json', '')
    expect(job.step('files').log.trim().split('\n').sort()).toEqual(
      [
        ...Object.values(locations()).map(location => location.replace(workspace, '')),
        '.flowstore/flows.json',
        '.flowstore/report.json',
        '.flowstore/storage.json'
      ].sort()
    )
  })

  test('the summary has a table of the flows and the phases', () => {
    expect(step.summary).toMatch(/^### flowstore: 7 flows\n/)
    expect(step.summary).toMatch(/^Python 3\.\d+\.\d+, Prefect 1\.4\.1, /m)
    expect(step.summary).toContain('| Flow | Module | Location | Size |\n| --- | --- | --- | --- |')
    for (const name of EXAMPLE_FLOWS) expect(step.summary).toContain(`\n| ${name} | `)
    for (const phase of ['discover', 'environment', 'load', 'healthcheck', 'store']) {
      expect(step.summary).toMatch(new RegExp(`(^|, )${phase} \\d+\\.\\d s`, 'm'))
    }
  })

  test('the artifact has storage, flows, report and flow files', () => {
    const files = service.files('flowstore-storage')
    const json = (file: string) => JSON.parse(String(files.get(file))) as unknown
    const directory = `${(JSON.parse(step.outputs['storage'] ?? '') as { directory: string }).directory}/`
    const flowFiles = Object.values(locations()).map(location => location.replace(directory, ''))
    expect([...files.keys()].sort()).toEqual(
      [
        'flows.json',
        'report.json',
        'storage.json',
        ...flowFiles.map(file => `flows/${file}`)
      ].sort()
    )
    expect(json('storage.json')).toEqual(JSON.parse(step.outputs['storage'] ?? ''))
    const whole = json('flows.json') as { flows: { name: string; storage: unknown }[] }
    expect(whole.flows.map(({ name }) => name)).toEqual(EXAMPLE_FLOWS)
    for (const flow of whole.flows) expect(flow.storage).toEqual(json('storage.json'))
    const report = json('report.json') as Report
    expect(report.versions).toMatchObject({ prefect: '1.4.1' })
    for (const flow of report.flows) {
      expect(files.get(`flows/${flow.location.replace(directory, '')}`)).toHaveLength(flow.size)
    }
  })

  test('the log has a line for each phase, and the flows', () => {
    expect(step.log).toMatch(/^flowstore \d+\.\d+\.\d+\n/)
    expect(step.log).toMatch(/^load: \d+\.\d s$/m)
    expect(step.log).toMatch(/^7 flows \(Python 3\./m)
  })

  test('a project of a monorepo is built in its working directory', () => {
    const project = job.step('project')
    expect([project.result, project.errors]).toEqual(['success', []])
    expect(project.outputs['storage-path']).toMatch(
      /\/examples\/prefect-1\/\.flowstore\/storage\.json$/
    )
    const report = JSON.parse(String(service.files('project').get('report.json'))) as Report
    expect(report.flows.map(({ name }) => name).sort()).toEqual(EXAMPLE_FLOWS)
    expect(report.flows.every(({ module }) => module.startsWith('flows/'))).toBe(true)
  })
})
