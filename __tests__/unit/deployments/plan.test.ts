import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { parseDeployments } from '../../../src/deployments/deploy/deployments-file.js'
import type { JsonObject } from '../../../src/deployments/yaml.js'
import { deployable, failures, plan } from '../../helpers/deployments.js'

/** The written prefect.yaml. */
const written = (...request: Parameters<typeof plan>) =>
  parse(plan(...request).prefectYaml) as { pull: unknown; deployments: JsonObject[] } & JsonObject

const deployments = (...request: Parameters<typeof plan>) => plan(...request).document.deployments

const messages = (...request: Parameters<typeof plan>) =>
  plan(...request).notices.map(({ level, line, message }) => `${level} ${line ?? ''} ${message}`)

const errors = (...request: Parameters<typeof plan>) => failures(() => plan(...request))

/** One deployment with more lines. */
const entry = (more = '', name = 'nightly') =>
  `deployments:\n- name: ${name}\n  entrypoint: flows/orders.py:orders\n  work_pool: {name: docker}\n${more}`

const STEP = {
  'prefect.deployments.steps.set_working_directory': { directory: '/opt/prefect/shop' }
}

const FULL = `
# what the repository has
name: shop
prefect-version: 3.0.0
definitions:
  tags: &tags [shop, "1.0"]
  daily: &daily {cron: 0 5 * * *, timezone: Europe/Berlin}
x-owner: data
build:
- prefect_docker.deployments.steps.build_docker_image: {id: build-image, image_name: shop}
push:
- prefect_docker.deployments.steps.push_docker_image: {image_name: "{{ build-image.image_name }}"}
pull:
- prefect.deployments.steps.git_clone: {repository: https://example.com/shop.git}
deployments:
- name: nightly
  version: "{{ build-image.tag }}"
  version_type: prefect:simple
  tags: *tags
  entrypoint: ./flows/orders.py:orders
  parameters: {day: 2024-01-31, limit: 3}
  schedules:
  - *daily
  - {interval: PT1H, active: false}
  paused: true
  build: null
  push: []
  concurrency_limit: {limit: 2, collision_strategy: CANCEL_NEW}
  enforce_parameter_schema: true
  work_pool:
    name: docker
    work_queue_name: high
    job_variables:
      image: "{{ build-image.image }}"
      env: {STAGE: "{{ $STAGE }}", KEY: "{{ prefect.blocks.secret.key }}", V: "1.0", RUN: "{{ ctx.flow_run.id }}"}
  triggers:
  - type: event
    expect: [a.b]
    parameters: {name: "{{ event.name }}"}
`
const FULL_FLOW = deployable('orders', { day: { type: 'string' }, limit: { type: 'integer' } })

test.each(['deployment', 'Deployments', 'deploymets'])(
  '%j at the top of a file is an error',
  key => {
    const [error] = errors({ yaml: entry().replace('deployments', key) })
    expect(error?.text).toContain(
      `'${key}' is no key of a prefect.yaml; did you mean 'deployments'?`
    )
  }
)

test.each([
  ['pulls', 'pull', true],
  ['prefect_version', 'prefect-version', true],
  ['x-name', 'name', false],
  ['owner', 'name', false]
])('%j at the top of a file is told as a misspelt %j: %j', (key, near, isTold) => {
  const told = messages(`${key}: a\n${entry()}`)
  const message = `warning 1 '${key}' is no key of a prefect.yaml; did you mean '${near}'?`
  expect(told.filter(each => each.includes('no key of'))).toEqual(isTold ? [message] : [])
})

describe('a repository file', () => {
  const request = { flows: [FULL_FLOW] }

  test('is written complete: image, pull step and version are literal, all else is kept', () => {
    expect(written(FULL, request)).toEqual({
      name: 'shop',
      'prefect-version': '3.9.1',
      pull: [STEP],
      'x-owner': 'data',
      deployments: [
        {
          name: 'nightly',
          version: 'key-of-orders',
          version_type: 'prefect:simple',
          tags: ['shop', '1.0'],
          entrypoint: 'flows/orders.py:orders',
          parameters: { day: '2024-01-31', limit: 3 },
          schedules: [
            { cron: '0 5 * * *', timezone: 'Europe/Berlin' },
            { interval: 3600, active: false }
          ],
          paused: true,
          concurrency_limit: { limit: 2, collision_strategy: 'CANCEL_NEW' },
          enforce_parameter_schema: true,
          work_pool: {
            name: 'docker',
            work_queue_name: 'high',
            job_variables: {
              image: 'ghcr.io/acme/shop:new',
              env: {
                STAGE: '{{ $STAGE }}',
                KEY: '{{ prefect.blocks.secret.key }}',
                V: '1.0',
                RUN: '{{ ctx.flow_run.id }}'
              }
            }
          },
          triggers: [{ type: 'event', expect: ['a.b'], parameters: { name: '{{ event.name }}' } }]
        }
      ]
    })
  })

  test('becomes the body of a request', () => {
    expect(deployments(FULL, request)).toEqual([
      {
        name: 'nightly',
        flow: 'orders',
        entrypoint: 'flows/orders.py:orders',
        image: 'ghcr.io/acme/shop:new',
        changed: true,
        file: 'prefect.yaml',
        line: 16,
        body: {
          name: 'nightly',
          entrypoint: 'flows/orders.py:orders',
          path: null,
          pull_steps: [STEP],
          work_pool_name: 'docker',
          work_queue_name: 'high',
          job_variables: {
            image: 'ghcr.io/acme/shop:new',
            env: expect.objectContaining({ STAGE: '{{ $STAGE }}', V: '1.0' }) as unknown
          },
          parameters: { day: '2024-01-31', limit: 3 },
          parameter_openapi_schema: FULL_FLOW.details.parameterSchema,
          enforce_parameter_schema: true,
          schedules: [
            { schedule: { cron: '0 5 * * *', timezone: 'Europe/Berlin' } },
            { schedule: { interval: 3600 }, active: false }
          ],
          paused: true,
          tags: ['shop', '1.0'],
          version: 'key-of-orders',
          description: 'About orders.',
          concurrency_limit: 2,
          concurrency_options: { collision_strategy: 'CANCEL_NEW' }
        },
        triggers: [
          {
            name: 'nightly__automation_1',
            type: 'event',
            expect: ['a.b'],
            parameters: { name: '{{ event.name }}' }
          }
        ],
        sla: []
      }
    ])
  })

  test('is told what is set in it', () => {
    expect(messages(FULL, request)).toEqual([
      "notice 17 the deployment 'orders/nightly' gets the key of its flow as its version, since no step gives {{ build-image.tag }} any more"
    ])
  })
})

describe('releases', () => {
  test('Prefect 2.13 has one schedule and other names', () => {
    const yaml = entry('  schedule: {cron: "@daily", active: false}\n  paused: true\n')
    const [deployment] = deployments(yaml, { prefect: '2.13.8' })
    expect(deployment?.body).toMatchObject({
      infra_overrides: { image: 'ghcr.io/acme/shop:new' },
      schedule: { cron: '@daily' },
      is_schedule_active: false,
      enforce_parameter_schema: false
    })
    for (const key of ['job_variables', 'schedules', 'paused', 'concurrency_limit', 'labels']) {
      expect(deployment?.body).not.toHaveProperty(key)
    }
    const [inFile] = written(yaml, { prefect: '2.13.8' }).deployments
    expect(inFile).toMatchObject({ schedule: { cron: '@daily', active: false } })
    expect(inFile).not.toHaveProperty('schedules')
  })

  test('Prefect 2.13 takes no second schedule', () => {
    expect(
      errors(entry('  schedules:\n  - cron: "@daily"\n  - cron: "@hourly"\n'), {
        prefect: '2.13.8'
      })
    ).toMatchObject([
      { text: expect.stringContaining(":6 the deployment 'orders/nightly' has 2 schedules") }
    ])
  })

  test('Prefect 2.20 has no concurrency limit and does not enforce the schema', () => {
    const [deployment] = deployments(entry('  concurrency_limit: 3\n'), { prefect: '2.20.27' })
    expect(deployment?.body).not.toHaveProperty('concurrency_limit')
    expect(deployment?.body).toMatchObject({ enforce_parameter_schema: false })
  })
})

describe('schedules', () => {
  test.each(['', '  schedules: null\n', '  schedule: {}\n', '  schedule: null\n'])(
    'an entry with %j says nothing about them',
    more => {
      const [deployment] = deployments(entry(more))
      expect(deployment?.body).not.toHaveProperty('schedules')
      expect(written(entry(more)).deployments[0]).not.toHaveProperty('schedules')
    }
  )

  test('an empty list means none', () => {
    expect(deployments(entry('  schedules: []\n'))[0]?.body).toMatchObject({ schedules: [] })
  })

  test('the old key is written as a list', () => {
    const yaml = entry('  schedule: {cron: "@daily"}\n')
    expect(written(yaml).deployments[0]).toMatchObject({ schedules: [{ cron: '@daily' }] })
    expect(messages(yaml)).toContain(
      "notice 5 the deployment 'orders/nightly' has the old key schedule; it is written as schedules"
    )
  })

  test('their parameters are checked, and required ones that nothing gives are a warning', () => {
    const flows = [
      deployable(
        'orders',
        {},
        {
          details: {
            ...FULL_FLOW.details,
            parameterSchema: {
              type: 'object',
              properties: { day: { type: 'string' }, limit: { type: 'integer' } },
              required: ['day', 'limit']
            }
          }
        }
      )
    ]
    const yaml = entry(
      '  parameters: {day: x}\n  schedules:\n  - cron: "@daily"\n    parameters: {limit: x}\n'
    )
    expect(errors(yaml, { flows })).toMatchObject([
      {
        text: expect.stringContaining(
          ":8 the deployment 'orders/nightly': the parameter 'limit' must be an integer"
        )
      }
    ])
    expect(
      messages(entry('  parameters: {day: x}\n  schedules: [{cron: "@daily"}]\n'), { flows })
    ).toEqual([
      "warning 2 the deployment 'orders/nightly' has a schedule, but no value for 'limit': its runs will fail"
    ])
  })
})

describe('errors', () => {
  test('all of all files are told, each with its line and a hint', () => {
    expect(
      errors({
        'a.yaml': entry('  parameters: {limt: 3}\n'),
        'b.yaml':
          'deployments:\n- name: one\n  entrypoint: flows/orders.py:order\n- entrypoint: flows/orders.py:orders\n  work_pool: {name: docker}\n'
      })
    ).toEqual([
      {
        text: "DEPLOYMENT a.yaml:5 the deployment 'orders/nightly': the flow has no parameter 'limt'",
        hint: 'It has no parameters.'
      },
      {
        text: "DEPLOYMENT b.yaml:3 the deployment 'one' has the entrypoint 'flows/orders.py:order', which is no flow",
        hint: "Did you mean 'flows/orders.py:orders'?"
      },
      {
        text: "DEPLOYMENT b.yaml:2 the deployment 'one' names no work pool",
        hint: 'Set work_pool.name.'
      },
      {
        text: 'DEPLOYMENT b.yaml:4 a deployment has no name: Prefect leaves it out',
        hint: undefined
      }
    ])
  })

  test.each([
    ['- text', 1, 'no mapping'],
    ['deployments: text', 1, 'deployments in prefect.yaml is no list'],
    ['deployments:\n- text', 2, 'must be a mapping'],
    [entry('', '[a]'), 2, 'has a name that is no text'],
    [entry('', 'a/b'), 2, 'has a name with one of'],
    [entry('  tags: shop\n'), 5, 'has tags that are no list'],
    [entry('  tags: ["{{ build-image.tag }}"]\n'), 5, 'has {{ build-image.tag }} in tags'],
    [
      entry('  description: |\n    Of\n    {{ sha.stdout }}\n'),
      5,
      'has {{ sha.stdout }} in description'
    ],
    [entry('  sla: [{name: "{{ sha.stdout }}"}]\n'), 5, 'has {{ sha.stdout }} in sla'],
    [entry('  parameters: text\n'), 5, 'has parameters that is no mapping'],
    [entry('  triggers: [a]\n'), 5, 'has triggers that is no list of mappings'],
    [
      entry('  schedules:\n  - {cron: "0 5 * * *", slug: a}\n  - {interval: 60, slug: a}\n'),
      7,
      "has two schedules with the slug 'a'"
    ],
    [entry().replace('{name: docker}', 'docker'), 4, 'has work_pool that is no mapping'],
    [entry('  paused: maybe\n'), 5, 'has paused that is neither true nor false'],
    [
      entry('  enforce_parameter_schema: "{{ $X }}"\n'),
      5,
      'has enforce_parameter_schema that is neither'
    ],
    [entry('  triggers: {}\n'), 5, 'has triggers that is no list'],
    [entry('  schedules: {}\n'), 5, 'has schedules that are no list'],
    [
      entry('  schedule: {cron: "@daily"}\n  schedules: []\n'),
      5,
      'has both schedule and schedules'
    ],
    [entry('  version: [1]\n'), 5, 'has a version that is no text'],
    [entry('  concurrency_limit: 0\n'), 5, 'has a concurrency_limit that is neither'],
    [entry('  concurrency_limit: "some"\n'), 5, 'has a concurrency_limit that is neither'],
    [entry('  concurrency_limit: {collision_strategy: ENQUEUE}\n'), 5, 'whose limit is no number'],
    [
      entry('  concurrency_limit:\n    limit: 1\n    collision_strategy: WAIT\n'),
      7,
      'is none of ENQUEUE, CANCEL_NEW'
    ],
    [
      entry(
        '  concurrency_limit: {limit: 1, collision_strategy: ENQUEUE, grace_period_seconds: 5}\n'
      ),
      5,
      'is not 60 to 86400'
    ],
    [entry('  x: 12345678901234567890\n'), 5, 'has too many digits for JSON'],
    [entry('  x: .inf\n'), 5, 'which JSON has no word for'],
    [
      'deployments:\n- name: a\n  entrypoint: flows/orders.py:orders\n  work_pool: {name: ""}\n',
      4,
      'names no work pool'
    ],
    [
      'deployments:\n- name: a\n  entrypoint: flows/orders.py:orders\n  work_pool:\n    name: docker\n    job_variables: "{{ $X }}"\n',
      6,
      'has job_variables that is no mapping'
    ],
    [
      'deployments:\n- name: a\n  entrypoint: "{{ $FLOW }}"\n  work_pool: {name: docker}\n',
      3,
      "a template can't be matched"
    ],
    [
      'deployments:\n- name: a\n  entrypoint: flows/gone.py:f\n  work_pool: {name: docker}\n',
      3,
      'which is no flow'
    ]
  ])('%j', (yaml, line, words) => {
    const isSource = (path: string) => path === 'flows/orders.py'
    const [failure, ...others] = errors(yaml, { isSource })
    expect(others).toEqual([])
    expect(failure?.text).toContain(`DEPLOYMENT prefect.yaml:${line} `)
    expect(failure?.text).toContain(words)
  })

  test('a path that is relative to the file gets the one that Prefect needs', () => {
    const yaml =
      'deployments:\n- name: a\n  entrypoint: orders.py:orders\n  work_pool: {name: docker}\n'
    expect(errors({ 'flows/prefect.yaml': yaml })[0]?.hint).toBe(
      "Paths are relative to the working directory, and not to the file: write 'flows/orders.py:orders'."
    )
  })

  test('a flow that no entrypoint can name is told with the reason', () => {
    const yaml =
      'deployments:\n- name: a\n  entrypoint: flows/orders.py:wrapped_flow\n  work_pool: {name: docker}\n'
    const why = 'a plain function is around it.'
    const unaddressable = [{ name: 'wrapped-flow', file: 'flows/orders.py', why }]
    expect(errors(yaml, { unaddressable })[0]?.text).toContain(
      `which is no flow: a plain function is around it`
    )
  })

  test('a wrong type is a warning if Prefect does not enforce the schema', () => {
    const yaml = entry('  parameters: {limit: x}\n  enforce_parameter_schema: false\n')
    expect(messages(yaml, { flows: [FULL_FLOW] })).toEqual([
      "warning 5 the deployment 'orders/nightly': the parameter 'limit' must be an integer, and is the text \"x\"; enforce_parameter_schema is false"
    ])
  })
})

describe('names', () => {
  test('one name on several flows and several names on one flow are fine', () => {
    const yaml =
      entry() +
      '- name: nightly\n  entrypoint: flows/orders.py:nightly\n  work_pool: {name: docker}\n' +
      '- name: again\n  entrypoint: flows/orders.py:orders\n  work_pool: {name: docker}\n'
    expect(deployments(yaml).map(({ flow, name }) => [flow, name])).toEqual([
      ['orders', 'nightly'],
      ['nightly', 'nightly'],
      ['orders', 'again']
    ])
  })

  test('one name twice for a flow is an error, over all files', () => {
    expect(errors({ 'a.yaml': entry(), 'b.yaml': entry() })).toEqual([
      {
        text: "DEPLOYMENT_CONFLICT b.yaml:2 the flow 'orders' has two deployments 'nightly': the other is in a.yaml, line 2",
        hint: 'Give one of them another name.'
      }
    ])
  })

  test('one name for two flows of one name is an error', () => {
    const flows = [
      deployable('orders'),
      deployable('orders', {}, { entrypoint: 'flows/b.py:orders' })
    ]
    const yaml = `${entry()}- {name: nightly, entrypoint: flows/b.py:orders, work_pool: {name: docker}}\n`
    expect(errors(yaml, { flows })[0]?.text).toContain('DEPLOYMENT_CONFLICT prefect.yaml:5')
  })
})

describe('flows without a deployment', () => {
  test('get one if a work pool is given', () => {
    const request = { workPool: 'docker', deploymentName: 'main' }
    expect(deployments(entry(), request).map(({ flow, name, file }) => [flow, name, file])).toEqual(
      [
        ['orders', 'nightly', 'prefect.yaml'],
        ['nightly', 'main', null]
      ]
    )
    expect(written(entry(), request).deployments[1]).toEqual({
      name: 'main',
      version: 'key-of-nightly',
      entrypoint: 'flows/orders.py:nightly',
      work_pool: { name: 'docker', job_variables: { image: 'ghcr.io/acme/shop:new' } }
    })
  })

  test('are told if none is given', () => {
    expect(messages(entry())).toEqual([
      "notice  the flow 'nightly' has no deployment; set work-pool to give it one, or add it to a prefect.yaml"
    ])
    expect(messages({})).toEqual([
      "notice  2 flows have no deployment: 'orders', 'nightly'; set work-pool to give them one, or add them to a prefect.yaml"
    ])
  })

  test('can not get a name that another flow of their name has', () => {
    const flows = [
      deployable('orders'),
      deployable('orders', {}, { entrypoint: 'flows/b.py:orders', module: 'flows/b.py' })
    ]
    expect(errors(entry('', 'default'), { flows, workPool: 'docker' })).toMatchObject([
      { text: expect.stringContaining('DEPLOYMENT_CONFLICT flows/b.py:7') }
    ])
    expect(errors({}, { flows, workPool: 'docker' })).toHaveLength(1)
  })
})

describe('an entry', () => {
  test('of a module that flows does not choose is left out with a notice', () => {
    const yaml =
      'deployments:\n- name: a\n  entrypoint: flows/other.py:f\n  work_pool: {name: docker}\n'
    expect(deployments(yaml)).toEqual([])
    expect(messages(yaml)).toContain(
      "notice 3 the deployment 'a' is left out: the option flows does not choose flows/other.py"
    )
  })

  test('with neither name nor entrypoint is left out with a warning', () => {
    expect(messages('deployments:\n- name: null\n  entrypoint:\n  tags: []\n')[0]).toBe(
      'warning 2 a deployment without name and entrypoint is left out'
    )
  })

  test('with an unknown key gets a warning with the nearest one, and keeps it', () => {
    const yaml =
      'x-any: 1\ndeployments:\n- name: a\n  entrypoint: flows/orders.py:orders\n  tag: [x]\n  work_pool:\n    name: docker\n    work_queue: high\n'
    expect(messages(yaml).slice(0, 2)).toEqual([
      "warning 5 the deployment 'orders/a' has the key 'tag', which Prefect does not read; did you mean 'tags'?",
      "warning 8 the deployment 'orders/a' has the key 'work_pool.work_queue', which Prefect does not read; did you mean 'work_queue_name'?"
    ])
    expect(written(yaml).deployments[0]).toMatchObject({ tag: ['x'] })
  })

  test.each([
    ['infra_overrides: {a: 1}', 'its value belongs to work_pool.job_variables'],
    ['job_variables: {a: 1}', 'its value belongs to work_pool.job_variables'],
    ['work_queue_name: high', 'its value belongs to work_pool.work_queue_name'],
    ['cron: "0 5 * * *"', 'its value belongs to schedules']
  ])('with %s beside the other keys is told where that belongs', (line, words) => {
    expect(messages(entry(`  ${line}\n`))[0]).toMatch(/^warning 5 .* Prefect does not read; /)
    expect(messages(entry(`  ${line}\n`))[0]).toContain(words)
  })

  test('with templates for a list and a boolean can be read by a deploy', () => {
    const yaml = entry('  tags: "{{ prefect.variables.tags }}"\n  paused: "{{ $PAUSED }}"\n')
    const { document } = plan(yaml)
    const [read] = parseDeployments(JSON.stringify(document), 'deployments.json').deployments
    expect(read?.body).toMatchObject({
      tags: '{{ prefect.variables.tags }}',
      paused: '{{ $PAUSED }}'
    })
  })

  test('with a limit in quotes has it as a number', () => {
    const [deployment] = deployments(entry('  concurrency_limit: "3"\n'))
    expect(deployment?.body).toMatchObject({ concurrency_limit: 3 })
  })

  test('with a grace period gets a warning where the release ignores it', () => {
    const limit = '{limit: 1, collision_strategy: ENQUEUE, grace_period_seconds: 60}'
    const warning = expect.stringContaining('grace_period_seconds, which this release')
    const yaml = entry(`  concurrency_limit: ${limit}\n`)
    expect(messages(yaml, { prefect: '3.4.25' })).toContainEqual(warning)
    expect(messages(yaml, { prefect: '3.9.1' })).not.toContainEqual(warning)
  })

  test('with numbers as texts has them as they stand in the file', () => {
    const yaml = entry('  version: 1.10\n  tags: [1.0, yes]\n', '007')
    expect(deployments(yaml)[0]).toMatchObject({
      name: '007',
      body: { name: '007', version: '1.10', tags: ['1.0', 'yes'] }
    })
  })

  test('with an image of its own gets that of the build, with a notice', () => {
    const yaml =
      'deployments:\n- name: a\n  entrypoint: flows/orders.py:orders\n  work_pool: {name: docker, job_variables: {image: "other:1"}}\n'
    expect(messages(yaml)[0]).toBe(
      "notice 2 the deployment 'orders/a' gets the image of this build instead of 'other:1'"
    )
    expect(deployments(yaml)[0]?.body.job_variables).toEqual({ image: 'ghcr.io/acme/shop:new' })
  })

  test('has no image if the storage has none', () => {
    const [deployment] = deployments(entry(), { image: null })
    expect(deployment).toMatchObject({ image: null, body: { job_variables: {} } })
  })

  test.each([
    ['other:1', { image: 'other:1' }, []],
    ['{{ $IMAGE }}', { image: '{{ $IMAGE }}' }, []],
    [
      '{{ build-image.image }}',
      {},
      [
        "notice 2 the deployment 'orders/a' gets no image: '{{ build-image.image }}' is of a build step"
      ]
    ]
  ])('without an image of the storage and with %s has %j', (image, variables, notices) => {
    const yaml = `deployments:\n- name: a\n  entrypoint: flows/orders.py:orders\n  work_pool: {name: docker, job_variables: {image: "${image}"}}\n`
    const request = { image: null }
    expect(deployments(yaml, request)[0]?.body.job_variables).toEqual(variables)
    expect(written(yaml, request).deployments[0]?.work_pool).toMatchObject({
      job_variables: variables
    })
    expect(messages(yaml, request).filter(each => each.includes('image'))).toEqual(notices)
  })

  test('with a pull of its own has it in both forms', () => {
    const yaml = entry('  pull:\n  - my.steps.run: {a: 1}\n')
    const pull = [STEP, { 'my.steps.run': { a: 1 } }]
    expect(deployments(yaml)[0]?.body.pull_steps).toEqual(pull)
    expect(written(yaml).deployments[0]?.pull).toEqual(pull)
  })

  test('keeps other pull steps of its file, beside those of other files', () => {
    const files = {
      'a.yaml': `pull:\n- my.steps.run: {a: 1}\n${entry()}`,
      'b.yaml': entry('', 'other')
    }
    const { pull, deployments } = written(files)
    expect(pull).toEqual([STEP])
    expect(deployments.map(one => one.pull)).toEqual([
      [STEP, { 'my.steps.run': { a: 1 } }],
      undefined
    ])
  })
})

describe('the baseline', () => {
  const yaml = entry('  tags: [a]\n')
  const { document } = plan(yaml, { image: 'ghcr.io/acme/shop:old' })
  const baseline = JSON.parse(JSON.stringify(document)) as typeof document

  test('gives its image to a deployment that is as it was', () => {
    const request = { baseline }
    expect(deployments(yaml, request)).toMatchObject([
      {
        changed: false,
        image: 'ghcr.io/acme/shop:old',
        body: { job_variables: { image: 'ghcr.io/acme/shop:old' }, version: 'key-of-orders' }
      }
    ])
    expect(written(yaml, request).deployments[0]?.work_pool).toEqual({
      name: 'docker',
      job_variables: { image: 'ghcr.io/acme/shop:old' }
    })
    expect(plan(yaml, request).document.image).toBe('ghcr.io/acme/shop:new')
  })

  test.each([
    ['another tag', entry('  tags: [b]\n'), {}],
    ['another pool', yaml.replace('docker', 'other'), {}],
    ['another name', entry('  tags: [a]\n', 'other'), {}],
    ['a trigger', entry('  tags: [a]\n  triggers: [{type: event}]\n'), {}],
    ['a schedule', entry('  tags: [a]\n  schedules: []\n'), {}],
    ['another key of the flow', yaml, { flows: [deployable('orders', {}, { key: 'other' })] }],
    ['another folder', yaml, { path: '/opt/prefect/other' }],
    ['no image', yaml, { image: null }]
  ])('does not if there is %s', (_what, text, changes) => {
    const [deployment] = deployments(text, { baseline, ...changes })
    expect(deployment?.changed).toBe(true)
    expect(deployment?.image).not.toBe('ghcr.io/acme/shop:old')
  })

  test('is not needed', () => {
    expect(deployments(yaml)[0]?.changed).toBe(true)
  })
})
