import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { ResultsService } from '../helpers/results-service.js'
import { describeWith } from '../helpers/test-bed.js'
import { runWorkflow, type Job, type Step } from '../helpers/workflow.js'

describeWith(['act', 'node24', 'venv:1.4.1'], 'a workflow with a broken flow module', bed => {
  let job: Job
  let step: Step
  let service: ResultsService

  beforeAll(async () => {
    service = await ResultsService.start()
    job = await runWorkflow(
      bed,
      'failing.yml',
      {
        ...service.env,
        TEST_PYTHON: bed.venvs['1.4.1']
      },
      1
    )
    step = job.step('storage')
  }, 120_000)

  afterAll(() => service.stop())

  test('the job fails in the step of the Action', () => {
    expect([job.result, step.result]).toEqual(['failure', 'failure'])
  })

  test('the error is an annotation on the line of the module', () => {
    expect(step.errors).toEqual([
      {
        at: { title: 'flowstore: MODULE_SYNTAX', file: 'broken.py', line: '4' },
        message: expect.stringContaining('SyntaxError')
      }
    ])
  })

  test('text of the module is in the annotation, and is no command', () => {
    expect(step.errors[0]?.message).toContain('def broken(:# #[add-mask]no')
    expect(step.errors[0]?.message).not.toContain('##[')
  })

  test('the summary says what failed, where and why', () => {
    expect(step.summary).toContain('### flowstore failed: 1 error')
    expect(step.summary).toContain('**MODULE_SYNTAX**: SyntaxError')
    expect(step.summary).toContain('Where: broken.py:4')
    expect(step.summary).not.toContain('##[')
  })

  test('no output has a value, and no result and no artifact is left', () => {
    expect(Object.values(step.outputs).join('')).toBe('')
    expect(job.step('nothing').result).toBe('success')
    expect(service.artifacts.size).toBe(0)
  })
})
