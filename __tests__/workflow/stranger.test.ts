import { expect, test } from '@jest/globals'
import { describeWith } from '../helpers/test-bed.js'
import { REPOSITORY, runWorkflow } from '../helpers/workflow.js'

describeWith(
  ['act', 'node24', 'docker', 'registry', 'prefect:1.4.1'],
  'a workflow that anybody can cause',
  bed => {
    const env = { TEST_REGISTRY: bed.registry.url, TEST_BASE_IMAGE: bed.prefectBase }
    const repo = (name: string) => ({ repo: { full_name: name } })
    // act takes the head for GITHUB_SHA on pull_request_target too, if the event has it. GitHub takes the base.
    const eventWith = (head: object) => ({
      pull_request: { head: { ...head, ...repo('stranger/fork') }, base: repo(REPOSITORY) }
    })

    test('with secrets, it loads the commit of the run, and no other', async () => {
      const name = 'pull_request_target'
      const job = await runWorkflow(bed, 'stranger.yml', env, 5, {
        name,
        content: eventWith({})
      })
      expect(job.step('own').errors).toEqual([])
      expect(job.step('own').outputs['digest']).toMatch(/^sha256:/)
      expect(job.step('theirs').result).toBe('failure')
      expect(job.step('theirs').errors).toEqual([
        {
          at: { title: 'flowstore: UNTRUSTED_CODE' },
          message: expect.stringContaining("a run of 'pull_request_target'")
        }
      ])
    }, 320_000)

    test('from a fork, it builds the image and does not push it', async () => {
      const name = 'pull_request'
      const job = await runWorkflow(bed, 'stranger.yml', env, 5, {
        name,
        content: eventWith({ sha: 'head' })
      })
      const { errors, outputs, log } = job.step('own')
      expect([errors, outputs['digest'], outputs['changed']]).toEqual([[], '', 'true'])
      expect(log + job.log).toContain('from a fork (stranger/fork)')
    }, 320_000)
  }
)
