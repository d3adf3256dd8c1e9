import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import type { PublishedReport } from '../../src/publish/outputs.js'
import { field, fieldIn } from '../helpers/field.js'
import { oneFlow, temporaryFolder } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'

/** Kills its process before its n-th rename below a folder. */
const HOOK = `const fs = require('node:fs')
const { KILL_BELOW: below, KILL_AT: at } = process.env
let count = 0
const killing = rename => (from, to) => {
  if (String(to).startsWith(below) && ++count === Number(at)) {
    process.kill(process.pid, 'SIGKILL')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  }
  return rename(from, to)
}
fs.promises.rename = killing(fs.promises.rename)
fs.renameSync = killing(fs.renameSync)
require('node:module').syncBuiltinESMExports()
`

/** Variables of a run that is killed before its n-th rename below a folder. */
function killedAt(below: string, n: number): NodeJS.ProcessEnv {
  const hook = join(temporaryFolder(), 'hook.cjs')
  writeFileSync(hook, HOOK)
  return { NODE_OPTIONS: `--require ${hook}`, KILL_BELOW: below, KILL_AT: String(n) }
}

const entrypointFlow = (result: number): string =>
  `from prefect import flow


@flow
def orders():
    return ${result}
`

/** A repository with one module, and where a build puts its result. */
function place(args: readonly string[], module: string) {
  const { root, write } = field({ 'f.py': module })
  const { flowstore } = fieldIn(root)
  const output = join(root, '.flowstore')
  return {
    root,
    write,
    run: (env?: NodeJS.ProcessEnv) => flowstore(['build', 'f.py', ...args], env),
    /** A run that fails before it loads anything, and so changes nothing but what it mends. */
    mend: () => flowstore(['build', 'missing.py', ...args]),
    key: () => {
      const { flows } = JSON.parse(
        readFileSync(join(output, 'report.json'), 'utf8')
      ) as PublishedReport
      return flows[0]?.key
    },
    kept: (file: string) => readFileSync(join(root, 'kept', file), 'utf8'),
    /** What only a killed run leaves. */
    left: () =>
      [...readdirSync(root), ...readdirSync(output), ...readdirSync(join(root, 'kept'))].filter(
        name => /^\.(draft|complete)|\.(tmp|old)$/.test(name)
      )
  }
}

describeWith(['venv:3.9.1'], 'a run with sources that is killed at any rename', bed => {
  test('leaves the result and the sources of one run, once the next one has begun', async () => {
    const args = ['--storage', 'local', '--directory', 'kept', '--python', bed.venvs['3.9.1']]
    const { root, write, run, mend, key, kept, left } = place(args, entrypointFlow(0))
    const first = await run()
    expect([first.code, first.text]).toEqual([0, expect.anything()])
    const ends: string[] = []
    const wrong: string[] = []
    for (let n = 1; ends.at(-1) !== 'complete'; n += 1) {
      const former = { key: key(), text: kept('f.py') }
      write('f.py', entrypointFlow(n))
      const { code, text } = await run(killedAt(root, n))
      if (text.includes('error ')) wrong.push(`${n}: ${text}`)
      if (code !== 0 && (await mend()).code !== 2) wrong.push(`${n}: the next run did not begin`)
      const isNew = key() !== former.key
      ends.push(code === 0 ? 'complete' : isNew ? 'new' : 'former')
      if (kept('f.py') !== (isNew ? entrypointFlow(n) : former.text)) {
        wrong.push(`${n}: the sources are not those of the ${isNew ? 'new' : 'former'} result`)
      }
      wrong.push(...left().map(name => `${n}: ${name} is left`))
    }
    process.stderr.write(`killed at ${ends.length - 1} renames: ${ends.join(', ')}\n`)
    expect(wrong).toEqual([])
    expect([ends.slice(0, 3), ends.includes('new')]).toEqual([['former', 'former', 'former'], true])
  }, 600_000)
})

describeWith(
  ['venv:0.5.4'],
  'a run with pickles that is killed before a flow is in its place',
  bed => {
    test('leaves the flow of the run before, and the next one removes the draft', async () => {
      const args = ['--storage', 'local', '--directory', 'kept', '--python', bed.venvs['0.5.4']]
      const { root, write, run, kept, left } = place(args, oneFlow('a'))
      const first = await run()
      expect([first.code, first.text]).toEqual([0, expect.anything()])
      const before = kept('a.prefect')
      write('f.py', `${oneFlow('a')}    one()\n`)
      await run(killedAt(join(root, 'kept'), 1))
      expect([kept('a.prefect'), left()]).toEqual([
        before,
        [expect.stringMatching(/^a\.prefect\.flowstore-\d+\.tmp$/)]
      ])
      const next = await run()
      expect([next.code, kept('a.prefect') === before, left()]).toEqual([0, false, []])
    }, 120_000)
  }
)
