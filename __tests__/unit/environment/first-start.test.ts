import { expect, test } from '@jest/globals'
import { FirstStart } from '../../../src/environment/first-start.js'

/** A first start whose tag is counted, and a Python in which the command ends so. */
function starting(exitCode: number, printed = '') {
  const done: string[] = []
  const firstStart = new FirstStart(['prefect', 'version'], () => {
    done.push('tag')
    return Promise.resolve()
  })
  const python = {
    start: (command: readonly string[]) => {
      done.push(command.join(' '))
      return Promise.resolve({ protocol: 14, action: 'start', exitCode, printed } as const)
    }
  }
  return { firstStart, python, done }
}

test('an image gets its tag when the command has started, which is done once', async () => {
  const { firstStart, python, done } = starting(0)
  await firstStart.in(python)
  await firstStart.in(python)
  expect(done).toEqual(['prefect version', 'tag'])
})

test('an image in which the command does not start gets no tag, and the error has its last lines', async () => {
  const lines = Array.from({ length: 40 }, (_value, index) => `line ${index}`)
  const { firstStart, python, done } = starting(1, `${lines.join('\n')}\nImportError: no typer\n`)
  await expect(firstStart.in(python)).rejects.toMatchObject({
    code: 'IMAGE_BUILD',
    message:
      "the environment image can't be built: 'prefect version' does not start in it, and a worker needs it",
    detail: [...lines.slice(-14), 'ImportError: no typer'].join('\n')
  })
  expect(done).toEqual(['prefect version'])
})
