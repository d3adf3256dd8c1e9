import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { listSources } from '../../../src/sources/listing.js'
import type { BaseImage } from '../../../src/environment/base/base-image.js'
import { environmentInDaemon } from '../../../src/environment/environment.js'
import { environmentLabels } from '../../../src/environment/labels.js'
import { planEnvironment } from '../../../src/environment/plan/plan.js'
import { prepareRecipe } from '../../../src/environment/recipe.js'
import { readRequirements } from '../../../src/packages/read-requirements.js'
import type { BuildKwargs } from '../../../src/docker/build-kwargs.js'
import { silentLog } from '../../../src/log.js'
import { serveAnswers } from '../../helpers/daemon-server.js'
import { repository } from '../../helpers/flowstore.js'

const BASE: BaseImage = {
  reference: 'python:3.6',
  from: 'python:3.6@sha256:1',
  digest: 'sha256:1',
  platform: 'linux/amd64',
  user: '',
  env: {},
  python: 'python',
  versions: { python: '3.6.15', prefect: null, cloudpickle: null, pip: '21.3.1' }
}
const WITH_PREFECT: BaseImage = {
  ...BASE,
  versions: { python: '3.9.18', prefect: '1.4.1', cloudpickle: '3.1.2', pip: '23.3.2' }
}

interface Given {
  base?: BaseImage
  prefectVersion?: string
  lines?: string[]
  file?: string
  envVars?: Record<string, string>
  files?: { source: string; destination: string }[]
  installer?: 'auto' | 'pip' | 'uv'
  buildKwargs?: BuildKwargs
}

const root = repository({
  'requirements.txt': 'pandas\n',
  'data/a.csv': '1',
  'tool.sh': '#!/bin/sh'
})

const OLD: Given = { prefectVersion: '0.5.4' }

async function plan(given: Given = OLD, log = silentLog()) {
  const inputs = await prepareRecipe({
    prefectVersion: given.prefectVersion,
    requirements: await readRequirements(root, given.lines ?? [], given.file),
    installer: given.installer,
    envVars: given.envVars ?? {},
    files: given.files ?? [],
    buildKwargs: given.buildKwargs ?? {},
    sources: await listSources(root)
  })
  return planEnvironment(inputs, given.base ?? BASE, log)
}

const contents = (entries: Awaited<ReturnType<typeof plan>>['context']) =>
  Object.fromEntries(
    entries.flatMap(entry => ('content' in entry ? [[entry.path, String(entry.content)]] : []))
  )

test('Prefect and all dependencies are installed in one go, before files', async () => {
  const { instructions, context, prefect } = await plan({
    ...OLD,
    lines: ['inflection==0.5.1'],
    file: 'requirements.txt',
    files: [{ source: 'data', destination: '/srv/data' }]
  })
  expect(prefect).toBe('0.5.4')
  expect(contents(context)).toEqual({
    'requirements/requirements.txt': 'pandas\n',
    'requirements/flowstore-requirements.txt':
      'prefect==0.5.4\ninflection==0.5.1\n-r requirements.txt\n'
  })
  expect(instructions.map(line => line.split(' ')[0])).toEqual(['ENV', 'RUN', 'COPY', 'RUN'])
  expect(instructions[0]).toContain('PREFECT__USER_CONFIG_PATH="/root/.prefect/config.toml"')
  expect(instructions[2]).toBe('COPY ["files/0/","/srv/data/"]')
})

test('a base image that has Prefect keeps it, and nothing is installed that nobody asked for', async () => {
  const bare = await plan({ base: WITH_PREFECT })
  expect(bare.instructions.some(line => line.includes('pip'))).toBe(false)
  const more = await plan({ base: WITH_PREFECT, lines: ['pandas'] })
  expect(contents(more.context)).toEqual({
    'requirements/flowstore-requirements.txt': 'pandas\n-c flowstore-constraints.txt\n',
    'requirements/flowstore-constraints.txt': 'prefect==1.4.1\nurllib3<2\nmarshmallow<4\n'
  })
})

test('what the requirements pin is asked for before what the base image has', async () => {
  expect((await plan({ base: WITH_PREFECT, lines: ['prefect==1.2.0'] })).prefect).toBe('1.2.0')
  await expect(plan({ lines: [] })).rejects.toMatchObject({
    code: 'PREFECT_NOT_FOUND'
  })
})

test('variables keep every character, and the user of the base comes back', async () => {
  const { instructions } = await plan({
    base: { ...WITH_PREFECT, user: 'app:app', env: { PYTHONPATH: '/code' } },
    envVars: { TEXT: 'a "b" $c \\d', PREFECT__USER_CONFIG_PATH: '/mine.toml' }
  })
  expect(instructions).toEqual([
    'ENV PREFECT__USER_CONFIG_PATH="/mine.toml" \\\n    TEXT="a \\"b\\" \\$c \\\\d" \\\n    PYTHONPATH="/code:/opt/flowstore"',
    'USER root',
    expect.stringMatching(
      /^RUN mkdir -p '\/opt\/flowstore' '\/opt\/prefect' '\/opt\/prefect\/flows' /
    ),
    'USER app:app'
  ])
})

test('old pips are replaced, a git ref gets git, a Python that does not fit gets a warning', async () => {
  const old = await plan({
    ...OLD,
    base: { ...BASE, versions: { ...BASE.versions, pip: '18.1' } }
  })
  expect(old.instructions.join('\n')).toContain(
    'pip install --disable-pip-version-check --no-input pip==21.3.1'
  )
  const ref = await plan({ prefectVersion: 'master' })
  expect(ref.instructions.join('\n')).toMatch(/command -v git[\s\S]*-r flowstore-requirements\.txt/)
  const log = silentLog()
  await plan({ base: WITH_PREFECT, prefectVersion: '0.5.4' }, log)
  expect(log.notices[0]?.message).toContain('Prefect 0.5.4 is known to run on Python 3.6, 3.7')
})

test('the key changes with all that goes in, and with nothing else', async () => {
  const given: Given = {
    ...OLD,
    file: 'requirements.txt',
    envVars: { A: '1' },
    files: [{ source: 'tool.sh', destination: '/bin/tool' }]
  }
  const key = async (more: Given = {}) => (await plan({ ...given, ...more })).key
  const first = await key()
  expect(await key()).toBe(first)
  expect(await key({ installer: 'auto' })).toBe(first)
  expect(await key({ buildKwargs: { labels: { commit: 'abc' }, nocache: true } })).toBe(first)
  const absolute = [{ source: join(root, 'tool.sh'), destination: '/bin/tool' }]
  expect(await key({ files: absolute })).toBe(first)
  const others = [
    await key({ base: { ...BASE, from: 'python:3.6@sha256:2', digest: 'sha256:2' } }),
    await key({ base: { ...BASE, platform: 'linux/arm64' } }),
    await key({ prefectVersion: '0.5.5' }),
    await key({ lines: ['x'] }),
    await key({ installer: 'pip' }),
    await key({ envVars: { A: '2' } }),
    await key({ buildKwargs: { platform: 'linux/amd64' } }),
    await key({ files: [{ source: 'tool.sh', destination: '/bin/other' }] })
  ]
  chmodSync(join(root, 'tool.sh'), 0o755)
  others.push(await key())
  writeFileSync(join(root, 'tool.sh'), '#!/bin/bash')
  others.push(await key())
  writeFileSync(join(root, 'requirements.txt'), 'pandas<2\n')
  others.push(await key())
  expect(new Set([first, ...others]).size).toBe(others.length + 1)
  const local = { lines: ['./'], file: undefined } as unknown as Given
  const before = await key(local)
  writeFileSync(join(root, 'module.py'), 'x = 1\n')
  expect(await key(local)).not.toBe(before)
})

test('a requirement from git gets git, on Debian and on Alpine', async () => {
  const lines = ['tools @ git+https://example.com/tools']
  const { instructions } = await plan({ ...OLD, lines })
  expect(instructions[1]).toMatch(
    /^RUN command -v git \|\| if .* apk add --no-cache git; elif .* apt-get .*; fi$/
  )
  const none = await plan({ ...OLD, lines: ['a # not git+https://x'] })
  expect(none.instructions.join('\n')).not.toContain('apk')
})

test('an editable install becomes a normal one, and a notice says so', async () => {
  const log = silentLog()
  const { context } = await plan({ ...OLD, lines: ['-e .'] }, log)
  expect(contents(context)['requirements/flowstore-requirements.txt']).toBe('prefect==0.5.4\n.\n')
  expect(log.notices).toEqual([
    { level: 'notice', message: expect.stringContaining("'-e .' goes into the image as a normal") }
  ])
})

test('a path outside the working directory can’t go into an image', async () => {
  await expect(plan({ ...OLD, lines: ['-e ../tools'] })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: "the requirement '../tools' lies outside the working directory"
  })
})

const NEW: Given = { base: WITH_PREFECT, lines: ['pandas'] }
const installed = async (given: Given, log = silentLog()) =>
  (await plan(given, log)).instructions.find(line => line.includes('pip install')) ?? ''

test('uv installs where it is asked for, and else only what it can as pip would', async () => {
  expect(await installed({ ...NEW, installer: 'pip' })).not.toContain('uv')
  const asked = await installed({ ...NEW, installer: 'uv' })
  expect(asked).toMatch(/bin\/uv pip install .*-r flowstore-requirements\.txt/)
  expect(asked).not.toMatch(/-m pip install .*-r /)
  const both = await installed(NEW)
  expect(both).toMatch(/bin\/uv pip install .* --no-config --no-sources -r /)
  expect(both).toMatch(/-m pip install .* -r flowstore-requirements\.txt/)
  expect(await installed(OLD)).not.toContain('uv')
  const notices: string[] = []
  const log = Object.assign(silentLog(), { info: (line: string) => notices.push(line) })
  expect(
    await installed({ ...NEW, lines: ['--trusted-host me:secret@x', 'pandas'] }, log)
  ).not.toContain('uv')
  expect(notices).toEqual(["pip installs the packages: uv may take '--trusted-host' otherwise"])
})

test('uv that does not run on the image’s Python is refused before anything is built', async () => {
  await expect(plan({ ...OLD, installer: 'uv' })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message:
      "the option 'installer' is 'uv', which does not run on Python 3.6.15 of the base image python:3.6",
    hint: expect.stringContaining('auto')
  })
})

test('the environment image of a key is found in the daemon', async () => {
  const about = {
    key: 'a',
    base: 'b',
    prefect: '1.4.1',
    python: '3.9.18',
    dockerfile: '',
    late: []
  }
  const Labels = environmentLabels({ ...about, machine: 'x86_64', packages: {}, folders: {} })
  const { daemon } = await serveAnswers({
    'GET /images/flowstore-environment:a/json': {
      status: 200,
      json: { Id: 'sha256:1', Os: 'linux', Architecture: 'amd64', Config: { Labels } }
    }
  })
  expect(await environmentInDaemon(daemon, 'a')).toMatchObject({
    user: '',
    variables: {}
  })
})

test('an environment image that the daemon does not have is undefined', async () => {
  const { daemon } = await serveAnswers({})
  expect(await environmentInDaemon(daemon, 'a')).toBeUndefined()
})

test('a daemon that fails is not taken for one without the environment image', async () => {
  const { daemon } = await serveAnswers({
    'GET /images/flowstore-environment:a/json': {
      status: 500,
      json: { message: 'no space left on device' }
    }
  })
  await expect(environmentInDaemon(daemon, 'a')).rejects.toMatchObject({
    code: 'DAEMON',
    message: 'the Docker daemon failed (500): no space left on device'
  })
})
