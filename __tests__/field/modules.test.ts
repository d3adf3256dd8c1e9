import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { describeWithPrefect, field, type FieldRun } from '../helpers/field.js'
import { oneFlow } from '../helpers/flowstore.js'

/** A build of a small repository, in bytes storage. */
async function build(
  python: string,
  files: Readonly<Record<string, string>>,
  flows: readonly string[],
  more: readonly string[] = []
): Promise<FieldRun> {
  const args = ['build', ...flows, '--storage', 'bytes', '--python', python, ...more]
  return field(files).flowstore(args)
}

interface StoredFlow {
  readonly name: string
  readonly module: string
  readonly line: number
}

/** `name module:line` of each flow of a build. */
const stored = ({ root }: FieldRun): string[] => {
  const report = JSON.parse(readFileSync(join(root, '.flowstore/report.json'), 'utf8')) as {
    readonly flows: readonly StoredFlow[]
  }
  return report.flows.map(({ name, module, line }) => `${name} ${module}:${line}`)
}

const withImport = (line: string, name: string): string => `${line}\n${oneFlow(name)}`

const factory = `from prefect import Flow


def build_flow():
    with Flow("made") as flow:
        pass
    return flow
`

await describeWithPrefect('1.4.1', 'flow modules', python => {
  test('are loaded from folders and files whose name is no identifier, and their flows run', async () => {
    const { flowstore } = field({
      'v1.2/__init__.py': '',
      'v1.2/near.py': 'X = 1\n',
      'v1.2/a.py': withImport('from near import X', 'a'),
      '2024-01/__init__.py': '',
      '2024-01/near.py': 'X = 1\n',
      '2024-01/b.py': withImport('from .near import X', 'b'),
      '{{cookiecutter.name}}/__init__.py': '',
      '{{cookiecutter.name}}/c.py': oneFlow('c'),
      'my-flow.py': oneFlow('d')
    })
    const args = ['--storage', 'local', '--directory', 'stored', '--python', python]
    const built = await flowstore(['build', '.', '!**/near.py', ...args])
    expect([built.code, built.text]).toEqual([0, expect.stringContaining('4 flows')])
    const ran = await flowstore([
      'run',
      '.flowstore/storage.json',
      '--flow',
      'a',
      '--python',
      python
    ])
    expect([ran.code, ran.text]).toEqual([0, expect.stringContaining('Success')])
  }, 60_000)

  test('that import relatively where that can’t work get a hint', async () => {
    const files = {
      'v1.2/__init__.py': '',
      'v1.2/near.py': 'X = 1\n',
      'v1.2/a.py': withImport('from .near import X', 'a')
    }
    const { code, text } = await build(python, files, ['v1.2/a.py'])
    expect([code, text]).toEqual([3, expect.stringContaining('write `from near import X`')])
  }, 60_000)

  test('that a line !PATTERN matches are left out', async () => {
    const files = { 'flows/a.py': oneFlow('a'), 'flows/b.py': oneFlow('b'), 'flows/c/d.py': '1/0' }
    const ended = await build(python, files, ['flows', '!flows/c', '!**/b*.py', '!nope'])
    expect(ended.code).toBe(0)
    expect(stored(ended)).toEqual(['a flows/a.py:9'])
    expect(ended.text).toContain("warning: '!nope' in flows leaves nothing out")
  }, 60_000)

  test('are not only left out', async () => {
    const ended = await build(python, { 'a.py': oneFlow('a') }, ['!a.py'])
    expect([ended.code, ended.text]).toEqual([2, expect.stringContaining('only exclusions')])
  }, 60_000)

  test('that are loaded under two names have each flow once, where it was defined', async () => {
    const made = `${oneFlow('base')}\ncopied = flow.copy()\ncopied.name = "copied"\n`
    const { root, flowstore } = field({
      'a.py': 'from src.flows.x import *\n',
      'b.py': 'from flows.x import flow, copied\n',
      'c.py': 'from linked.x import flow\n',
      'src/flows/__init__.py': '',
      'src/flows/x.py': made
    })
    symlinkSync('src/flows', join(root, 'linked'))
    const ended = await flowstore(['build', '.', '--storage', 'bytes', '--python', python])
    expect(ended.code).toBe(0)
    expect(stored({ ...ended, root })).toEqual([
      'base src/flows/x.py:9',
      'copied src/flows/x.py:12'
    ])
  }, 60_000)

  test('without a flow are a notice that says what was seen in them', async () => {
    const files = {
      'ok.py': oneFlow('ok'),
      'util.py': 'X = 1\n',
      'fac.py': factory,
      'main.py': 'from prefect import Flow\nif __name__ == "__main__":\n    Flow("x").run()\n',
      'cls.py': 'from prefect import Flow\nclass A:\n    flow = Flow("x")\n'
    }
    const ended = await build(python, files, ['.'])
    expect([ended.code, stored(ended)]).toEqual([0, ['ok ok.py:9']])
    expect(ended.text).toContain('1 module has no flow: util.py')
    const [notice] = ended.text.split('\n').filter(line => line.startsWith('notice: '))
    expect(notice).toContain(
      'no flow is stored from 3 modules. In cls.py, the class `A` builds a flow. In fac.py, the function `build_flow` builds a flow. In main.py, the block `if __name__ == "__main__":` builds a flow. To store such a flow, '
    )
  }, 60_000)

  test('have functions that return flows, which path.py:function calls', async () => {
    const ended = await build(python, { 'fac.py': factory }, ['fac.py:build_flow'])
    expect([ended.code, stored(ended)]).toEqual([0, ['made fac.py:5']])
  }, 60_000)

  test('are named with their flows and functions if a flow is not found', async () => {
    const files = { 'fac.py': `${factory}\nother = Flow("other")\n` }
    const { code, text } = await build(python, files, ['fac.py:nope'])
    expect([code, text]).toEqual([
      3,
      expect.stringContaining(
        'No flow "nope" in fac.py. It has the flow "other". The function `build_flow` builds a flow.'
      )
    ])
  }, 60_000)

  test('are not notebooks: a notice or an error says how to export one', async () => {
    const files = { 'a.py': oneFlow('a'), 'x.ipynb': '{"source": "import prefect"}' }
    const found = await build(python, files, ['.'])
    const hint = "jupyter nbconvert --to script 'x.ipynb'"
    expect([found.code, found.text]).toEqual([0, expect.stringContaining(hint)])
    const named = await build(python, files, ['x.ipynb'])
    expect([named.code, named.text]).toEqual([2, expect.stringContaining(hint)])
  }, 60_000)

  test('with a storage that flowstore does not fill are stored if the option storage is set', async () => {
    const files = {
      'a.py': `from prefect import Flow\nfrom prefect.storage import S3\nflow = Flow("a", storage=S3(bucket="b"))\n`
    }
    const ended = await build(python, files, ['a.py'])
    expect([ended.code, stored(ended)]).toEqual([0, ['a a.py:3']])
    expect(ended.text).toContain('its module sets S3 storage; it is stored in bytes storage')
  }, 60_000)
})
