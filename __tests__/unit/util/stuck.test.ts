import { expect, test } from '@jest/globals'
import { run } from '../../helpers/flowstore.js'
import { scriptWith } from '../../helpers/scripts.js'

/** What a process prints that runs a script with `unlessStuck`, and its exit code. */
const ended = async (script: string) => {
  const { code, stdout, stderr } = await run(
    process.execPath,
    [
      scriptWith(
        ['scope', 'stuck'],
        `import { processScope } from './scope.js'
         import { unlessStuck } from './stuck.js'
         const say = text => console.log(text)
         ${script}
         say('over')`
      )
    ],
    process.cwd()
  )
  return { code, said: stdout.trim().split('\n'), stderr }
}

test('work that nothing can settle any more fails, after what it began has ended', async () => {
  expect(
    await ended(
      `processScope.defer(() => new Promise(done => setTimeout(() => { say('folder'); done() }, 20)))
       await unlessStuck(new Promise(() => undefined)).catch(error => say(error.message))`
    )
  ).toEqual({
    code: 0,
    said: ['folder', 'the run waits for something that can no longer happen', 'over'],
    stderr: ''
  })
})

test('other work gives its result', async () => {
  expect(
    await ended(
      `const work = new Promise(done => setTimeout(() => done('result'), 20))
       say(await unlessStuck(work))
       await unlessStuck(Promise.reject(new Error('broken'))).catch(error => say(error.message))`
    )
  ).toEqual({ code: 0, said: ['result', 'broken', 'over'], stderr: '' })
})
