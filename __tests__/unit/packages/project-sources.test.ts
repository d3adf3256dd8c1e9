import { expect, test } from '@jest/globals'
import { projectSources } from '../../../src/packages/project-sources.js'
import { readRequirements } from '../../../src/packages/read-requirements.js'
import { listSources } from '../../../src/sources/listing.js'
import { repository } from '../../helpers/flowstore.js'

const FILES = {
  'pyproject.toml': '[project]\nname = "jobs"\ndescription = "loads jobs"\n',
  'src/acme/__init__.py': '',
  'jobs/orders.py': '',
  'jobs/helper.py': ''
}

/** The modules that a project is not built from. */
const leftOut = async (
  files: Readonly<Record<string, string>>,
  modules: readonly string[],
  lines: readonly string[] = ['.']
) => {
  const root = repository(files)
  const sources = await listSources(root)
  const found = await projectSources(
    sources,
    modules,
    await readRequirements(root, lines, undefined)
  )
  const paths = new Set(found.files.map(({ path }) => path))
  return sources.files.map(({ path }) => path).filter(path => !paths.has(path))
}

test('a project is built without the flow modules that are not part of it', async () => {
  expect(await leftOut(FILES, ['jobs/orders.py'])).toEqual(['jobs/orders.py'])
})

test.each([
  ['at the root', { 'orders.py': '' }, 'orders.py'],
  ['below src', { 'src/jobs/orders.py': '' }, 'src/jobs/orders.py'],
  ['in a package', { 'acme/__init__.py': '', 'acme/jobs/orders.py': '' }, 'acme/jobs/orders.py'],
  [
    'in a folder that the settings name',
    { 'setup.cfg': '[options]\npackages = jobs\n' },
    'jobs/orders.py'
  ]
])('a flow module %s is part of a project at the root', async (_name, files, module) => {
  expect(await leftOut({ ...FILES, ...files }, [module])).toEqual([])
})

test('a project in a folder is built without flow modules that are not part of it', async () => {
  const files = {
    'libs/tools/pyproject.toml': '[project]\nname = "tools"\n',
    'libs/tools/flows/a.py': '',
    'libs/tools/src/tools/__init__.py': '',
    'libs/tools/src/tools/b.py': ''
  }
  const modules = ['libs/tools/flows/a.py', 'libs/tools/src/tools/b.py']
  expect(await leftOut(files, modules, ['./libs/tools'])).toEqual(['libs/tools/flows/a.py'])
})

test('a flow module is part of the project whose folder it is in', async () => {
  const files = {
    'libs/tools/setup.py': 'packages = ["jobs"]',
    'libs/tools/jobs/a.py': '',
    'flows/b.py': '',
    'flow.py': ''
  }
  expect(await leftOut(files, Object.keys(files), ['./libs/tools'])).toEqual([
    'flow.py',
    'flows/b.py'
  ])
})

test.each([[['pandas']], [['/srv/tools']]])('nothing is left out for %j', async lines => {
  expect(await leftOut(FILES, ['jobs/orders.py'], lines)).toEqual([])
})
