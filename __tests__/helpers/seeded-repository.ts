import { flowWith, type Files, type Generation } from './incremental.js'

/** Random numbers below a limit, the same for the same seed (mulberry32). */
export type Random = (below: number) => number

export function seeded(seed: number): Random {
  let state = seed >>> 0
  return below => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const HELPERS = 5
const DATA = 4
const MODULES = 5

/** Ways to depend on the helper or the data file of a number: code, and an expression. */
const WAYS: readonly ((n: number) => readonly [code: string, expression: string])[] = [
  n => [`import lib.h${n}`, `lib.h${n}.VALUE`],
  n => [`from lib.h${n} import VALUE as v${n}`, `v${n}`],
  n => [`from lib.h${n} import *`, 'VALUE'],
  n => [`def late${n}():\n    from lib import h${n}\n    return h${n}.VALUE`, `late${n}()`],
  n => [
    `import importlib\nd${n} = importlib.import_module('lib.' + 'h' + str(${n}))`,
    `d${n}.VALUE`
  ],
  n => [`import sys\nsys.path.append('lib')\nimport h${n}`, `h${n}.VALUE`],
  n => [`import runpy\nr${n} = runpy.run_path('lib/h${n}.py')['VALUE']`, `r${n}`],
  n => [`s${n} = {}\nexec(open('lib/h${n}.py').read(), s${n})`, `s${n}['VALUE']`],
  n => [`t${n} = open('data/d${n % DATA}.txt').read()`, `t${n}`],
  n => [`import os\ne${n} = os.path.exists('data/n${n}.txt')`, `e${n}`],
  () => [`import os\nnames = sorted(os.listdir('data'))`, 'str(names)'],
  () => [
    `import glob\nall_data = [open(p).read() for p in sorted(glob.glob('data/*.txt'))]`,
    'str(all_data)'
  ],
  n => [
    `try:\n    import optional${n} as o${n}\nexcept ImportError:\n    o${n} = None`,
    `str(getattr(o${n}, 'VALUE', None))`
  ],
  n => [`import pkgutil\np${n} = len(pkgutil.get_data('lib', 'h${n}.py'))`, `p${n}`],
  n => [
    `from pathlib import Path\nq${n} = [p.read_text() for p in sorted(Path(__file__).parent.rglob('*.sql'))]`,
    `str(q${n})`
  ],
  n => [`import os\nz${n} = os.path.getsize('data/d${n % DATA}.txt')`, `z${n}`],
  n => [`import prefect\nc${n} = getattr(prefect, 'CHANGED', 0)`, `c${n}`],
  n => [`import prefect\nprefect.CHANGED = ${n}`, '0'],
  n => [`from lib import shared\nshared.NAMES.append(${n})`, 'len(shared.NAMES)'],
  n => [`from flows import m${n % MODULES} as other${n}`, `getattr(other${n}, 'OWN', 0)`]
]

/** A repository of some flow modules that depend on files in random ways. */
export class SeededRepository {
  private readonly files = new Map<string, string>()
  private readonly modules: { ways: (readonly [string, string])[]; own: number }[] = []

  constructor(
    private readonly random: Random,
    private readonly generation: Generation
  ) {
    this.files.set('lib/__init__.py', '').set('lib/shared.py', 'NAMES = []').set('flows/q.sql', '1')
    for (let n = 0; n < HELPERS; n += 1) this.files.set(`lib/h${n}.py`, this.helper(n))
    for (let n = 0; n < DATA; n += 1) this.files.set(`data/d${n}.txt`, '0')
    for (let n = 0; n < MODULES; n += 1) this.modules.push({ ways: this.ways(), own: 0 })
  }

  get content(): Files {
    const flows = this.modules.map(({ ways, own }, n) => {
      const code = [`OWN = ${own}`, ...ways.map(([text]) => text)].join('\n')
      const value = ["''", ...ways.map(([, expression]) => `str(${expression})`)].join(' + ')
      return [`flows/m${n}.py`, flowWith(this.generation, `m${n}`, code, value)] as const
    })
    return Object.fromEntries([...this.files, ...flows])
  }

  /** Changes something, and says what. */
  edit(): string {
    const n = this.random(HELPERS)
    const data = `data/d${n % DATA}.txt`
    const module = this.modules[n % MODULES]
    const edits: readonly (() => string)[] = [
      () => this.set(`lib/h${n}.py`, this.helper(n)),
      () => this.set(`lib/h${n}.py`, this.helper(n)),
      () => this.set(data, String(this.random(1000))),
      () => this.set(data, String(this.random(1000))),
      () => this.set('flows/q.sql', String(this.random(1000))),
      () => this.set('lib/__init__.py', `# ${this.random(1000)}`),
      () => {
        if (module) module.own = this.random(1000)
        return `module ${n}`
      },
      () => {
        if (module) module.ways = this.ways()
        return `what module ${n} depends on`
      },
      () => this.toggle(`optional${n}.py`, 'VALUE = 7'),
      () => this.toggle(`data/n${n}.txt`, '0'),
      () => this.toggle(`flows/h${n}.py`, 'VALUE = 8'),
      () => this.toggle(`lib/h${n}/__init__.py`, 'VALUE = 9'),
      () => this.toggle(`flows/sub/r${n}.sql`, '5')
    ]
    return edits[this.random(edits.length)]?.() ?? ''
  }

  private ways(): (readonly [string, string])[] {
    return Array.from({ length: 1 + this.random(3) }, () => {
      const way = WAYS[this.random(WAYS.length)]
      return way?.(this.random(HELPERS)) ?? (['', '0'] as const)
    })
  }

  /** It may import a helper of a higher number. */
  private helper(n: number): string {
    const next = n + 1 + this.random(HELPERS)
    const value = this.random(1000)
    return next < HELPERS
      ? `from lib.h${next} import VALUE as below\nVALUE = str(below) + '-${value}'\n`
      : `VALUE = ${value}\n`
  }

  private set(path: string, content: string): string {
    this.files.set(path, content)
    return path
  }

  private toggle(path: string, content: string): string {
    if (!this.files.delete(path)) this.files.set(path, content)
    return path
  }
}
