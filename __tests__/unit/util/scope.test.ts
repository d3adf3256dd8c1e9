import { spawn } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { Scope } from '../../../src/util/scope.js'
import { scriptWith } from '../../helpers/scripts.js'

/** A scope's ends that say when they begin and when they are done. */
function noted() {
  const notes: string[] = []
  const end =
    (name: string, delay = 0) =>
    async () => {
      notes.push(`${name} begins`)
      await setTimeout(delay)
      notes.push(`${name} is done`)
    }
  return { notes, end }
}

test('deferred work is done once, in reverse order, one after the other', async () => {
  const { notes, end } = noted()
  const scope = new Scope()
  scope.defer(end('folder'))
  const takeBack = scope.defer(end('other'))
  scope.defer(end('process', 20))
  takeBack()
  await Promise.all([scope.end(), scope.end()])
  await scope.end()
  expect(notes).toEqual(['process begins', 'process is done', 'folder begins', 'folder is done'])
})

test('a failure is reported, and all other work is done', async () => {
  const { notes, end } = noted()
  const scope = new Scope()
  scope.defer(end('folder'))
  scope.defer(() => {
    throw new Error('one')
  })
  await expect(scope.end()).rejects.toThrow('one')
  expect(notes).toEqual(['folder begins', 'folder is done'])

  const several = new Scope()
  several.defer(() => Promise.reject(new Error('first')))
  several.defer(() => Promise.reject(new Error('second')))
  await expect(several.end()).rejects.toMatchObject({
    errors: [new Error('second'), new Error('first')]
  })
})

test('a scope ends with its parent, unless it ended before', async () => {
  const { notes, end } = noted()
  const parent = new Scope()
  parent.defer(end('first'))
  const early = new Scope(parent)
  early.defer(end('early'))
  const inner = new Scope(parent)
  inner.defer(end('inner'))
  parent.defer(end('last'))
  await early.end()
  expect(notes.splice(0)).toEqual(['early begins', 'early is done'])
  await parent.end()
  expect(notes.filter(note => note.endsWith('begins'))).toEqual([
    'last begins',
    'inner begins',
    'first begins'
  ])
})

test('work that is deferred after the end is done at once', async () => {
  const { notes, end } = noted()
  const scope = new Scope()
  await scope.end()
  scope.defer(end('late'))
  await setTimeout(10)
  expect(notes).toEqual(['late begins', 'late is done'])
})

test('an immediate end starts all work at once and waits for it', async () => {
  const { notes, end } = noted()
  const scope = new Scope()
  scope.defer(end('folder'))
  scope.defer(() => Promise.reject(new Error('broken')))
  scope.defer(end('container', 50))
  scope.defer(() => void scope.defer(end('late')))
  await scope.endTogether()
  expect(notes).toEqual([
    'container begins',
    'folder begins',
    'folder is done',
    'container is done',
    'late begins',
    'late is done'
  ])
})

/** Runs a script that has the scope of its process, until it says that it is ready; then sends a signal. */
async function signalled(script: string, signal: NodeJS.Signals) {
  const main = scriptWith(
    ['scope'],
    `import { setTimeout as sleep } from 'node:timers/promises'
     import { endOnSignals, processScope, Scope } from './scope.js'
     endOnSignals()
     ${script}
     setInterval(() => {}, 1000)
     console.log('ready')`
  )
  const child = spawn(process.execPath, [main], { stdio: 'pipe' })
  const ended = new Promise<unknown>(resolve => child.once('close', (_code, by) => resolve(by)))
  let printed = ''
  await new Promise<void>(resolve => {
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
      if (printed.includes('ready')) resolve()
    })
  })
  const from = Date.now()
  child.kill(signal)
  const by = await ended
  return { by, seconds: (Date.now() - from) / 1000, said: printed.trim().split('\n') }
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends the scope of the process, then the process by that signal',
  async signal => {
    const ended = await signalled(
      `processScope.defer(() => console.log('folder'))
       const inner = new Scope(processScope)
       inner.defer(() => console.log('inner folder'))
       inner.defer(async () => { await sleep(100); console.log('inner process') })
       processScope.defer(() => { throw new Error('broken') })
       processScope.defer(() => console.log('process'))`,
      signal
    )
    expect(ended).toMatchObject({
      by: signal,
      said: ['ready', 'process', 'folder', 'inner process', 'inner folder']
    })
    expect(ended.seconds).toBeLessThan(2.5)
  }
)

test('a signal waits at most seven seconds for work that hangs', async () => {
  const ended = await signalled('processScope.defer(() => new Promise(() => {}))', 'SIGTERM')
  expect(ended.by).toBe('SIGTERM')
  expect(ended.seconds).toBeGreaterThan(6.5)
  expect(ended.seconds).toBeLessThan(15)
}, 30_000)
