import { expect, test } from '@jest/globals'
import { runProcess } from '../../src/util/process.js'
import { describeWithPrefect, field } from '../helpers/field.js'

const FLOW = `from prefect import Flow, task
@task
def value():
    return 1
with Flow('good') as flow:
    value()
`

await describeWithPrefect('1.4.1', 'limits of a load', python => {
  const build = (module: string, ...more: string[]) =>
    field({ 'flows/good.py': FLOW, 'flows/other.py': module }).flowstore([
      ...['build', 'flows/', '--storage', 'bytes', '--python', python],
      ...more
    ])

  test('a module that ignores all signals ends with load-timeout, and so do its processes', async () => {
    const marker = `97${process.pid}`
    const { code, text } = await build(
      `import signal, subprocess, time
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
subprocess.Popen(['sleep', '${marker}'], start_new_session=True)
def wait():
    time.sleep(100)
wait()
`,
      '--load-timeout',
      '1'
    )
    expect(code).toBe(3)
    expect(text).toContain('error LOAD_LIMIT: the import of flows/other.py did not end within')
    const found = await runProcess('pgrep', ['-f', `sleep ${marker}`], {
      env: { PATH: process.env['PATH'] ?? '' }
    })
    expect(found.stdout).toBe('')
  })

  test('the error of load-timeout has the Python stack, also of native code', async () => {
    const { text } = await build(
      `import re
def match():
    re.match('(a+)+$', 'a' * 60 + 'b')
match()
`,
      '--load-timeout',
      '1'
    )
    expect(text).toContain('(flows/other.py:3)')
    expect(text).toContain('File "flows/other.py", line 4 in <module>')
  })

  test('a module that writes without end is stopped before the disk is full', async () => {
    const { code, text } = await build(
      `file = open('/tmp/large', 'wb')
file.truncate(2 << 30)
file.seek(2 << 30)
file.write(b'more')
file.flush()
`
    )
    expect(code).toBe(3)
    expect(text).toContain('OSError: [Errno 27] File too large (flows/other.py:5)')
  })

  test('a module that needs more than load-memory is named with the limit', async () => {
    const { code, text } = await build('x = bytearray(900 << 20)\n', '--load-memory', '512m')
    expect(code).toBe(3)
    expect(text).toContain(
      'error LOAD_LIMIT: flows/other.py needs more memory than --load-memory allows, 512m'
    )
  })

  test('a module that ends Python is named', async () => {
    const { code, text } = await build('import os\nos._exit(7)\n')
    expect(code).toBe(3)
    expect(text).toContain(
      'error LOAD_FAILED: flows/other.py ended Python with exit code 7 while it was imported'
    )
  })

  /** A module with the flow `broken`, which holds an object of a class with this method. */
  const holding = (method: string) => `import os, time
class Broken:
    ${method}
BROKEN = Broken()
${FLOW.replace('return 1', 'return BROKEN').replace('good', 'broken')}`

  test('a flow that ends Python while it is serialized is named with its module', async () => {
    const { code, text } = await build(holding('def __reduce__(self): os._exit(7)'))
    expect(code).toBe(3)
    expect(text).toContain(
      'error LOAD_FAILED: flow "broken" ended Python with exit code 7 while it was serialized'
    )
    expect(text).toContain('(flows/other.py:9)')
  })

  test('a flow that ends Python when it is read back is named with its module', async () => {
    const { code, text } = await build(holding('def __reduce__(self): return os._exit, (7,)'))
    expect(code).toBe(5)
    expect(text).toContain(
      'error HEALTHCHECK: flow "broken" does not load back: it ended Python with exit code 7'
    )
    expect(text).toContain('(flows/other.py:9)')
  })

  test('a flow that takes longer than load-timeout is named with its module', async () => {
    const { code, text } = await build(
      holding('def __reduce__(self): time.sleep(100)'),
      ...['--load-timeout', '2']
    )
    expect(code).toBe(3)
    expect(text).toContain(
      'error LOAD_LIMIT: the serialization of flow "broken" did not end within --load-timeout, 2 s'
    )
    expect(text).toContain('(flows/other.py:3)')
  })

  test('functions that a module replaces are not those of the loader', async () => {
    const { code, text } = await build(
      'import builtins, json, os\njson.dump = json.dumps = json.loads = None\nos._exit = os.write = os.replace = None\n'
    )
    expect(text).toContain('good  flows/good.py')
    expect(code).toBe(0)
  })

  test('a result that is not JSON is no error of flowstore itself', async () => {
    const { code, text } = await build(
      `import os, sys
real = os.replace
def replaced(one, two):
    open(one, 'w').write('{')
    return real(one, two)
sys.modules['flowstore_loader.answers'].replace_file = replaced
`
    )
    expect(code).toBe(3)
    expect(text).toContain('error LOAD_FAILED')
  })

  test('a huge result is refused', async () => {
    const { code, text } = await build(
      `import glob, os, sys
frame = sys._getframe()
while 'request' not in frame.f_locals or 'output' not in frame.f_locals['request']:
    frame = frame.f_back
out = frame.f_locals['request']['output']
os.makedirs(out, exist_ok=True)
with open(os.path.join(out, 'huge'), 'wb') as stream:
    stream.truncate(600_000_000)
`
    )
    expect(code).toBe(3)
    expect(text).toContain('error LOAD_LIMIT: the result of the load is larger than 500 MB')
  })
})
