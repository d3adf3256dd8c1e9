import { expect, test } from '@jest/globals'
import { freshName } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'
import { REPOSITORY, runWorkflow, type Step } from '../helpers/workflow.js'

describeWith(
  ['act', 'node24', 'docker', 'registry', 'prefect:1.4.1'],
  'a workflow that tags an image, without a service for artifacts',
  bed => {
    const repository = { default_branch: 'main', full_name: REPOSITORY }
    // Later runs find the image of the first.
    const TEST_NAME = freshName('tags')

    /** The step of a run for an event. */
    const stepOf = async (name: string, content: object): Promise<Step> => {
      const env = { TEST_NAME, TEST_REGISTRY: bed.registry.url, TEST_BASE_IMAGE: bed.prefectBase }
      const event = { name, content: { repository, ...content } }
      return (await runWorkflow(bed, 'tags.yml', env, 5, event)).step('storage')
    }
    const tagsOf = ({ errors, outputs }: Step) => [errors, outputs['tags']?.split('\n')]

    test('a pull request gets its source branch, and neither latest nor main', async () => {
      const repo = { full_name: REPOSITORY }
      const step = await stepOf('pull_request', {
        number: 3,
        pull_request: { number: 3, head: { ref: 'topic', repo }, base: { ref: 'main', repo } }
      })
      expect(tagsOf(step)).toEqual([[], ['topic']])
    }, 320_000)

    test('a push to the default branch gets latest, and the missing service is a notice', async () => {
      const step = await stepOf('push', { ref: 'refs/heads/main' })
      expect(tagsOf(step)).toEqual([[], ['latest', 'main']])
      expect([step.result, step.outputs['artifact-id']]).toEqual(['success', ''])
    }, 320_000)

    test('a pre-release gets its version, and neither latest nor its numbers', async () => {
      const step = await stepOf('release', { release: { tag_name: 'v2.0.0', prerelease: true } })
      expect(tagsOf(step)).toEqual([[], ['main', '2.0.0']])
    }, 320_000)
  }
)
