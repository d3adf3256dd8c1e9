import { expect, test } from '@jest/globals'
import { parseRun, runError, runFlow } from '../../../src/commands/run.js'
import { silentLog } from '../../../src/log.js'
import { repository } from '../../helpers/flowstore.js'

test.each([
  ['day=2020-01-01', '2020-01-01'],
  ['day=-5x', '-5x'],
  ['day=', ''],
  ['day="5"', '5'],
  ['day=5', 5],
  ['day=null', null],
  ['day=a=b', 'a=b']
])('%s is JSON, or text if it is none, as for prefect run', (pair, day) => {
  expect(parseRun(['s.json', '--param', pair]).parameters).toEqual({ day })
})

test('parameters are JSON, variables are text', () => {
  expect(
    parseRun([
      ...['storage.json', '--flow', 'a=b', '--env', 'A=x=y', '--param', 'n=5'],
      ...['--param', 'list=["a", 1]', '--json']
    ])
  ).toMatchObject({
    storage: 'storage.json',
    flow: 'a=b',
    env: { A: 'x=y' },
    parameters: { n: 5, list: ['a', 1] },
    json: true
  })
})

test.each([
  [['s.json', '--flwo', 'a'], "there is no option '--flwo'"],
  [['s.json', '--param', 'a={b: 1}'], "the value of the parameter 'a' is not JSON"],
  [['s.json', '--env', 'A B'], "the option 'env' is not NAME=VALUE"],
  [['s.json', '--flow'], "the option '--flow' needs a value"],
  [[], 'flowstore run takes one storage.json'],
  [['a.json', 'b.json'], 'flowstore run takes one storage.json']
])('%j is refused', (args, words) => {
  expect(() => parseRun(args)).toThrow(words)
})

test.each([
  ['no.json', 'FILE_NOT_FOUND', "the storage 'no.json' does not exist"],
  ['memory.json', 'NOT_SUPPORTED', 'memory storage keeps flows only in the process that made it'],
  ['two.json', 'MISSING_OPTION', "the option '--flow' is required"],
  ['text.json', 'STORAGE_INVALID', 'the storage is not a JSON object'],
  ['gone.json', 'FILE_NOT_FOUND', "the flow's file /no/such/file does not exist"]
])('a storage that can’t run a flow is an error with the reason: %s', async (file, code, words) => {
  const cwd = repository({
    'memory.json': '{"type": "Memory", "__version__": "0.5.4"}',
    'two.json': '{"type": "Bytes", "flows": {"a": "", "b": ""}, "__version__": "0.5.4"}',
    'text.json': 'text',
    'gone.json':
      '{"type": "LocalStorage", "directory": "/no", "flows": {"a": "/no/such/file"}, "__version__": "0.5.4"}'
  })
  const args = file === 'memory.json' ? [file, '--flow', 'a'] : [file]
  const outcome = runFlow(parseRun([...args, '--python', process.execPath]), {
    cwd,
    env: process.env,
    log: silentLog(),
    write: () => undefined
  })
  await expect(outcome).rejects.toMatchObject({
    code: expect.stringMatching(code),
    message: expect.stringContaining(words)
  })
})

const runOf = (cwd: string, ...args: readonly string[]) =>
  runFlow(parseRun(args), { cwd, env: process.env, log: silentLog(), write: () => undefined })

test.each([
  ['etk', 'Did you mean "etl"? The storage has 2 flows: "etl", "load".'],
  ['nothing near', 'The storage has 2 flows: "etl", "load".']
])(
  'a flow that the storage does not have is named, with those that it has: %s',
  async (flow, hint) => {
    const cwd = repository({
      's.json': '{"type": "Bytes", "flows": {"etl": "", "load": ""}, "__version__": "1.4.1"}'
    })
    await expect(runOf(cwd, 's.json', '--flow', flow)).rejects.toMatchObject({
      code: 'FLOW_NOT_CONTAINED',
      message: `the storage 's.json' has no flow "${flow}"`,
      hint
    })
  }
)

test('the hint about the flows of a storage names twenty', async () => {
  const flows = Object.fromEntries(Array.from({ length: 23 }, (_, index) => [`f${index}`, '']))
  const cwd = repository({ 's.json': JSON.stringify({ type: 'Bytes', flows }) })
  await expect(runOf(cwd, 's.json')).rejects.toMatchObject({
    hint: expect.stringMatching(/^The storage has 23 flows: "f0", .*, "f19" and 3 more\.$/)
  })
})

test.each([
  ['[1]', 'the storage must be a JSON object, not a list'],
  ['3', 'the storage must be a JSON object, not a number'],
  ['{"type": "Local", "flows": [1]}', 'flows: Not a valid mapping type.'],
  ['{"type": "Local", "directory": 1}', 'directory: Not a valid string.'],
  ['{"type": 1}', 'type: Not a valid string.']
])('the error for a storage names its file and field: %s', async (text, message) => {
  const cwd = repository({ 's.json': text })
  await expect(runOf(cwd, 's.json', '--flow', 'a')).rejects.toMatchObject({
    code: 'STORAGE_INVALID',
    message,
    file: 's.json',
    hint: expect.stringContaining('storage.json that flowstore build writes')
  })
})

test('a variable without a value is that of this process, and one that is not set is an error', async () => {
  const cwd = repository({
    's.json': '{"type": "Bytes", "flows": {"etl": ""}, "__version__": "1.4.1"}'
  })
  expect(parseRun(['s.json', '--env', 'PREFECT_API_KEY']).env).toEqual({
    PREFECT_API_KEY: undefined
  })
  await expect(runOf(cwd, 's.json', '--env', 'NOT_SET_ANYWHERE')).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: "the option 'env' names the variable NOT_SET_ANYWHERE, which is not set"
  })
})

test.each([
  [{ loaded: false }, undefined, /^Its module has to load here/],
  [{ loaded: true }, undefined, /^Prefect itself failed .* its own server/],
  [{ loaded: true }, 'http://user:secret@host/api', /its API is at http:\/\/host\/api as seen/],
  [{ loaded: true }, 'http://host/api', /PREFECT_API_KEY, or --env PREFECT_API_AUTH_STRING/],
  [
    { loaded: false, message: 'RuntimeError: Failed to reach API at http://host/api/' },
    'http://host/api',
    /^Prefect itself failed while its module was imported. Check that its API is at http:\/\/host/
  ],
  [
    { loaded: false, message: "PrefectHTTPStatusError: Client error '401 Unauthorized' for url" },
    'http://host/api',
    /^Prefect itself failed while its module was imported/
  ],
  [
    {
      loaded: false,
      message:
        'RuntimeError: Timed out while attempting to connect to ephemeral Prefect API server.'
    },
    undefined,
    /while its module was imported: its own server/
  ],
  [
    { loaded: false, message: "ModuleNotFoundError: No module named 'pandas'" },
    'http://host/api',
    /^Its module has to load here/
  ],
  [{ loaded: true, refused: true, message: 's: Input should be a valid string' }, undefined, /"5"/],
  [{ loaded: true, state: 'Paused' }, undefined, /waits to be resumed/]
])('the hint about a flow with an entrypoint fits what happened: %j', (facts, api, hint) => {
  const result = {
    ...{ state: null, message: 'm', successful: false, detail: null, refused: false },
    ...facts
  }
  const error = runError('etl', result, 'normal', { content: 'entrypoint', api })
  expect(error?.hint).toMatch(hint)
})

test('the hint about a flow that failed fits what is shown of its output', () => {
  const result = {
    state: 'Failed',
    message: 'm',
    successful: false,
    detail: null,
    refused: false,
    loaded: true
  }
  expect([runError('etl', result, 'quiet')?.hint, runError('etl', result)?.hint]).toEqual([
    'The output of the flow says why: run it without --quiet to see it.',
    'The output of the flow, above this message, says why.'
  ])
})
