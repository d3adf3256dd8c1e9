import { chmodSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { field } from '../helpers/field.js'
import { freshName, writeFiles } from '../helpers/flowstore.js'
import {
  compared,
  flowWith,
  incrementalSession,
  resultOf,
  type BuildMore,
  type Files,
  type Generation,
  type IncrementalSession
} from '../helpers/incremental.js'
import { describeWith } from '../helpers/test-bed.js'

const LIMIT = 120_000
const A = 'flows/a.py'
const B = 'flows/b.py'

/** A repository, a change of it, and the flow modules that have to be loaded after it. */
interface Trick {
  readonly title: string
  /** Code of the module A, and the expression of its parameter. */
  readonly a?: readonly [code: string, expression: string]
  readonly b?: readonly [code: string, expression: string]
  readonly files?: Files
  /** Files that are written. */
  readonly edit?: Files
  /** Changes the folder of the repository before the first build. */
  readonly prepare?: (root: string) => void
  readonly change?: (root: string) => void
  readonly more?: BuildMore
  readonly loaded: readonly string[]
  /** Whether no two loads give the same. */
  readonly isRandom?: boolean
}

const FILES: Files = {
  'lib/__init__.py': 'NAME = 1\n',
  'lib/one.py': 'VALUE = 1\n',
  'lib/two.py': 'VALUE = 2\n',
  'lib/deep.py': 'from lib.one import VALUE\n',
  'spaces/inner.py': 'VALUE = 1\n',
  'data/x.txt': '1',
  'data/y.txt': '1',
  'flows/q.sql': '1'
}

const reads = (path: string): string => `VALUE = open('${path}').read()`

const TRICKS: readonly Trick[] = [
  { title: 'nothing changes', loaded: [] },
  { title: 'the module itself changes', a: ['', '1'], edit: { [A]: '# other' }, loaded: [A] },
  { title: 'a module that nobody imports', edit: { 'lib/two.py': 'VALUE = 3' }, loaded: [] },
  { title: 'a file that nobody opens', edit: { 'data/y.txt': '2' }, loaded: [] },
  {
    title: 'an imported module',
    a: ['from lib import one', 'one.VALUE'],
    edit: { 'lib/one.py': 'VALUE = 9' },
    loaded: [A]
  },
  {
    title: 'the package of an imported module',
    a: ['import lib.one', 'lib.NAME'],
    edit: { 'lib/__init__.py': 'NAME = 9' },
    loaded: [A]
  },
  {
    title: 'a module that an imported module imports',
    a: ['from lib.deep import VALUE', 'VALUE'],
    edit: { 'lib/one.py': 'VALUE = 9' },
    loaded: [A]
  },
  {
    title: 'names that are imported with a star',
    a: ['from lib.one import *', 'VALUE'],
    edit: { 'lib/one.py': 'VALUE = 9' },
    loaded: [A]
  },
  {
    title: 'a module that only a function imports',
    a: ['def later():\n    import lib.one', '1'],
    edit: { 'lib/one.py': 'VALUE = 9' },
    loaded: [A]
  },
  {
    title: 'a module whose name is computed',
    a: ["import importlib\nm = importlib.import_module('lib.' + 'one')", 'm.VALUE'],
    edit: { 'lib/one.py': 'VALUE = 9' },
    loaded: [A]
  },
  {
    title: 'a module that __import__ imports',
    a: ["m = __import__('lib.one', fromlist=['x'])", 'm.VALUE'],
    edit: { 'lib/one.py': 'VALUE = 9' },
    loaded: [A]
  },
  {
    title: 'a file that says what is imported',
    a: [
      "import importlib\nm = importlib.import_module('lib.' + open('data/name.txt').read())",
      'm.VALUE'
    ],
    files: { 'data/name.txt': 'one' },
    edit: { 'data/name.txt': 'two' },
    loaded: [A]
  },
  {
    title: 'a folder that is added to sys.path',
    a: ["import sys\nsys.path.insert(0, 'lib')\nimport one", 'one.VALUE'],
    edit: { 'lib/one.py': 'VALUE = 9' },
    loaded: [A]
  },
  {
    title: 'a module that runs by its path',
    a: ["import runpy\nVALUE = runpy.run_path('lib/one.py')['VALUE']", 'VALUE'],
    edit: { 'lib/one.py': 'VALUE = 9' },
    loaded: [A]
  },
  {
    title: 'code that is read and executed',
    a: ["space = {}\nexec(open('lib/one.py').read(), space)", "space['VALUE']"],
    edit: { 'lib/one.py': 'VALUE = 9' },
    loaded: [A]
  },
  {
    title: 'a module of an import hook',
    a: [
      `
import sys, importlib.abc, importlib.machinery
class Magic(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None):
        if name == 'magic':
            return importlib.machinery.ModuleSpec(name, self)
    def exec_module(self, module):
        module.VALUE = open('data/x.txt').read()
sys.meta_path.append(Magic())
import magic`,
      'magic.VALUE'
    ],
    edit: { 'data/x.txt': '2' },
    loaded: [A]
  },
  {
    title: 'a new module before an imported one on the path',
    a: ['import two', 'two.VALUE'],
    files: { 'two.py': 'VALUE = 2' },
    edit: { 'flows/two.py': 'VALUE = 9' },
    loaded: [A, B, 'flows/two.py']
  },
  {
    title: 'a new package before an imported module',
    a: ['from lib import one', 'one.VALUE'],
    edit: { 'lib/one/__init__.py': 'VALUE = 9' },
    loaded: [A, B]
  },
  {
    title: 'a namespace package that becomes a package',
    a: ['import spaces.inner', "str(getattr(spaces, 'NAME', 0))"],
    edit: { 'spaces/__init__.py': 'NAME = 9' },
    loaded: [A, B]
  },
  {
    title: 'a module that was absent',
    a: ['try:\n    import extra\nexcept ImportError:\n    extra = None', 'extra is None'],
    edit: { 'extra.py': '' },
    loaded: [A, B]
  },
  {
    title: 'a module that is removed',
    a: ['try:\n    import extra\nexcept ImportError:\n    extra = None', 'extra is None'],
    files: { 'extra.py': '' },
    change: root => {
      rmSync(join(root, 'extra.py'))
    },
    loaded: [A, B]
  },
  {
    title: 'a file that is asked for',
    a: ["import os\nVALUE = os.path.exists('data/z.txt')", 'VALUE'],
    edit: { 'data/z.txt': '' },
    loaded: [A, B]
  },
  {
    title: 'a folder that is asked for',
    a: ["import os\nVALUE = os.path.isdir('more')", 'VALUE'],
    edit: { 'more/z.txt': '' },
    loaded: [A, B]
  },
  {
    title: 'a file that becomes a folder',
    a: ["import os\nVALUE = os.path.isdir('data/y.txt')", 'VALUE'],
    change: root => {
      rmSync(join(root, 'data/y.txt'))
      writeFiles(root, { 'data/y.txt/z': '' })
    },
    loaded: [A, B]
  },
  {
    title: 'the names in a folder',
    a: ["import os\nVALUE = len(os.listdir('data'))", 'VALUE'],
    edit: { 'data/z.txt': '' },
    loaded: [A, B]
  },
  {
    title: 'a name in a folder of data beside the module',
    a: [
      "from pathlib import Path\nVALUE = sorted(p.name for p in Path(__file__).parent.glob('*.sql'))",
      'str(VALUE)'
    ],
    change: root => {
      renameSync(join(root, 'flows/q.sql'), join(root, 'flows/r.sql'))
    },
    loaded: [A, B]
  },
  {
    title: 'a mode of a file',
    a: ["import os\nVALUE = os.access('data/x.txt', os.X_OK)", 'VALUE'],
    change: root => {
      chmodSync(join(root, 'data/x.txt'), 0o755)
    },
    loaded: [A, B]
  },
  {
    title: 'a file that is opened',
    a: [reads('data/x.txt'), 'VALUE'],
    edit: { 'data/x.txt': '2' },
    loaded: [A]
  },
  {
    title: 'a file that is opened after a change of the working directory',
    a: [`import os\nos.chdir('data')\n${reads('x.txt')}`, 'VALUE'],
    edit: { 'data/x.txt': '2' },
    loaded: [A]
  },
  {
    title: 'a file that is opened with a descriptor of its folder',
    a: [
      "import os\nd = os.open('data', os.O_RDONLY)\nVALUE = os.read(os.open('x.txt', 0, dir_fd=d), 9)",
      'VALUE.decode()'
    ],
    edit: { 'data/x.txt': '2' },
    loaded: [A]
  },
  {
    title: 'a file that a thread opens',
    a: [
      "import threading\nfound = []\nt = threading.Thread(target=lambda: found.append(open('data/x.txt').read()))\nt.start()\nt.join()\nVALUE = found[0]\ndel t",
      'VALUE'
    ],
    edit: { 'data/x.txt': '2' },
    loaded: [A]
  },
  {
    title: 'a file that C code opens',
    a: [
      "def value():\n    import ctypes\n    libc = ctypes.CDLL(None)\n    text = ctypes.create_string_buffer(9)\n    libc.read(libc.open(b'data/x.txt', 0), text, 8)\n    return text.value.decode()",
      'value()'
    ],
    edit: { 'data/x.txt': '2' },
    loaded: [A]
  },
  {
    title: 'a file that is mapped into memory',
    a: [
      "def value():\n    import mmap\n    with open('data/x.txt', 'rb') as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as m:\n        return m[:].decode()",
      'value()'
    ],
    edit: { 'data/x.txt': '2' },
    loaded: [A]
  },
  {
    title: 'data of a package',
    a: ["import pkgutil\nVALUE = pkgutil.get_data('lib', 'one.py').decode()", 'VALUE'],
    edit: { 'lib/one.py': 'VALUE = 9' },
    loaded: [A]
  },
  {
    title: 'the source of a function of another module',
    a: ['import inspect\nfrom lib import source\nVALUE = inspect.getsource(source.f)', 'VALUE'],
    files: { 'lib/source.py': 'def f():\n    return 1\n' },
    edit: { 'lib/source.py': 'def f():\n    return 2\n' },
    loaded: [A]
  },
  {
    title: 'the text of another flow module',
    a: [
      `from pathlib import Path\nVALUE = len(Path(__file__).with_name('b.py').read_text())`,
      'VALUE'
    ],
    edit: { [B]: '# other' },
    loaded: [A, B]
  },
  {
    title: 'a flow module that another imports',
    b: ['from flows.a import VALUE', 'VALUE'],
    a: ['VALUE = 1', 'VALUE'],
    edit: { [A]: 'VALUE = 2' },
    loaded: [A, B]
  },
  {
    title: 'a function of a shared module',
    a: ['from lib.shared import f', 'f()'],
    b: ['from lib.shared import f', 'f()'],
    files: { 'lib/shared.py': 'def f():\n    return 1' },
    edit: { 'lib/shared.py': 'def f():\n    return 2' },
    loaded: [A, B]
  },
  {
    title: 'the target of a link',
    a: [reads('linked.txt'), 'VALUE'],
    prepare: root => {
      symlinkSync('data/x.txt', join(root, 'linked.txt'))
    },
    edit: { 'data/x.txt': '2' },
    loaded: [A]
  },
  {
    title: 'a file below a linked folder',
    a: [reads('linked/x.txt'), 'VALUE'],
    prepare: root => {
      symlinkSync('data', join(root, 'linked'))
    },
    edit: { 'data/x.txt': '2' },
    loaded: [A]
  },
  {
    title: 'a link that leads elsewhere',
    a: [reads('linked.txt'), 'VALUE'],
    prepare: root => {
      symlinkSync('data/x.txt', join(root, 'linked.txt'))
    },
    change: root => {
      rmSync(join(root, 'linked.txt'))
      symlinkSync('data/y.txt', join(root, 'linked.txt'))
    },
    loaded: [A, B]
  },
  {
    title: 'a module that changes another package',
    a: ['import prefect\nprefect.CHANGED = 9', '1'],
    b: ["import prefect\nVALUE = getattr(prefect, 'CHANGED', 0)", 'VALUE'],
    loaded: [B]
  },
  {
    title: 'a module that sets a variable of the environment',
    a: ["import os\nos.environ['CHANGED'] = '9'", '1'],
    b: ["import os\nVALUE = os.environ.get('CHANGED', '0')", 'VALUE'],
    loaded: [B]
  },
  {
    title: 'a list in a shared module',
    a: ['from lib.names import NAMES\nNAMES.append(1)', '1'],
    b: ['import json\nfrom lib.names import NAMES\nNAMES.append(1)', 'len(NAMES)'],
    files: { 'lib/names.py': 'NAMES = []' },
    loaded: [B]
  },
  {
    title: 'the modules that are imported already',
    a: ['import wave', '1'],
    b: ["import sys\nVALUE = 'wave' in sys.modules", 'VALUE'],
    loaded: [B]
  },
  {
    title: 'a value that is another one each time',
    a: ['import random\nVALUE = random.random()', 'VALUE'],
    loaded: [A],
    isRandom: true
  },
  {
    title: 'the size of a file',
    a: ["import os\nVALUE = os.path.getsize('data/x.txt')", 'VALUE'],
    edit: { 'data/x.txt': '22' },
    loaded: [A]
  },
  {
    title: 'the size of an entry of a folder',
    a: ["import os\nVALUE = sum(e.stat().st_size for e in os.scandir('data'))", 'VALUE'],
    edit: { 'data/x.txt': '22' },
    loaded: [A]
  },
  {
    title: 'a folder outside the sources',
    a: ['import os\nos.listdir(os.path.dirname(os.getcwd()))', '1'],
    loaded: [A]
  },
  {
    title: 'a module that writes a file',
    a: ["open('data/x.txt', 'w').write('1')", '1'],
    b: [reads('data/x.txt'), 'VALUE'],
    loaded: [A, B]
  },
  {
    title: 'a module that begins to write a file',
    a: ['', '1'],
    b: [reads('data/x.txt'), 'VALUE'],
    edit: { [A]: "open('data/x.txt', 'w').write('9')" },
    loaded: [A, B]
  },
  {
    title: 'a module that starts a process',
    a: ["import subprocess\nsubprocess.run(['true'])", '1'],
    loaded: [A, B]
  },
  {
    title: 'a module that connects',
    a: [
      "import socket\ntry:\n    socket.create_connection(('127.0.0.1', 1))\nexcept OSError:\n    pass",
      '1'
    ],
    loaded: [A]
  },
  {
    title: 'a database in the sources',
    a: ["import sqlite3\nsqlite3.connect('data/x.db').close()", '1'],
    files: { 'data/x.db': '' },
    loaded: [A, B]
  },
  { title: 'a variable of the load', more: { variables: { KEY: '2' } }, loaded: [A, B] },
  { title: 'a variable of the image', more: { raw: { 'env-vars': 'A=1' } }, loaded: [A, B] },
  {
    title: 'the flows that are wanted',
    more: {
      modules: [
        { file: A, flows: ['a'], explicit: true },
        { file: B, flows: null, explicit: false }
      ]
    },
    loaded: [A, B]
  }
]

const RELEASES: ['1.4.1' | '3.9.1', Generation][] = [
  ['1.4.1', 'pickled'],
  ['3.9.1', 'entrypoints']
]

// With both: FLOWSTORE_TRICKS=all npm run jest -- --selectProjects field --testPathPattern field/incremental
const isWhole = process.env['FLOWSTORE_TRICKS'] === 'all'

/** The tricks that are tried with one of the releases: every second, the rest with the other. */
const tricksFor = (release: number): readonly Trick[] =>
  TRICKS.filter((_, index) => isWhole || index % RELEASES.length === release)

describeWith(['venv:1.4.1', 'venv:3.9.1'], 'which modules have to be loaded', bed => {
  for (const [index, [release, generation]] of RELEASES.entries()) {
    let session: IncrementalSession

    beforeAll(async () => {
      session = await incrementalSession(bed.venvs[release])
    }, LIMIT)

    afterAll(() => session.close())

    test.each(tricksFor(index).map(trick => [trick.title, trick] as const))(
      `Prefect ${release}: %s`,
      async (_, trick) => {
        const { a = ['', '1'], b = ['', '2'], files = {}, edit = {} } = trick
        const modules = (more: Files): Files => ({
          [A]: flowWith(generation, 'a', `${a[0]}\n${more[A] ?? ''}`, a[1]),
          [B]: flowWith(generation, 'b', `${b[0]}\n${more[B] ?? ''}`, b[1])
        })
        session.write({ ...FILES, ...files, ...modules({}) })
        trick.prepare?.(session.root)
        const before = await session.build()
        const { earlier } = await session.auto('there is none')
        writeFiles(session.root, { ...edit, ...modules(edit) })
        trick.change?.(session.root)
        const { loaded, wrong } = compared(before, await session.build(trick.more))
        expect(wrong).toEqual([])
        expect([...loaded.keys()].sort()).toEqual(trick.loaded)

        const taken = await session.auto(earlier, trick.more)
        const count = taken.modules.loaded + taken.modules.taken
        expect(taken.modules.taken).toBeLessThanOrEqual(count - trick.loaded.length)
        if (trick.isRandom) return
        expect(resultOf(taken.loaded)).toEqual(resultOf(await session.off(trick.more)))
        await session.readsBack(taken.loaded)
      },
      LIMIT
    )
  }
})

/** What a build says of its loads. */
interface BuiltReport {
  readonly load: { readonly modules: object }
  readonly flows: readonly { readonly name: string; readonly changed: boolean }[]
}

describeWith(
  ['docker', 'registry', 'prefect:1.4.1', 'prefect:3.9.1'],
  'builds with incremental: auto',
  bed => {
    test.each(RELEASES)(
      'Prefect %s: a later build takes the flows that did not change, and they run',
      async (release, generation) => {
        const base = release === '1.4.1' ? bed.prefectBase : bed.prefectImages[release]
        const { flowstore, root, write } = field({
          ...FILES,
          [A]: flowWith(generation, 'a', 'from lib import one', 'one.VALUE'),
          [B]: flowWith(generation, 'b', 'from lib import two', 'two.VALUE')
        })
        const name = freshName('auto')
        const run = async (args: readonly string[]) => {
          const { code, text } = await flowstore(args, { DOCKER_HOST: bed.dockerHost })
          expect([code, text]).toEqual([0, expect.anything()])
          return text
        }
        const build = async (...more: readonly string[]) => {
          const text = await run([
            ...['build', 'flows', '--base-image', base, '--load-in', 'image'],
            ...['--registry-url', bed.registry.url, '--image-name', name, '--tags', 'main'],
            ...more
          ])
          const read = (file: string) => readFileSync(join(root, '.flowstore', file), 'utf8')
          const report = JSON.parse(read('report.json')) as BuiltReport
          const flowsJson = generation === 'pickled' ? read('flows.json') : ''
          return { text, report, content: flowsJson.replaceAll(/"image_tag": "\w+"/g, '') }
        }
        const auto = ['--incremental', 'auto']
        expect((await build(...auto)).text).toMatch(/All modules are loaded: the registry does not/)
        write('lib/one.py', 'VALUE = 9')
        const { text, report, content } = await build(...auto)
        expect(text).toMatch('1 of 2 modules are loaded')
        expect(report.load.modules).toEqual({ loaded: 1, taken: 1 })
        expect(report.flows.filter(({ changed }) => changed)).toHaveLength(1)
        expect(await run(['run', '.flowstore/storage.json', '--flow', 'b'])).toMatch(/b: \w+/)
        expect((await build()).content).toBe(content)
      },
      2 * LIMIT
    )
  }
)

describeWith(['docker', 'registry', 'prefect:1.4.1'], 'builds with incremental', bed => {
  test.each(['image', 'runner'])(
    'load-in: %s: a later build says by the records of an earlier image what has to be loaded',
    async loadIn => {
      const { flowstore, write } = field({
        ...FILES,
        [A]: flowWith('pickled', 'a', 'from lib import one', 'one.VALUE'),
        [B]: flowWith('pickled', 'b', '', '2')
      })
      const name = freshName('incremental')
      const build = async () => {
        const { code, text } = await flowstore(
          [
            ...['build', 'flows', '--base-image', bed.prefectBase, '--load-in', loadIn],
            ...['--registry-url', bed.registry.url, '--image-name', name, '--tags', 'main'],
            ...['--incremental', 'verify', '--verbose']
          ],
          { DOCKER_HOST: bed.dockerHost }
        )
        expect([code, text]).toEqual([0, expect.anything()])
        return text
      }
      expect(await build()).toMatch('It is known what 2 of 2 flow modules are made from')
      write('lib/one.py', 'VALUE = 9')
      const text = await build()
      expect(text).toMatch(/:main, 1 of 2 flow modules have to be loaded/)
      expect(text).toMatch('flows/a.py has to be loaded: it has changed')
      write('lib/new.py', '')
      expect(await build()).toMatch(/:main, 2 of 2 flow modules have to be loaded/)
    },
    LIMIT
  )
})
