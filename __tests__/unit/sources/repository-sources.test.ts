import { expect, test } from '@jest/globals'
import { repositorySources, type SourceRequest } from '../../../src/sources/repository-sources.js'
import { repository } from '../../helpers/flowstore.js'

const FILES = {
  '.gitignore': 'generated.py\n',
  '.flowstore/flows/a.py': '',
  'README.md': '',
  'docs/examples.py': '',
  'flows/a.py': '',
  'generated.py': '',
  'lib/tools.py': '',
  'lib/tests/test_tools.py': ''
}

async function found(
  request: Partial<SourceRequest> & Pick<SourceRequest, 'flows'>,
  files: Readonly<Record<string, string>> = FILES
) {
  const defaults = {
    ...{ sources: [], pythonPath: [], prefectFile: [], secretFiles: {} },
    outputDirectory: '.flowstore'
  }
  const sources = await repositorySources(repository(files), { ...defaults, ...request })
  const { listed, importRoots, discovered } = sources
  return {
    sources: sources.sources.files.map(({ path }) => path),
    leftOut: sources.leftOut.map(({ file }) => file.path),
    listed: listed.files.map(({ path }) => path),
    importRoots,
    modules: discovered.modules.map(({ file }) => file)
  }
}

test('flow modules are looked for among the sources, without what is left out by default', async () => {
  expect(await found({ flows: ['.'] })).toEqual({
    sources: ['flows/a.py', 'lib/tools.py'],
    leftOut: ['.gitignore', 'README.md', 'docs/examples.py', 'lib/tests/test_tools.py'],
    listed: [
      ...['.gitignore', 'README.md', 'docs/examples.py'],
      ...['flows/a.py', 'lib/tests/test_tools.py', 'lib/tools.py']
    ],
    importRoots: [],
    modules: ['flows/a.py', 'lib/tools.py']
  })
})

test('lines of sources and folders of python-path choose with them', async () => {
  const { sources, importRoots, modules } = await found({
    flows: ['.', '!lib'],
    sources: ['docs', 'generated.py', '!lib/tests'],
    pythonPath: ['lib']
  })
  expect({ sources, importRoots, modules }).toEqual({
    sources: ['docs/examples.py', 'flows/a.py', 'generated.py', 'lib/tools.py'],
    importRoots: ['lib'],
    modules: ['docs/examples.py', 'flows/a.py', 'generated.py']
  })
})

test('the file of a secret is no source, whatever names it', async () => {
  const files = { 'flows/a.py': '', 'flows/token.txt': 's3cret', 'key.pem': 's3cret' }
  const { listed } = await found(
    {
      flows: ['flows'],
      sources: ['key.pem', 'flows/token.txt'],
      pythonPath: ['flows'],
      secretFiles: { TOKEN: 'flows/token.txt', KEY: './key.pem' }
    },
    files
  )
  expect(listed).toEqual(['flows/a.py'])
})
