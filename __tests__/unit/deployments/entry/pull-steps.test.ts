import { expect, test } from '@jest/globals'
import { pullSteps } from '../../../../src/deployments/entry/pull-steps.js'
import { Problems } from '../../../../src/deployments/problems.js'
import { readYaml } from '../../../../src/deployments/yaml.js'

const OURS = { 'prefect.deployments.steps.set_working_directory': { directory: '/project' } }

function pull(yaml: string) {
  const problems = new Problems()
  const steps = pullSteps(readYaml(yaml, 'prefect.yaml'), '/project', 'prefect.yaml', problems)
  const { errors, notices } = problems
  return { steps, errors: errors.map(({ line, message }) => [line, message]), notices }
}

test.each([
  '',
  'null',
  '[]',
  '{}',
  '- prefect.deployments.steps.git_clone: {repository: x}',
  '- prefect.deployments.steps.pull.agit_clone: {repository: x}',
  '- prefect.projects.steps.git_clone_project: {repository: x}',
  '- prefect_aws.deployments.steps.pull_from_s3: {bucket: x, folder: y}',
  '- prefect_gcp.deployments.steps.pull_from_gcs: {bucket: x}',
  '- prefect.deployments.steps.pull_from_remote_storage: {url: x}',
  '- prefect.deployments.steps.pull_with_block: {block_document_name: x}',
  '- prefect.deployments.steps.set_working_directory: {directory: /elsewhere}',
  'prefect.deployments.steps.set_working_directory: {directory: /elsewhere}'
])('%j becomes the folder of the sources', yaml => {
  expect(pull(yaml)).toEqual({ steps: [OURS], errors: [], notices: [] })
})

test('other steps stay where they are, with a notice', () => {
  const install = {
    'prefect.deployments.steps.pip_install_requirements': {
      directory: '{{ clone-step.directory }}',
      requirements_file: 'requirements.txt'
    }
  }
  const { steps, errors, notices } = pull(`
- prefect.deployments.steps.run_shell_script: {id: first, script: date}
- prefect.deployments.steps.git_clone: {id: clone-step, repository: x}
- prefect.deployments.steps.pip_install_requirements:
    directory: "{{ clone-step.directory }}"
    requirements_file: requirements.txt
- my.steps.report: {when: "{{ first.stdout }}", where: "{{ $STAGE }}"}`)
  expect(steps).toEqual([
    { 'prefect.deployments.steps.run_shell_script': { id: 'first', script: 'date' } },
    {
      'prefect.deployments.steps.set_working_directory': { id: 'clone-step', directory: '/project' }
    },
    install,
    { 'my.steps.report': { when: '{{ first.stdout }}', where: '{{ $STAGE }}' } }
  ])
  expect(errors).toEqual([])
  expect(notices).toMatchObject([
    {
      level: 'notice',
      message: expect.stringContaining(
        'prefect.yaml keeps the pull steps prefect.deployments.steps.run_shell_script, prefect.deployments.steps.pip_install_requirements, my.steps.report'
      )
    }
  ])
})

test('if no step gets the code, the folder is set first', () => {
  const { steps } = pull('- prefect.deployments.steps.run_shell_script: {script: date}')
  expect(steps).toEqual([
    OURS,
    { 'prefect.deployments.steps.run_shell_script': { script: 'date' } }
  ])
})

test('of several steps that get the code, one stays, and those that later steps can name', () => {
  const { steps } = pull(`
- prefect.deployments.steps.git_clone: {repository: x}
- prefect.deployments.steps.git_clone: {id: other, repository: x}
- prefect.deployments.steps.set_working_directory: {directory: x}`)
  expect(steps).toEqual([
    OURS,
    { 'prefect.deployments.steps.set_working_directory': { id: 'other', directory: '/project' } }
  ])
})

test.each([
  ['{{ build-image.tag }}', 'build-image.tag'],
  ['{{ clone.bucket }}', 'clone.bucket'],
  ['{{ later.stdout }}', 'later.stdout']
])('a step that uses %s is an error at its line', (text, output) => {
  const { errors } = pull(`
- prefect_aws.deployments.steps.pull_from_s3: {id: clone, bucket: x}
- my.steps.report:
    of: "${text}"
- my.steps.run: {id: later}`)
  expect(errors).toEqual([
    [
      4,
      `the pull step my.steps.report of prefect.yaml uses {{ ${output} }}, which no pull step before it gives`
    ]
  ])
})

test.each(['text', '- text', '- {}'])('%j is no list of steps', yaml => {
  expect(pull(yaml).errors).toHaveLength(1)
})
