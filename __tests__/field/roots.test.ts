import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { buildStorage, loadFlows } from '../../src/index.js'
import { describeWithPrefect, field, type Field } from '../helpers/field.js'
import { freshName, oneFlow, run } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'

/** A flow whose task fails unless an expression is true. */
const flowThat = (imports: string, expression: string): string =>
  `${imports}\n${oneFlow('etl').replace('return 1', `assert ${expression}`)}`

/** Makes a git repository of it, so that `..` may lead to all of it. */
function inGit(repository: Field): Field {
  execFileSync('git', ['init', '--quiet'], { cwd: repository.root })
  return repository
}

/** A project of a monorepo, whose flow imports from a folder beside it, at its top and in its task. */
const MONOREPO = {
  'teams/a/flows/etl.py': flowThat(
    'from shared.tools import name',
    "name() == 'shared' and __import__('shared.late', fromlist=['X']).X == 1"
  ),
  'libs/shared/tools.py': "def name():\n    return 'shared'\n",
  'libs/shared/late.py': 'X = 1\n',
  'libs/ignored.log': 'x',
  '.gitignore': '*.log\n.flowstore\n'
}

const IN_A = ['--working-directory', 'teams/a']
const WITH_LIBS = ['--python-path', '../../libs']

/** Hides a folder of a repository, as on the machine where flows run later. */
const hide = ({ root }: Field, folder: string): void => {
  renameSync(join(root, folder), join(root, `hidden-${folder}`))
}

const json = ({ root }: Field, file: string): unknown =>
  JSON.parse(readFileSync(join(root, file), 'utf8'))

await describeWithPrefect('1.4.1', 'import roots and the working directory', python => {
  const local = ['--storage', 'local', '--directory', 'out', '--python', python]
  const build = (repository: Field, ...args: readonly string[]) =>
    repository.flowstore(['build', 'flows', ...local, ...args])
  const runFlow = ({ root }: Field, path: string) =>
    run(python, ['-c', RUN, join(root, path)], root)
  const RUN = [
    'import base64, json, sys, cloudpickle',
    'envelope = json.load(open(sys.argv[1]))',
    "flow = cloudpickle.loads(base64.b64decode(envelope['flow']))",
    'sys.exit(0 if flow.run().is_successful() else 1)'
  ].join('\n')
  const flowFile = (repository: Field, folder: string): string => {
    const { flows } = json(repository, `${folder}/.flowstore/storage.json`) as {
      readonly flows: Readonly<Record<string, string>>
    }
    return (flows['etl'] ?? '').slice(repository.root.length + 1)
  }

  test('a project of a monorepo is built with a folder beside it, and runs without that', async () => {
    const repository = inGit(field({ ...MONOREPO, 'requirements.txt': '\n' }))
    const requirements = ['--requirements-file', '../../requirements.txt']
    const ended = await build(repository, ...IN_A, ...WITH_LIBS, ...requirements)
    expect([ended.code, ended.text]).toEqual([0, expect.stringContaining('flows/etl.py:')])
    // The flow, two files of libs; what git ignores there is none.
    expect(ended.text).toContain('3 source files')
    const path = flowFile(repository, 'teams/a')
    expect(path).toMatch(/^teams\/a\/out\//)
    const report = json(repository, 'teams/a/.flowstore/report.json')
    expect(report).toMatchObject({ flows: [{ module: 'flows/etl.py' }] })
    hide(repository, 'libs')
    expect(await runFlow(repository, path)).toMatchObject({ code: 0 })
  }, 60_000)

  test('python-path is searched in the given order, before the working directory', async () => {
    const repository = field({
      'flows/etl.py': flowThat('import helper, other', "(helper.F, other.F) == ('b', 'a')"),
      'a/helper.py': "F = 'a'",
      'a/other.py': "F = 'a'",
      'b/helper.py': "F = 'b'",
      'other.py': "F = 'root'"
    })
    const ended = await build(repository, '--python-path', 'b', '--python-path', 'a')
    expect([ended.code, ended.text]).toEqual([0, expect.stringContaining('1 flow')])
    const path = flowFile(repository, '.')
    hide(repository, 'a')
    hide(repository, 'b')
    expect(await runFlow(repository, path)).toMatchObject({ code: 0 })
  }, 60_000)

  test('a link to a folder of the repository, and the repository itself, are import roots', async () => {
    const repository = inGit(
      field({
        ...MONOREPO,
        'teams/a/flows/etl.py': flowThat(
          'import libs.shared.late, shared.tools',
          "libs.shared.late.X == 1 and shared.tools.name() == 'shared'"
        )
      })
    )
    symlinkSync('../../libs', join(repository.root, 'teams/a/vendored'))
    const paths = ['--python-path', 'vendored', '--python-path', '../..']
    const ended = await build(repository, ...IN_A, ...paths)
    expect([ended.code, ended.text]).toEqual([0, expect.stringContaining('1 flow')])
  }, 60_000)

  test('a dotted module is found below python-path, and is a source', async () => {
    const repository = inGit(field({ ...MONOREPO, 'libs/acme/etl.py': oneFlow('etl') }))
    const flows = ['build', 'acme.etl', ...local, ...IN_A, ...WITH_LIBS]
    const ended = await repository.flowstore(flows)
    expect([ended.code, ended.text]).toEqual([0, expect.stringContaining('../../libs/acme/etl.py')])
  }, 60_000)

  test('the library takes both options', async () => {
    const { root: cwd } = inGit(field(MONOREPO))
    const options = { flows: 'flows', workingDirectory: 'teams/a', pythonPath: '../../libs' }
    const { report } = await buildStorage({ ...options, storage: 'bytes', python }, { cwd })
    expect(report.flows.map(({ name }) => name)).toEqual(['etl'])
    const project = { cwd: join(cwd, 'teams/a') }
    const loaded = await loadFlows(
      { flows: ['flows'], pythonPath: ['../../libs'], python },
      project
    )
    expect(loaded.flows.map(({ name }) => name)).toEqual(['etl'])
  }, 60_000)

  test('an error in a folder beside the project names its file', async () => {
    const repository = inGit(field({ ...MONOREPO, 'libs/shared/tools.py': '\nraise KeyError(1)' }))
    const ended = await build(repository, ...IN_A, ...WITH_LIBS)
    expect([ended.code, ended.text]).toEqual([
      3,
      expect.stringContaining('error MODULE_IMPORT: KeyError: 1 (../../libs/shared/tools.py:2)')
    ])
  }, 60_000)

  test('folders that can’t be used are named, with the option', async () => {
    const repository = inGit(field({ ...MONOREPO, 'a.txt': '' }))
    const paths = ['../../none', '../../..', '../../a.txt', '../../.git']
    const ended = await build(
      repository,
      ...IN_A,
      ...paths.flatMap(path => ['--python-path', path])
    )
    expect(ended.code).toBe(2)
    expect(ended.text.match(/error .*/g)).toEqual([
      "error FILE_NOT_FOUND: the folder '../../none' in --python-path does not exist",
      `error INVALID_OPTION: the folder '../../..' in --python-path lies outside the git repository ${repository.root}`,
      "error INVALID_OPTION: '../../a.txt' in --python-path is not a folder",
      "error INVALID_OPTION: the folder '../../.git' in --python-path is version control, which is never loaded"
    ])
  }, 60_000)

  test.each([
    ['none', "the --working-directory 'none' does not exist"],
    ['a.txt', "the --working-directory 'a.txt' is not a folder"],
    ['..', "the --working-directory '..' lies outside"]
  ])(
    'the working directory %s is refused',
    async (folder, message) => {
      const repository = field({ ...MONOREPO, 'a.txt': '' })
      const ended = await build(repository, '--working-directory', folder)
      expect([ended.code, ended.text]).toEqual([2, expect.stringContaining(message)])
    },
    60_000
  )

  test('without git, paths stay in the working directory', async () => {
    const repository = field({ ...MONOREPO, 'requirements.txt': '\n' })
    const libs = await build(repository, ...IN_A, ...WITH_LIBS)
    const outside = `lies outside the working directory ${repository.root}/teams/a`
    expect([libs.code, libs.text]).toEqual([2, expect.stringContaining(outside)])
    const file = await build(repository, ...IN_A, '--requirements-file', '../../requirements.txt')
    expect(file.text).toContain(
      `'../../requirements.txt' in the option --requirements-file ${outside}`
    )
  }, 60_000)

  test('a local package outside the repository is refused, with its line', async () => {
    const repository = inGit(field({ ...MONOREPO, 'requirements.txt': '\n-e ../../../shared\n' }))
    mkdirSync(join(repository.root, '../shared'), { recursive: true })
    const requirements = ['--requirements-file', '../../requirements.txt']
    const ended = await build(repository, ...IN_A, ...WITH_LIBS, ...requirements)
    expect([ended.code, ended.text]).toEqual([
      2,
      expect.stringMatching(
        /the requirement '-e \.\.\/\.\.\/\.\.\/shared' of \.\.\/\.\.\/requirements\.txt lies outside the git repository .* \(\.\.\/\.\.\/requirements\.txt:2\)/
      )
    ])
  }, 60_000)
})

describeWith(
  ['docker', 'registry', 'prefect:1.4.1'],
  'an image of a project of a monorepo',
  bed => {
    const PACKAGE = {
      'libs/acme/setup.py':
        'from setuptools import setup\nsetup(name="acme", version="1", packages=["acme"])\n',
      'libs/acme/acme/__init__.py': 'V = 7\n'
    }

    test('has the modules and packages beside it, and is found again until one changes', async () => {
      const repository = inGit(
        field({
          ...MONOREPO,
          ...PACKAGE,
          'teams/a/flows/etl.py': `import acme\nassert acme.V == 7\n${MONOREPO['teams/a/flows/etl.py']}`,
          'requirements.txt': '-e ../../libs/acme\n'
        })
      )
      const build = () =>
        repository.flowstore(
          [
            'build',
            'flows',
            ...IN_A,
            ...['--python-path', '../../libs', '--requirements-file', '../../requirements.txt'],
            ...['--base-image', bed.prefectBase, '--image-name', name],
            ...['--registry-url', bed.registry.url]
          ],
          { DOCKER_HOST: bed.dockerHost }
        )
      const name = freshName('roots')
      const first = await build()
      expect([first.code, first.text]).toEqual([0, expect.stringContaining('1 flow')])
      expect((await build()).text).toContain('Unchanged: ')
      const storage = 'teams/a/.flowstore/storage.json'
      const ran = await repository.flowstore(['run', storage], { DOCKER_HOST: bed.dockerHost })
      expect([ran.code, ran.text]).toEqual([0, expect.stringContaining('etl: Success')])
      repository.write('libs/shared/late.py', 'X = 2\n')
      expect((await build()).text).not.toContain('Unchanged: ')
    }, 300_000)
  }
)
