import { dirname } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { freshName, run, temporaryFolder } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'
import { uvProgram, WITHOUT_INDEXES } from '../helpers/uv.js'
import { runWorkflow, type Job } from '../helpers/workflow.js'

describeWith(
  ['act', 'node24', 'docker', 'registry', 'python:3.9'],
  'a workflow on a runner without a Docker daemon',
  bed => {
    const jobs: Job[] = []
    const image = freshName('no-daemon')

    beforeAll(async () => {
      const python = dirname(bed.pythons['3.9'] ?? '')
      const uv = dirname(await uvProgram())
      const env = {
        TEST_REGISTRY: bed.registry.url,
        TEST_IMAGE: image,
        TEST_BASE_IMAGE: bed.baseImages['3.9'],
        TEST_PYTHON_FOLDER: python
      }
      const variables = {
        ...WITHOUT_INDEXES,
        UV_CACHE_DIR: temporaryFolder(),
        XDG_CACHE_HOME: temporaryFolder(),
        PATH: `${uv}:${process.env['PATH'] ?? ''}`
      }
      // Each on a new runner, with an empty tool cache.
      for (let count = 0; count < 2; count += 1) {
        const machine = { env: variables, toolCache: temporaryFolder() }
        const event = { name: 'push', content: {} }
        const changed = { ...env, TEST_CHANGE: `${count}` }
        jobs.push(await runWorkflow(bed, 'no-daemon.yml', changed, 5, event, machine))
      }
    }, 700_000)

    test('builds the environment image through the registry, and loads the flows', async () => {
      const [first] = jobs
      expect(first?.step('first').errors).toEqual([])
      expect(first?.result).toBe('success')
      expect(first?.step('first').outputs['changed']).toBe('true')
      expect(first?.step('first').summary).toContain(
        'Environment image: built without a daemon, since no Docker daemon answers'
      )
      const { code, stdout, stderr } = await run('docker', [
        ...['run', '--rm', first?.step('first').outputs['image-ref'] ?? ''],
        ...['prefect', 'version']
      ])
      expect({ code, version: stdout.trim(), stderr }).toMatchObject({ code: 0, version: '1.4.1' })
    })

    test('loads a changed flow with the packages of the environment image', () => {
      const step = jobs[0]?.step('changed')
      expect(step?.result).toBe('success')
      expect(step?.outputs['changed']).toBe('true')
    })

    describe('that is new', () => {
      test('finds the image that another runner built from the same input', () => {
        const { result, outputs } = jobs[1]?.step('first') ?? {}
        expect(result).toBe('success')
        expect(outputs?.['changed']).toBe('false')
        expect(outputs?.['digest']).toBe(jobs[0]?.step('first').outputs['digest'])
      })

      test('loads a changed flow with packages that are unpacked, not installed', () => {
        const { result, outputs, log } = jobs[1]?.step('changed') ?? {}
        expect(result).toBe('success')
        expect(outputs?.['changed']).toBe('true')
        expect(log).toContain('Unpacked the packages of the environment image')
        expect(log).not.toContain('Installing')
      })
    })
  }
)
