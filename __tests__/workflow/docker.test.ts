import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { OUTPUT_NAMES, type PublishedReport as Report } from '../../src/publish/outputs.js'
import { EXAMPLE_FLOWS } from '../helpers/examples.js'
import { digestOfTag } from '../helpers/registry-digest.js'
import { ResultsService } from '../helpers/results-service.js'
import { describeWith } from '../helpers/test-bed.js'
import { REPOSITORY, runWorkflow, type Job, type Step } from '../helpers/workflow.js'

describeWith(
  ['act', 'node24', 'docker', 'registry', 'prefect:1.4.1'],
  'a workflow that fills a Docker storage',
  bed => {
    let job: Job
    let step: Step
    let service: ResultsService

    beforeAll(async () => {
      service = await ResultsService.start()
      job = await runWorkflow(
        bed,
        'docker.yml',
        {
          ...service.env,
          TEST_REGISTRY: bed.registry.url,
          TEST_BASE_IMAGE: bed.prefectBase
        },
        8
      )
      step = job.step('storage')
    }, 500_000)

    afterAll(() => service.stop())

    const output = (name: (typeof OUTPUT_NAMES)[number]) => step.outputs[name] ?? ''
    const document = () => JSON.parse(output('storage')) as Record<string, unknown>

    test('the job succeeds without an error', () => {
      expect(step.errors).toEqual([])
      expect(job.result).toBe('success')
    })

    test('the Action sets every output', () => {
      expect(Object.keys(step.outputs).sort()).toEqual([...OUTPUT_NAMES].sort())
      const [, name] = REPOSITORY.split('/')
      const { id } = service.artifacts.get('flowstore-storage') ?? {}
      expect(output('image-name')).toBe(name)
      expect(output('image-tag')).toMatch(/^[A-Za-z0-9_][\w.-]{0,127}$/)
      expect(output('image')).toBe(`${bed.registry.url}/${name}:${output('image-tag')}`)
      expect(output('digest')).toMatch(/^sha256:[0-9a-f]{64}$/)
      expect(output('image-ref')).toBe(`${bed.registry.url}/${name}@${output('digest')}`)
      expect(output('storage-path')).toMatch(/^\/.*\/\.flowstore\/storage\.json$/)
      expect(output('flows-path')).toBe(
        output('storage-path').replace('storage.json', 'flows.json')
      )
      expect(output('artifact-id')).toBe(id)
      expect(output('artifact-url')).toBe(
        `https://github.com/${REPOSITORY}/actions/runs/1/artifacts/${id}`
      )
      const flows = JSON.parse(output('flows')) as Record<string, string>
      expect(Object.keys(flows).sort()).toEqual(EXAMPLE_FLOWS)
      for (const location of Object.values(flows)) expect(location).toMatch(/^\/.+/)
      expect(document()).toMatchObject({
        __version__: '1.4.1',
        type: 'Docker',
        registry_url: bed.registry.url,
        image_name: name,
        image_tag: output('image-tag'),
        flows
      })
    })

    test('a second step finds the image, without a change', () => {
      const { storage, flows, digest, changed } = job.step('again').outputs
      expect(output('changed')).toBe('true')
      expect({ storage, flows, digest, changed }).toEqual({
        storage: output('storage'),
        flows: output('flows'),
        digest: output('digest'),
        changed: 'false'
      })
    })

    test('the image that the outputs name is in the registry', async () => {
      const [name, tag] = [output('image-name'), output('image-tag')]
      expect(await digestOfTag(bed.registry.url, name, tag)).toBe(output('digest'))
      expect(job.step('pull').result).toBe('success')
    })

    test('later steps have the files', () => {
      expect(JSON.parse(job.step('document').log)).toEqual(document())
      expect(job.step('files').log.trim().split('\n').sort()).toEqual([
        '.flowstore/Dockerfile',
        '.flowstore/flows.json',
        '.flowstore/provenance.json',
        '.flowstore/report.json',
        '.flowstore/sbom.cdx.json',
        '.flowstore/storage.json'
      ])
    })

    test('the summary has image, digest, a table of the flows and the phases', () => {
      const { summary } = step
      expect(summary).toMatch(/^### flowstore: 7 flows\n/)
      expect(summary).toContain(output('image'))
      expect(summary).toContain(output('digest'))
      expect(summary).toContain('| Flow | Module | Location | Size |\n| --- | --- | --- | --- |')
      for (const name of EXAMPLE_FLOWS) expect(summary).toContain(`\n| ${name} | `)
      for (const phase of ['discover', 'load', 'healthcheck']) {
        expect(summary).toMatch(new RegExp(`(^|, )${phase} \\d+\\.\\d s`, 'm'))
      }
    })

    test('the artifact has storage, flows, report and Dockerfile, and no pickle', () => {
      const files = service.files('flowstore-storage')
      const text = (file: string) => String(files.get(file))
      expect([...files.keys()].sort()).toEqual([
        'Dockerfile',
        'flows.json',
        'provenance.json',
        'report.json',
        'sbom.cdx.json',
        'storage.json'
      ])
      expect(JSON.parse(text('storage.json'))).toEqual(document())
      expect(JSON.parse(text('flows.json'))).toEqual({
        version: 1,
        flows: EXAMPLE_FLOWS.map(
          name => expect.objectContaining({ name, storage: document() }) as unknown
        )
      })
      expect(text('Dockerfile')).toContain(`FROM ${bed.prefectBase}`)
      const report = JSON.parse(text('report.json')) as Report
      expect(report.outputs).toMatchObject({
        image: output('image'),
        digest: output('digest'),
        'image-ref': output('image-ref')
      })
      expect(report.flows.map(flow => flow.name).sort()).toEqual(EXAMPLE_FLOWS)
    })
  }
)
