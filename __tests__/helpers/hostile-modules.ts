import type { ErrorCode } from '../../src/errors.js'

/** How a build ends: with all flows, or with an error of a code whose text says what it is about. */
export type HostileEnd = 'built' | readonly [ErrorCode, RegExp]

/** A flow module that does harm, by accident or not. */
export interface HostileModule {
  readonly name: string
  /** Its source; `MARKER` is a number that its processes have on their command lines. */
  readonly source: string
  /** How its load in a container ends. */
  readonly inContainer: HostileEnd
  /** How its load on the runner ends, which has other limits. */
  readonly onRunner: HostileEnd
}

/** The limits of the loads. */
export const HOSTILE_LIMITS = [
  ...['--load-timeout', '6', '--load-memory', '512m'],
  ...['--load-processes', '40']
]

/** Root has no limit of processes on the runner. */
const isRoot = process.getuid?.() === 0

interface Parts {
  /** An expression for what the task holds. */
  readonly held?: string
  /** An expression for the name of the flow. */
  readonly flow?: string
}

/** A module that does something when it is imported, and has a flow. */
const after = (code: string, { held = '1', flow = "'hostile'" }: Parts = {}): string => `
import os, signal, sys, time
from prefect import Flow, task

${code}

HELD = ${held}

def one():
    return HELD

with Flow(${flow}) as flow:
    task(one, name='one')()
`

/** A module whose flow holds an object of a class with some lines. */
const holding = (...lines: readonly string[]): string =>
  after(`class Held:\n${lines.map(line => `    ${line}\n`).join('')}`, { held: 'Held()' })

const ended = (code: number): HostileEnd => [
  'LOAD_FAILED',
  new RegExp(`flows/hostile\\.py ended Python with exit code ${code} while it was imported`)
]
const raised = (words: string): HostileEnd => [
  'MODULE_IMPORT',
  new RegExp(`${words}[^]*\\(flows/hostile\\.py:\\d+\\)`)
]
const tookTooLong: HostileEnd = [
  'LOAD_LIMIT',
  /the import of flows\/hostile\.py did not end within --load-timeout, 6 s/
]

type Row = readonly [name: string, source: string, end: HostileEnd, onRunner?: HostileEnd]

const EXITS: readonly Row[] = [
  ['os._exit at import', after('os._exit(7)'), ended(7)],
  [
    'os._exit in __reduce__',
    holding('def __reduce__(self): os._exit(7)'),
    ['LOAD_FAILED', /flow "hostile" ended Python with exit code 7[^]*\(flows\/hostile\.py:14\)/]
  ],
  [
    'os._exit in __getstate__',
    holding('def __getstate__(self): os._exit(0)'),
    ['LOAD_FAILED', /flow "hostile" ended Python with exit code 0[^]*\(flows\/hostile\.py:14\)/]
  ],
  [
    'os._exit when the flow is read back',
    holding('def __reduce__(self): return os._exit, (0,)'),
    ['HEALTHCHECK', /flow "hostile" does not load back: it ended[^]*\(flows\/hostile\.py:14\)/]
  ],
  [
    'kill -9 when the flow is read back',
    holding("def __reduce__(self): return exec, ('import os; os.kill(os.getpid(), 9)',)"),
    ['HEALTHCHECK', /flow "hostile" does not load back: it ended Python with exit code 137/]
  ],
  ['__del__ of what the flow holds', holding('def __del__(self): os._exit(3)'), 'built'],
  ['__del__ at import', after('class Dies:\n    def __del__(self): os._exit(3)\nDies()'), ended(3)],
  ['os._exit in atexit', after('import atexit\natexit.register(lambda: os._exit(5))'), 'built'],
  ['sys.exit', after('sys.exit(0)'), raised('SystemExit')],
  [
    'a subclass of SystemExit',
    after('class Out(SystemExit):\n    code = property(lambda self: os._exit(9))\nraise Out()'),
    raised('Out')
  ],
  ['KeyboardInterrupt', after('raise KeyboardInterrupt'), ended(130)],
  [
    'a BaseException whose text exits',
    after(
      'class Bad(BaseException):\n    def __str__(self): sys.exit(2)\n    __repr__ = __str__\nraise Bad()'
    ),
    raised('Bad')
  ],
  ['kill -9 of itself', after('os.kill(os.getpid(), signal.SIGKILL)'), ended(137)],
  ['kill -TERM of itself', after('os.kill(os.getpid(), signal.SIGTERM)'), ended(143)],
  // The session is the first process of its container or cell: a signal of others does not end it.
  [
    'kill -9 of its parent',
    after('os.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(0.1)'),
    'built'
  ],
  ['SIGSTOP of its parent', after('os.kill(os.getppid(), signal.SIGSTOP)'), 'built'],
  ['SIGSTOP of itself', after('os.kill(os.getpid(), signal.SIGSTOP)'), tookTooLong],
  [
    'a crash of native code',
    after(
      'import ctypes, resource\nresource.setrlimit(resource.RLIMIT_CORE, (0, 0))\nctypes.string_at(0)'
    ),
    ended(139)
  ]
]

const LIMITS: readonly Row[] = [
  ['an endless loop', after('while True: pass'), tookTooLong],
  [
    'an endless sleep',
    after('def wait():\n    time.sleep(1000)\nwait()'),
    ['LOAD_LIMIT', /\(flows\/hostile\.py:6\)[^]*File "flows\/hostile\.py", line 7 in <module>/]
  ],
  [
    'handlers that ignore all signals',
    after(
      `for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
time.sleep(1000)`
    ),
    tookTooLong
  ],
  [
    'an endless sleep in __reduce__',
    holding('def __reduce__(self): time.sleep(1000)'),
    ['LOAD_LIMIT', /the serialization of flow "hostile" did not[^]*\(flows\/hostile\.py:6\)/]
  ],
  [
    'an endless sleep when the flow is read back',
    holding("def __reduce__(self): return exec, ('import time; time.sleep(1000)',)"),
    ['LOAD_LIMIT', /reading flow "hostile" back did not[^]*\(flows\/hostile\.py:14\)/]
  ],
  [
    'a fork bomb',
    after('for _ in range(100):\n    if os.fork() == 0:\n        time.sleep(1000)'),
    raised('BlockingIOError'),
    isRoot ? 'built' : raised('BlockingIOError')
  ],
  [
    'a bomb of threads',
    after(
      'import threading\nfor _ in range(100):\n    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()'
    ),
    raised("can't start new thread")
  ],
  [
    'more memory than it may have',
    after("x = b'x' * (900 << 20)"),
    ['LOAD_LIMIT', /flows\/hostile\.py needs more memory than --load-memory allows, 512m/]
  ],
  [
    'a small pickle that is huge when it is read back',
    holding('def __reduce__(self): return eval, ("b\'x\' * (2 << 30)",)'),
    ['LOAD_LIMIT', /reading flow "hostile" back needs more memory[^]*\(flows\/hostile\.py:14\)/],
    ['HEALTHCHECK', /flow "hostile" does not load back: MemoryError/]
  ],
  [
    'a result that is larger than it may be',
    after(
      `frame = sys._getframe()
while 'output' not in frame.f_locals.get('request', {}):
    frame = frame.f_back
out = frame.f_locals['request']['output']
os.makedirs(out, exist_ok=True)
with open(os.path.join(out, 'sparse'), 'wb') as stream:
    stream.truncate(600_000_000)`
    ),
    ['LOAD_LIMIT', /the result of the load is larger than 500 MB/]
  ],
  ['recursion without end', after('def deeper(): deeper()\ndeeper()'), raised('RecursionError')],
  [
    'recursion that overflows the stack',
    after('sys.setrecursionlimit(1 << 30)\ndef deeper(): deeper()\ndeeper()'),
    ended(139)
  ],
  [
    'a value that is nested too deeply',
    after('deep = []\nfor _ in range(100_000): deep = [deep]', { held: 'deep' }),
    ['FLOW_SERIALIZE', /Flow "hostile" can't be pickled[^]*\(flows\/hostile\.py:\d+\)/]
  ],
  [
    'a value that can not be pickled',
    after('import threading', { held: 'threading.Lock()' }),
    ['FLOW_SERIALIZE', /Flow "hostile" can't be pickled[^]*\(flows\/hostile\.py:\d+\)/]
  ]
]

const OUTPUT: readonly Row[] = [
  [
    'a flood on both outputs',
    after("for number in (1, 2):\n    os.write(number, b'flood\\n' * 250_000)"),
    'built'
  ],
  [
    'binary garbage on both outputs',
    after('for number in (1, 2):\n    os.write(number, bytes(range(256)) * 4096)'),
    'built'
  ],
  [
    'commands of CI services on both outputs',
    after(
      `text = b'\\n::error::one\\n  ::add-mask::a\\n##[error]two\\n##vso[task.complete]\\n##teamcity[x]\\n\\x1b[0K::warning::three\\n'
for number in (1, 2):
    os.write(number, text)`
    ),
    'built'
  ],
  [
    'commands of CI services in an error',
    after("raise ValueError('\\n::error::one\\r::add-mask::a\\n##[error]two\\x1b[31m')"),
    raised('ValueError')
  ],
  [
    'lines like answers and marks of the loader',
    after(
      `for number in (1, 2):
    os.write(number, b'\\x1e1/1 other.py\\x1e\\n\\x1eflow {"index": 0}\\x1e\\nflowstore-000000000000000000000000 0 {}\\n')
os._exit(7)`
    ),
    ['LOAD_FAILED', /ended Python with exit code 7/]
  ],
  ['closed standard streams', after('for number in (0, 1, 2): os.close(number)'), 'built'],
  ['all descriptors closed', after('os.closerange(0, 4096)'), 'built'],
  [
    'streams of Python that are replaced',
    after(
      'class Stream:\n    def __getattr__(self, name): raise RuntimeError(name)\nsys.stdin = sys.stdout = Stream()\nsys.stderr = None'
    ),
    'built'
  ],
  [
    'a name of a flow with control characters and commands',
    after('', { flow: "'host\\x1b[31m\\r\\n::error::ile\\x1e\\u202e\\x85##[error]'" }),
    'built'
  ],
  [
    'a name of a flow of 40 MB',
    after('', { flow: "'hostile' * (40_000_000 // 7)" }),
    ['LOAD_LIMIT', /the serialization of flow "(hostile)+ho"[^]*\(flows\/hostile\.py:12\)/]
  ],
  [
    'a docstring of 10 MB',
    after("one = type('One', (), {})\none.__doc__ = 'x' * 10_000_000"),
    'built'
  ]
]

const TAMPERING: readonly Row[] = [
  [
    'functions of json, pickle and os that are replaced',
    after(
      `import json, pickle
json.dump = json.dumps = json.load = json.loads = None
pickle.dump = pickle.dumps = pickle.load = pickle.loads = None
os._exit = os.write = os.replace = os.getpid = os.kill = None`
    ),
    'built'
  ],
  [
    'open that is replaced',
    after(
      "import builtins\ndef no(*args, **kwargs):\n    raise RuntimeError('no open')\nbuiltins.open = no"
    ),
    'built'
  ],
  [
    'modules of the loader and of Python taken out of sys.modules',
    after(
      `for name in list(sys.modules):
    if name.startswith(('flowstore_loader', 'json', 'traceback', 'tempfile', 'base64')):
        del sys.modules[name]`
    ),
    'built'
  ],
  [
    'an import hook that refuses all',
    after(
      `class Refuses:
    def find_spec(self, name, path=None, target=None):
        raise RuntimeError('refused ' + name)
sys.meta_path.insert(0, Refuses())`
    ),
    'built'
  ],
  ['sys.path and sys.meta_path emptied', after('sys.path = []\nsys.meta_path.clear()'), 'built'],
  [
    'a working directory that is gone',
    after('import tempfile\nfolder = tempfile.mkdtemp()\nos.chdir(folder)\nos.rmdir(folder)'),
    'built'
  ],
  [
    'its own sources and those of others changed',
    after(
      `for path, change in [(__file__, lambda path: open(path, 'w').write('broken(')), ('flows/good.py', os.remove)]:
    try:
        change(path)
    except OSError:
        pass`
    ),
    ['LOAD_FAILED', /flows\/good\.py/],
    'built'
  ],
  [
    'files outside',
    after(
      `for path in ['/etc/hostile-MARKER', '/opt/hostile-MARKER', '/usr/hostile-MARKER', '../hostile-MARKER', 'hostile-MARKER']:
    try:
        open(path, 'w').close()
    except OSError:
        pass`
    ),
    'built'
  ],
  [
    'an audit hook that refuses files',
    after(
      `def hook(event, args):
    if event == 'open' and 'pickle' in str(args[0]):
        raise RuntimeError('refused')
sys.addaudithook(hook)`
    ),
    ['LOAD_FAILED', /RuntimeError: refused \(flows\/hostile\.py:7\)/]
  ],
  [
    'a trace function that fails',
    after("def trace(*args):\n    raise ValueError('traced')\nsys.settrace(trace)"),
    raised('ValueError: traced')
  ],
  [
    'garbage collection that fails',
    after(
      'import gc\ngc.disable()\ngc.freeze()\ngc.callbacks.append(lambda *args: 1 / 0)\ngc.collect()'
    ),
    'built'
  ],
  [
    'the pickler of Prefect replaced',
    after(
      'import cloudpickle\ndef dump(*args):\n    os._exit(6)\ncloudpickle.CloudPickler.dump = dump'
    ),
    ['LOAD_FAILED', /flow "good" ended Python with exit code 6/]
  ]
]

const REACH: readonly Row[] = [
  [
    "a look for the run's variables",
    after(
      `import glob
def read(path):
    try:
        return open(path, 'rb').read()
    except OSError:
        return b''
seen = [str(os.environ).encode(), *map(read, glob.glob('/proc/[0-9]*/environ'))]
if any(b'canary' + b'-of-the-run' in text for text in seen):
    raise RuntimeError('it sees the variable')`
    ),
    'built'
  ],
  [
    'a connection to another machine',
    after(
      `import socket
try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 53))
except OSError:
    pass
else:
    raise RuntimeError('it has a network')`
    ),
    'built'
  ],
  [
    'capabilities',
    after(
      `status = dict(line.rstrip().partition(':\\t')[::2] for line in open('/proc/self/status'))
# Those about owners and modes of files: CHOWN, DAC_OVERRIDE, FOWNER, FSETID.
if int(status['CapEff'], 16) & ~0b11011 or int(status['CapBnd'], 16) & ~0b11011:
    raise RuntimeError('capabilities ' + status['CapEff'])
if status['NoNewPrivs'] != '1':
    raise RuntimeError('new privileges')`
    ),
    'built'
  ],
  [
    'a daemon that stays',
    after(
      `if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 256)
        os.execvp('sleep', ['sleep', 'MARKER'])
    os._exit(0)
os.wait()`
    ),
    'built'
  ],
  [
    'a process in a session of its own',
    after("import subprocess\nsubprocess.Popen(['sleep', 'MARKER'], start_new_session=True)"),
    'built'
  ],
  [
    'a process that starts others as fast as they are ended',
    after(
      `if os.fork() == 0:
    os.setsid()
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if os.fork() == 0:
            os.setsid()
        else:
            time.sleep(0.02)
            os._exit(0)
    os._exit(0)`
    ),
    'built'
  ]
]

/** Every module. */
export const HOSTILE_MODULES: readonly HostileModule[] = [
  ...[EXITS, LIMITS, OUTPUT, TAMPERING, REACH].flat()
].map(([name, source, inContainer, onRunner = inContainer]) => ({
  ...{ name, source, inContainer, onRunner }
}))
