import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { describeWithPrefect, field } from '../helpers/field.js'
import { oneFlow } from '../helpers/flowstore.js'

/** A module whose task reads a file beside it. */
const reading = (name: string): string =>
  `from pathlib import Path\n${oneFlow(name).replace('return 1', 'return (Path(__file__).parent / "q.sql").read_text()')}`

const STORAGE = {
  'storage.json': '{"type": "Bytes", "flows": {"orders": "", "customers": ""}}',
  'list.json': '[1]',
  'wrong.json': '{"type": "Local", "flows": 3}'
}

await describeWithPrefect('1.4.1', 'what flowstore says', python => {
  const build = ['build', 'flows', '--storage', 'bytes', '--python', python]

  /** A project of a monorepo, with a package in a folder beside it. */
  const monorepo = (module: string) => {
    const files = {
      'teams/a/flows/etl.py': module,
      'libs/shared/__init__.py': '',
      'libs/shared/tools.py': 'X = 1\n',
      'libs/acme/pyproject.toml': '[project]\nname = "acme-core"\n'
    }
    const repository = field(files)
    execFileSync('git', ['init', '--quiet'], { cwd: repository.root })
    return repository
  }
  const inProject = [...build, '--working-directory', 'teams/a']
  const SHARED =
    'The repository has the module `shared` in the folder `../../libs`: set `--python-path ../../libs`.'

  test('about a module of the repository beside the working directory: where it is, and the option', async () => {
    const { flowstore } = monorepo(`from shared.tools import X\n${oneFlow('etl')}`)
    const ended = await flowstore(inProject)
    expect([ended.code, ended.text]).toEqual([3, expect.stringContaining(`hint: ${SHARED}`)])
    expect(ended.text).not.toContain('python-dependencies')
    const built = await flowstore([...inProject, '--python-path', '../../libs'])
    expect([built.code, built.text]).toEqual([0, expect.stringContaining('1 flow')])
  }, 60_000)

  test('about such a module that is imported when a flow runs: the same', async () => {
    const module = oneFlow('etl').replace('return 1', 'import shared.tools')
    const ended = await monorepo(module).flowstore(inProject)
    expect([ended.code, ended.text]).toEqual([
      0,
      expect.stringContaining(`may import the module 'shared' at run time. ${SHARED}`)
    ])
    expect(ended.text).not.toContain('python-dependencies')
  }, 60_000)

  test('about such a module that a change of sys.path finds: the same', async () => {
    const module = `import sys\nsys.path.insert(0, "../../libs")\nfrom shared import tools\n${oneFlow('etl').replace('return 1', 'return tools.X')}`
    const ended = await monorepo(module).flowstore(inProject)
    // A module in a cell does not even see that folder.
    expect([3, 5]).toContain(ended.code)
    expect(ended.text).toContain(`hint: ${SHARED}`)
  }, 60_000)

  test('about a package of the repository that is not installed: its folder', async () => {
    const module = `from importlib.metadata import version\nversion("acme-core")\n${oneFlow('etl')}`
    const ended = await monorepo(module).flowstore(inProject)
    expect([ended.code, ended.text]).toEqual([
      3,
      expect.stringContaining('add `../../libs/acme` to --python-dependencies')
    ])
  }, 60_000)

  test('about data files that a storage does not hold: one notice for all modules', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `m${String(index).padStart(2, '0')}`)
    const modules = names.map(name => [`flows/${name}.py`, reading(name)] as const)
    const { flowstore } = field({ ...Object.fromEntries(modules), 'flows/q.sql': '' })
    const { code, text } = await flowstore(build)
    const notices = text.split('\n').filter(line => line.includes('holds no data files'))
    expect([code, notices]).toEqual([0, [expect.stringContaining('12 modules may read some')]])
    expect(notices[0]).toMatch(
      /flows\/m09\.py \(flows\/q\.sql\) and 2 more\. That works only where/
    )
  }, 60_000)

  test('about files that are no sources: which, and the flag that adds them', async () => {
    const { flowstore } = field({
      'flows/a.py': oneFlow('a'),
      'tests/test_a.py': '',
      '.gitattributes': ''
    })
    const { text } = await flowstore(build)
    expect(text).toContain(
      'Left out of the sources, since flows rarely read them: tests/test_a.py (tests). If a flow does, name the file in the option --sources'
    )
    expect(text).not.toContain('version control')
  }, 60_000)

  test('about options of an image with another storage: one error', async () => {
    const { flowstore } = field({ 'flows/a.py': oneFlow('a') })
    const args = ['--register', 'changed', '--registry-url', 'r.test', '--files', 'flows:/srv']
    const { code, text } = await flowstore([...build, ...args])
    expect([code, text.match(/^error /gm)]).toEqual([2, ['error ']])
    expect(text).toContain(
      "the options `--registry-url`, `--register` and `--files` work only with '--storage docker'"
    )
  }, 60_000)

  test('about a build without flows: what to name', async () => {
    const { code, text } = await field({}).flowstore(['build'])
    expect([code, text]).toEqual([
      2,
      expect.stringContaining('hint: Name files, folders or patterns with flow modules')
    ])
  }, 60_000)

  test('about an unknown topic: the groups, and all', async () => {
    const { code, text } = await field({}).flowstore(['help', 'build', 'nope'])
    expect([code, text]).toEqual([2, expect.stringContaining('loading, deployments, output, all.')])
  }, 60_000)

  test('about a flow that a storage does not have: its name, the nearest and all', async () => {
    const { code, text } = await field(STORAGE).flowstore([
      'run',
      'storage.json',
      '--flow',
      'order'
    ])
    expect(code).toBe(2)
    expect(text).toContain(`the storage 'storage.json' has no flow "order"`)
    expect(text).toContain('Did you mean "orders"? The storage has 2 flows: "orders", "customers".')
  }, 60_000)

  test('about a storage that is not valid: its file and its field', async () => {
    const { flowstore } = field(STORAGE)
    const list = await flowstore(['run', 'list.json'])
    expect(list.text).toContain('the storage must be a JSON object, not a list (list.json)')
    const wrong = await flowstore(['run', 'wrong.json'])
    expect(wrong.text).toContain('flows: Not a valid mapping type. (wrong.json)')
  }, 60_000)

  test('about a flow that fails with --quiet: how to see its output', async () => {
    const { flowstore } = field({
      'flows/a.py': oneFlow('a').replace('return 1', 'raise ValueError("no")')
    })
    await flowstore(build)
    const run = ['run', join('.flowstore', 'storage.json'), '--python', python]
    const quiet = await flowstore([...run, '--quiet'])
    expect([quiet.code, quiet.text]).toEqual([8, expect.stringContaining('without --quiet')])
    const loud = await flowstore(run)
    expect(loud.text).toContain('hint: The output of the flow, above this message, says why.')
  }, 60_000)

  test('about pip’s configuration with uv: the remedy as a flag', async () => {
    const { flowstore } = field({ 'flows/a.py': oneFlow('a') })
    const args = [...build, '--installer', 'uv', '--python-dependencies', 'six==1.16.0']
    const { code, text } = await flowstore(args, { PIP_FIND_LINKS: '/srv/wheels' })
    expect(code).toBe(4)
    expect(text).toContain('| pip is configured to use other indexes or to restrict packages')
    expect(text).toContain("or set '--installer pip'.")
    expect(text).not.toContain('installer: pip')
  }, 60_000)

  test('about a build kwarg of another type: the field and the types', async () => {
    const { flowstore } = field({ 'flows/a.py': oneFlow('a') })
    const args = ['build', 'flows', '--registry-url', 'r.test']
    const { text } = await flowstore([...args, '--build-kwargs', '{"labels": {"a": 1}}'])
    expect(text).toContain("'--build-kwargs' is wrong: 'labels.a' must be a text, not a number")
  }, 60_000)
})
