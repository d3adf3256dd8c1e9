import { describe, expect, test } from '@jest/globals'
import { silentLog } from '../../../../src/log.js'
import { repository } from '../../../helpers/flowstore.js'
import { BASE, OLD_PREFECT, plan, WITH_PREFECT } from '../../../helpers/plans.js'

test('files are copied after Prefect and the dependencies are installed', async () => {
  const { instructions } = await plan({
    ...OLD_PREFECT,
    lines: ['inflection==0.5.1'],
    file: 'requirements.txt',
    files: [{ source: 'data', destination: '/srv/data' }]
  })
  expect(instructions.map(line => line.split(' ')[0])).toEqual(['ENV', 'RUN', 'COPY', 'RUN'])
  expect(instructions[0]).toContain('PREFECT__USER_CONFIG_PATH="/root/.prefect/config.toml"')
  expect(instructions[2]).toBe('COPY ["files/0/","/srv/data/"]')
})

test('the plan names the requested Prefect version', async () => {
  expect((await plan(OLD_PREFECT)).prefect).toBe('0.5.4')
})

test('a Prefect version in the requirements wins over that of the base image', async () => {
  expect((await plan({ base: WITH_PREFECT, lines: ['prefect==1.2.0'] })).prefect).toBe('1.2.0')
})

test('a base image without Prefect needs a requested version', async () => {
  await expect(plan({ lines: [] })).rejects.toMatchObject({
    code: 'PREFECT_NOT_FOUND'
  })
})

test('variables keep every character, and the user of the base image is set again', async () => {
  const { instructions } = await plan({
    base: { ...WITH_PREFECT, user: 'app:app', env: { PYTHONPATH: '/code' } },
    envVars: { TEXT: 'a "b" $c \\d', PREFECT__USER_CONFIG_PATH: '/mine.toml' }
  })
  expect(instructions).toEqual([
    'ENV PREFECT__USER_CONFIG_PATH="/mine.toml" \\\n    TEXT="a \\"b\\" \\$c \\\\d" \\\n    PYTHONPATH="/code:/opt/flowstore"',
    'USER root',
    expect.stringMatching(
      /^RUN \["\/bin\/sh","-c","mkdir -p '\/opt\/flowstore' '\/opt\/prefect' '\/opt\/prefect\/flows' /
    ),
    'USER app:app'
  ])
})

test('folders of the repository come after Python’s own modules for flows of Prefect 3', async () => {
  const base = { ...WITH_PREFECT, env: { PYTHONPATH: '/code' } }
  const { instructions } = await plan({
    base: { ...base, versions: { ...base.versions, python: '3.12.1', prefect: '3.6.29' } },
    importRoots: ['../libs']
  })
  expect(instructions.join('\n')).not.toContain('PYTHONPATH=')
  expect(instructions[0]).toContain('flowstore.pth')
  // The folder of the base image's user stays as it is.
  expect(instructions[1]).toMatch(/PREFECT_HOME=\$\(mktemp -d\) .* prefect version/)
  expect(instructions[0]).toContain(
    "'/opt/prefect/flows' '/opt/prefect/libs' '/opt/prefect/flows/src' && "
  )
})

test.each([
  ['the user’s PATH', { PATH: '/mine' }, { PATH: '/usr/bin' }, '/env/bin:/mine'],
  ['that of the base image', {}, { PATH: '/usr/bin' }, '/env/bin:/usr/bin'],
  ['the default', {}, {}, '/env/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin']
])(
  'the folder of the Python that an ENTRYPOINT gives comes before %s',
  async (_, own, env, path) => {
    const base = { ...WITH_PREFECT, env, firstOnPath: '/env/bin' }
    const { instructions } = await plan({ base, envVars: own })
    expect(instructions[0]?.split(' \\\n    ')).toContain(`PATH="${path}"`)
  }
)

test('packages are installed without the SHELL of the base image, which the user’s instructions get', async () => {
  const base = { ...WITH_PREFECT, shell: ['conda', 'run', '/bin/bash', '-c'] }
  const { instructions } = await plan({
    base,
    lines: ['inflection==0.5.1'],
    extraCommands: ['RUN make']
  })
  expect(instructions.slice(1)).toEqual([
    'SHELL ["/bin/sh","-c"]',
    expect.stringMatching(/^RUN --mount/),
    'SHELL ["conda","run","/bin/bash","-c"]',
    'RUN make',
    expect.stringMatching(/^RUN \["\/bin\/sh","-c","mkdir /)
  ])
})

test('a Prefect version that is not known to run on the base image’s Python gets a warning', async () => {
  const log = silentLog()
  await plan({ base: WITH_PREFECT, prefectVersion: '0.5.4' }, undefined, log)
  expect(log.notices[0]?.message).toContain('Prefect 0.5.4 is known to run on Python 3.6, 3.7')
})

describe('the dependencies of a project of the repository', () => {
  const project = (dependencies: string, source = ''): string =>
    repository({
      'pyproject.toml': `[project]\nname = "acme"\nversion = "1"\ndependencies = [${dependencies}]\n`,
      'src/acme/__init__.py': source
    })
  const planned = (root: string, recipe = {}) =>
    plan({ ...OLD_PREFECT, lines: ['.'], ...recipe }, root)

  test('are an image of their own, whose key an edit of the project does not change', async () => {
    const { key, dependencies } = await planned(project('"pandas"'))
    const edited = await planned(project('"pandas"', 'EDITED = True'))
    expect([edited.key === key, edited.dependencies?.key]).toEqual([false, dependencies?.key])
  })

  test.each([
    ['another dependency', '"numpy"', {}],
    ['another base image', '"pandas"', { base: { ...BASE, digest: 'sha256:other' } }],
    ['another variable', '"pandas"', { envVars: { A: '1' } }]
  ])('have another key with %s', async (_title, names, recipe) => {
    const { dependencies } = await planned(project('"pandas"'))
    const other = await planned(project(names), recipe)
    expect(other.dependencies?.key).toMatch(/^\w{20}$/)
    expect(other.dependencies?.key).not.toBe(dependencies?.key)
  })

  test('and what follows are the same instructions as in one image', async () => {
    const { instructions, dependencies } = await planned(project('"pandas"'))
    expect([
      ...(dependencies?.instructions ?? []),
      ...(dependencies?.rest.instructions ?? [])
    ]).toEqual(instructions)
  })

  test('are no image if nothing else is installed', async () => {
    const onPrefect = await plan({ base: WITH_PREFECT, lines: ['.'] }, project(''))
    expect(onPrefect.dependencies).toBeUndefined()
    expect((await plan({ ...OLD_PREFECT, lines: ['pandas'] })).dependencies).toBeUndefined()
  })
})
