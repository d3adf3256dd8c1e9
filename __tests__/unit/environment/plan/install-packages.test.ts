import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { silentLog, type Recorder } from '../../../../src/log.js'
import { listSources, withFolders } from '../../../../src/sources/listing.js'
import {
  BASE,
  OLD_PREFECT,
  plan,
  textsOf,
  WITH_PREFECT,
  type Recipe
} from '../../../helpers/plans.js'
import { repository } from '../../../helpers/flowstore.js'

/** OLD_PREFECT and what it is installed with. */
const PREFECT = 'prefect==0.5.4\nmarshmallow==3.0.0b19\nmarshmallow-oneofschema==2.0.0b2\n'

const instructionsOf = async (recipe: Recipe): Promise<string> =>
  (await plan(recipe)).instructions.join('\n')

test('Prefect and all dependencies are installed in one step', async () => {
  const planned = await plan({
    ...OLD_PREFECT,
    lines: ['inflection==0.5.1'],
    file: 'requirements.txt',
    files: [{ source: 'data', destination: '/srv/data' }]
  })
  expect(textsOf(planned)).toEqual({
    'requirements/requirements.txt': 'pandas\n',
    'requirements/flowstore-requirements.txt': `${PREFECT}inflection==0.5.1\n-r requirements.txt\n`
  })
})

test('nothing is installed on a base image with Prefect unless it is requested', async () => {
  const { instructions } = await plan({ base: WITH_PREFECT })
  expect(instructions.some(line => line.includes('pip install'))).toBe(false)
})

test('dependencies are constrained to the Prefect of the base image', async () => {
  expect(textsOf(await plan({ base: WITH_PREFECT, lines: ['pandas'] }))).toEqual({
    'requirements/flowstore-requirements.txt': 'pandas\n-c flowstore-constraints.txt\n',
    'requirements/flowstore-constraints.txt': 'prefect==1.4.1\nurllib3<2\nmarshmallow<4\n'
  })
})

test('an old pip is upgraded first', async () => {
  const base = { ...BASE, versions: { ...BASE.versions, pip: '18.1' } }
  expect(await instructionsOf({ ...OLD_PREFECT, base })).toContain(
    'pip install --disable-pip-version-check --no-input pip==21.3.1'
  )
})

test('git is installed for a Prefect version that is a git ref', async () => {
  expect(await instructionsOf({ prefectVersion: 'master' })).toMatch(
    /command -v git[\s\S]*-r flowstore-requirements\.txt/
  )
})

test('git is installed for a requirement from git, on Debian and on Alpine', async () => {
  const lines = ['tools @ git+https://example.com/tools']
  const { instructions } = await plan({ ...OLD_PREFECT, lines })
  expect(instructions[1]).toMatch(
    /^RUN command -v git \|\| if .* apk add --no-cache git; elif .* apt-get .*; fi$/
  )
})

test('git is not installed for a git address in a comment', async () => {
  expect(await instructionsOf({ ...OLD_PREFECT, lines: ['a # not git+https://x'] })).not.toContain(
    'apk'
  )
})

test('an editable install becomes a normal install, with a notice', async () => {
  const log = silentLog()
  const planned = await plan({ ...OLD_PREFECT, lines: ['-e .'] }, undefined, log)
  expect(textsOf(planned)['requirements/flowstore-requirements.txt']).toBe(`${PREFECT}.\n`)
  expect(log.notices).toEqual([
    { level: 'notice', message: expect.stringContaining("'-e .' becomes a normal install") }
  ])
})

test('a requirement outside the working directory is refused', async () => {
  await expect(plan({ ...OLD_PREFECT, lines: ['-e ../tools'] })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: "the requirement '../tools' lies outside the working directory"
  })
})

test('files and packages beside the working directory are mounted beside it', async () => {
  const top = repository({
    'teams/a/flow.py': '',
    'requirements.txt': '../../libs/tools\n',
    'libs/tools/setup.py': ''
  })
  const root = join(top, 'teams/a')
  const file = '../../requirements.txt'
  const sources = await withFolders(await listSources(root), ['../../libs/tools'], [])
  const planned = await plan({ ...OLD_PREFECT, file }, root, silentLog(), sources)
  expect(planned.context.flatMap(entry => ('folder' in entry ? [] : [entry.path]))).toEqual([
    'requirements/libs/tools/setup.py',
    'requirements/flowstore-level/flowstore-level/flow.py',
    'requirements/requirements.txt',
    'requirements/flowstore-level/flowstore-level/flowstore-requirements.txt',
    'requirements/flowstore-level/flowstore-level/flowstore-install.sh'
  ])
  expect(planned.instructions.join('\n')).toContain(
    '/bin/sh /tmp/flowstore-requirements/flowstore-level/flowstore-level/flowstore-install.sh'
  )
})

/** A requirement that is installed on a base image whose Python uv runs on. */
const PANDAS: Recipe = { base: WITH_PREFECT, lines: ['pandas'] }

/** The instruction that installs packages; empty if nothing is installed. */
const installing = async (recipe: Recipe, log?: Recorder): Promise<string> =>
  (await plan(recipe, undefined, log)).instructions.find(line => line.includes('pip install')) ?? ''

test('installer: pip does not use uv', async () => {
  expect(await installing({ ...PANDAS, installer: 'pip' })).not.toContain('uv')
})

test('installer: uv installs with uv alone', async () => {
  const instruction = await installing({ ...PANDAS, installer: 'uv' })
  expect(instruction).toMatch(/bin\/uv pip install .*-r flowstore-requirements\.txt/)
  expect(instruction).not.toMatch(/-m pip install .*-r /)
})

test('installer: auto can install with either uv or pip', async () => {
  const instruction = await installing(PANDAS)
  expect(instruction).toMatch(/bin\/uv pip install .* --no-config --no-sources -r /)
  expect(instruction).toMatch(/-m pip install .* -r flowstore-requirements\.txt/)
})

test('installer: auto does not use uv if uv does not run on the image’s Python', async () => {
  expect(await installing(OLD_PREFECT)).not.toContain('uv')
})

test('installer: auto does not use uv for an option that uv reads differently, and says so', async () => {
  const lines: string[] = []
  const log = Object.assign(silentLog(), { info: (line: string) => lines.push(line) })
  expect(
    await installing({ ...PANDAS, lines: ['--trusted-host me:secret@x', 'pandas'] }, log)
  ).not.toContain('uv')
  expect(lines).toEqual(["pip installs the packages: uv may read '--trusted-host' differently"])
})

test('installer: uv is refused if uv does not run on the image’s Python', async () => {
  await expect(plan({ ...OLD_PREFECT, installer: 'uv' })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message:
      "the option 'installer' is 'uv', which does not run on Python 3.6.15 of the base image python:3.6",
    hint: expect.stringContaining('auto')
  })
})

test('a project whose dependencies are listed is installed in a step of its own, after them', async () => {
  const root = repository({
    'pyproject.toml': '[project]\nname = "acme"\nversion = "1"\ndependencies = ["pandas"]\n',
    'src/acme/__init__.py': ''
  })
  const planned = await plan({ ...OLD_PREFECT, lines: ['.'] }, root)
  expect(textsOf(planned)).toEqual({
    'requirements/flowstore-requirements.txt': `${PREFECT}pandas\n`,
    'projects/flowstore-projects.txt': '.\n'
  })
  const paths = planned.context.map(({ path }) => path)
  expect(paths).toContain('projects/src/acme/__init__.py')
  expect(paths).not.toContain('requirements/src/acme/__init__.py')
  expect(planned.instructions.filter(line => line.includes('pip install'))).toEqual([
    expect.stringContaining('source=requirements,'),
    expect.stringMatching(/source=projects,[\s\S]*--no-deps -r flowstore-projects\.txt/)
  ])
})

test('a project without dependencies is all that is installed on a base image with Prefect', async () => {
  const root = repository({ 'pyproject.toml': '[project]\nname = "acme"\nversion = "1"\n' })
  expect(textsOf(await plan({ base: WITH_PREFECT, lines: ['.'] }, root))).toEqual({
    'projects/flowstore-projects.txt': '.\n'
  })
})

test('a project whose dependencies only its build backend knows is installed with all others', async () => {
  const root = repository({ 'setup.py': 'from setuptools import setup\nsetup(name="acme")\n' })
  const planned = await plan({ ...OLD_PREFECT, lines: ['.'] }, root)
  expect(Object.keys(textsOf(planned))).toEqual(['requirements/flowstore-requirements.txt'])
  expect(planned.context.map(({ path }) => path)).toContain('requirements/setup.py')
})

test('the parts of a plan have every requirement file, also one above the working directory', async () => {
  const root = repository({
    'requirements.txt': '-r ../base.txt\npandas\n',
    '../base.txt': 'numpy\n'
  })
  const { parts } = await plan({ ...OLD_PREFECT, file: 'requirements.txt' }, root)
  expect(parts.files.folder).toBe('flowstore-level')
  expect([...parts.files.texts.keys()].sort()).toEqual([
    'base.txt',
    'flowstore-level/flowstore-requirements.txt',
    'flowstore-level/requirements.txt'
  ])
  // The paths of the runs are relative to that folder.
  expect(parts.runs.map(({ file }) => file)).toEqual(['flowstore-requirements.txt'])
})
