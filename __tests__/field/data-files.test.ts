import { expect, test } from '@jest/globals'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { describeWithPrefect, field } from '../helpers/field.js'
import { freshName, run } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'

/** A flow whose only task prints an expression as `GOT ...`. */
const printing = (name: string, expression: string, more = ''): string => `
import os, subprocess
from pathlib import Path
from prefect import Flow, task
${more}

HERE = Path(__file__).parent
SQL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sql")


@task
def one():
    print("GOT", ${expression})


with Flow("${name}") as flow:
    one()
`

const RENDER = `
import pkgutil
from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates"


def texts():
    try:
        from importlib.resources import read_text
    except ImportError:
        def read_text(package, name):
            return pkgutil.get_data(package, name).decode()
    return [
        (Path(__file__).parent / "welcome.txt").read_text(),
        (TEMPLATES / "bye.txt").read_text(),
        pkgutil.get_data("mails", "welcome.txt").decode(),
        read_text("mails", "welcome.txt"),
    ]
`

const FILES = {
  'flows/mails/__init__.py': '',
  'flows/mails/render.py': RENDER,
  'flows/mails/welcome.txt': 'welcome',
  'flows/mails/templates/bye.txt': 'bye',
  'flows/query.sql': 'query',
  'flows/sql/deep.sql': 'deep',
  'flows/job.sh': '#!/bin/sh\necho ran',
  'shared/up.sql': 'up',
  'flows/mail.py': printing(
    'mail',
    'texts(), (TEMPLATES / "bye.txt").read_text()',
    'from mails.render import TEMPLATES, texts'
  ),
  'flows/sql.py': printing(
    'sql',
    '[(Path(__file__).parent / "query.sql").read_text(), (HERE / "query.sql").read_text(), open(os.path.join(SQL, "deep.sql")).read(), (HERE.parent / "shared/up.sql").read_text(), subprocess.check_output([str(HERE / "job.sh")])]'
  )
}

/** A package that reads files above its own folder. */
const ABOVE = {
  'flows/mails/__init__.py': '',
  'flows/mails/render.py': `
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def texts():
    below = os.path.join(os.path.dirname(__file__), "..", "queries", "a.sql")
    return [
        (ROOT / "templates" / "x.html").read_text(),
        open(below).read(),
        (ROOT.parent / "sql" / "b.sql").read_text(),
    ]
`,
  'flows/templates/x.html': 'page',
  'flows/queries/a.sql': 'below',
  'sql/b.sql': 'above',
  '.git/HEAD': '',
  '.gitignore': 'generated/\n.env',
  'generated/g.csv': 'made',
  'certs/ca.pem': 'key',
  '.env': 'A=1',
  'tests/test_a.py': '',
  'tests/t.json': '{}',
  'flows/above.py': printing(
    'above',
    'texts(), [(HERE.parent / name).read_text() for name in FILES]',
    'from mails.render import texts\nROOT = Path(__file__).parents[1]\n' +
      'FILES = [ROOT / "generated" / "g.csv", ROOT / "certs/ca.pem", ROOT / ".env", ROOT / "tests/t.json"]'
  )
}

/** What brings the files that stay behind, as the warnings name it. */
const REMEDIES = [
  '--sources generated/g.csv',
  '--files certs/ca.pem:/opt/flowstore/repository-files/certs/ca.pem',
  '--files .env:/opt/flowstore/repository-files/.env',
  '--sources tests/t.json',
  '--files sql/b.sql:/opt/sql/b.sql'
]

const MAILS = "GOT ['welcome', 'bye', 'welcome', 'welcome'] bye"
const QUERIES = String.raw`GOT ['query', 'query', 'deep', 'up', b'ran\n']`

const escaped = (text: string): string => text.replace(/[.]/g, String.raw`\.`)

describeWith(['docker', 'registry', 'prefect:1.4.1'], 'data files', bed => {
  const daemon = { DOCKER_HOST: bed.dockerHost }
  const into = (name: string) => [
    ...['--base-image', bed.prefectBase],
    ...['--registry-url', `${bed.registry.url}/${freshName('data')}`, '--image-name', name]
  ]

  test('travel with packages and flow modules, to a run in another folder', async () => {
    const { root, flowstore } = field(FILES)
    chmodSync(join(root, 'flows/job.sh'), 0o755)
    const args = ['build', 'flows/mail.py', 'flows/sql.py', ...into('flows'), '--json']
    const built = await flowstore(args, daemon)
    expect([built.code, built.text]).toEqual([0, expect.not.stringContaining('warning')])
    for (const [flow, printed] of [
      ['mail', MAILS],
      ['sql', QUERIES]
    ] as const) {
      const ran = await flowstore(['run', '.flowstore/storage.json', '--flow', flow], daemon)
      expect([ran.code, ran.text]).toEqual([0, expect.stringContaining(printed)])
    }
    // As an agent runs it: Prefect reads the flow, in another working directory.
    const image = /"image":\s*"([^"]+)"/.exec(built.stdout)?.[1] ?? ''
    const code = `from prefect.storage import Docker
storage = Docker()
storage.flows = {"sql": "/opt/prefect/flows/sql.prefect"}
storage.get_flow("sql").run()`
    const docker = ['run', '--rm', '-w', '/var', image, 'python', '-c', code]
    const ran = await run('docker', docker, root, { ...process.env, ...daemon })
    expect(ran.stdout).toContain(QUERIES)
  }, 120_000)

  test('above a package travel; the warning about each other one names what brings it', async () => {
    const { flowstore } = field(ABOVE)
    const build = ['build', 'flows/above.py', ...into('above')]
    const warned = await flowstore(build, daemon)
    expect(warned.code).toBe(0)
    for (const remedy of REMEDIES) {
      expect(warned.text).toMatch(
        new RegExp(`warning: .* which does not travel: .*'${escaped(remedy)}'.*\\.py:\\d+\\)`)
      )
    }
    expect(warned.text).not.toMatch(/warning: .*(x\.html|a\.sql)/)
    const brought = await flowstore(
      [...build, ...REMEDIES.flatMap(line => line.split(' '))],
      daemon
    )
    expect([brought.code, brought.text]).toEqual([0, expect.not.stringContaining('warning')])
    const ran = await flowstore(['run', '.flowstore/storage.json'], daemon)
    expect([ran.code, ran.text]).toEqual([
      0,
      expect.stringContaining("GOT ['page', 'below', 'above'] ['made', 'key', 'A=1', '{}']")
    ])
  }, 120_000)

  test('of modules without a flow, which flow modules of the same folder import, travel', async () => {
    const near = `from pathlib import Path
def text(): return (Path(__file__).parent / 'sql/q.sql').read_text()
`
    const { flowstore } = field({
      'flows/sql/q.sql': 'query',
      'flows/near.py': near,
      'flows/a.py': printing(
        'a',
        '[text(), square()]',
        'from near import text\nfrom work import square'
      ),
      'flows/work.py':
        'from multiprocessing import Pool\ndef times(x): return x * x\n' +
        'def square(): return Pool(2).map(times, [2])[0]\n'
    })
    // The line that leaves a module out has the processes of a pool import it.
    const args = ['build', 'flows', '!flows/work.py', ...into('near')]
    const built = await flowstore(args, daemon)
    expect([built.code, built.text]).toEqual([0, expect.not.stringContaining('warning')])
    const ran = await flowstore(['run', '.flowstore/storage.json'], daemon)
    expect([ran.code, ran.text]).toEqual([0, expect.stringContaining("GOT ['query', 4]")])
  }, 120_000)

  test('lie beside the module of a script storage', async () => {
    const module = printing(
      'script',
      'TEXT',
      'TEXT = (Path(__file__).parent / "sql/deep.sql").read_text()'
    )
    const { flowstore } = field({ ...FILES, 'flows/script.py': module })
    const script = ['--stored-as-script', '--path', '/opt/prefect/flows/script.py']
    const built = await flowstore(
      ['build', 'flows/script.py', ...script, ...into('script')],
      daemon
    )
    expect([built.code, built.text]).toEqual([0, expect.not.stringContaining('warning')])
    const ran = await flowstore(['run', '.flowstore/storage.json', '--flow', 'script'], daemon)
    expect([ran.code, ran.text]).toEqual([0, expect.stringContaining('GOT deep')])
  }, 120_000)
})

await describeWithPrefect('1.4.1', 'what a flow needs at run time', python => {
  const build = ['build', 'flows', '--storage', 'bytes', '--python', python]

  test('a file that is named relative to the working directory is a warning with its line', async () => {
    const { flowstore } = field({
      'flows/a.py': printing('a', 'open("config/a.yml").read()'),
      'config/a.yml': ''
    })
    const { code, text } = await flowstore(build)
    expect(code).toBe(0)
    expect(text).toMatch(
      /warning: flow "a" may read 'config\/a\.yml' relative to the working directory, which is another one in a run/
    )
  }, 60_000)

  test('a file that only the load reads is no warning', async () => {
    const module = printing(
      'a',
      'CONFIG',
      'def load(): return open("a.yml").read()\nCONFIG = load()'
    )
    const { flowstore } = field({
      'flows/a.py': module.replace(/^(HERE|SQL).*$/gm, ''),
      'a.yml': ''
    })
    const { code, text } = await flowstore(build)
    expect([code, text]).toEqual([0, expect.not.stringContaining('may read')])
  }, 60_000)

  test('a storage without an image says which files it does not hold, and where they are found', async () => {
    const { root, flowstore } = field(FILES)
    const { code, text } = await flowstore(build)
    expect(code).toBe(0)
    expect(text).toContain('bytes storage holds no data files, but')
    expect(text).toContain(
      '3 modules may read some when a flow runs: flows/mail.py (flows/job.sh, ...)'
    )
    expect(text).toContain(`only where the repository lies at ${root}`)
  }, 60_000)

  test('a storage without an image names files above a package too, and those that are no sources', async () => {
    const { flowstore } = field(ABOVE)
    const { code, text } = await flowstore(build)
    expect(code).toBe(0)
    expect(text).toContain(
      '2 modules may read some when a flow runs: flows/above.py (flows/queries/a.sql, ...), flows/mails/render.py (flows/queries/a.sql, ...)'
    )
  }, 60_000)

  test('a file that only the load reads from a path of the module is no warning', async () => {
    const module = printing('a', 'TEXT', 'TEXT = (Path(__file__).parent / "../.cfg").read_text()')
    const { flowstore } = field({ 'flows/a.py': module, '.cfg': 'x' })
    const { code, text } = await flowstore(build)
    expect([code, text]).toEqual([0, expect.not.stringContaining('may read')])
  }, 60_000)

  test('a function of the flow module in a process pool is a warning that names the fix', async () => {
    const module = printing(
      'a',
      'Pool(2).map(square, [1])',
      'from multiprocessing import Pool\ndef square(x): return x'
    )
    const { flowstore } = field({ 'flows/a.py': module })
    const { code, text } = await flowstore(build)
    expect(code).toBe(0)
    expect(text).toMatch(
      /may send the function 'square' to a pool of processes, which fails.*another module/
    )
  }, 60_000)

  test('so is a function that it imports from a module without a flow, beside it', async () => {
    const { flowstore } = field({
      'flows/work.py': 'def square(x): return x\n',
      'flows/a.py': printing(
        'a',
        'Pool(2).map(square, [1])',
        'from multiprocessing import Pool\nfrom work import square'
      )
    })
    const { code, text } = await flowstore(build)
    expect([code, text]).toEqual([0, expect.stringContaining("send the function 'square'")])
  }, 60_000)
})
