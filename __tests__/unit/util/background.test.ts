import { describe, expect, it, jest } from '@jest/globals'
import { Background } from '../../../src/util/background.js'
import { Scope } from '../../../src/util/scope.js'

/** Work that ends when it is told to. */
const work = () => {
  let end: () => void = () => undefined
  let fail: (error: Error) => void = () => undefined
  const going = new Promise<void>((resolve, reject) => {
    end = resolve
    fail = reject
  })
  return { going, end: () => end(), fail: (error: Error) => fail(error) }
}

describe('Background', () => {
  it('finishes when all work has ended', async () => {
    const background = new Background(new Scope())
    const [one, other] = [work(), work()]
    background.add(one.going, () => undefined)
    background.add(other.going, () => undefined)
    let isFinished = false
    const finished = background.finished().then(() => {
      isFinished = true
    })
    one.end()
    await new Promise(setImmediate)
    expect(isFinished).toBe(false)
    other.end()
    await finished
  })

  it('keeps what the work needs until the work and the scope end', async () => {
    const scope = new Scope()
    const background = new Background(scope)
    const { going, end } = work()
    const removed = jest.fn()
    background.add(going, removed)
    const ended = scope.end()
    await new Promise(setImmediate)
    expect(removed).not.toHaveBeenCalled()
    end()
    await ended
    expect(removed).toHaveBeenCalledTimes(1)
  })

  it('reports a failure when it is waited for, and removes what the work needed', async () => {
    const scope = new Scope()
    const background = new Background(scope)
    const { going, fail } = work()
    const removed = jest.fn()
    background.add(going, removed)
    fail(new Error('the command is gone'))
    await expect(background.finished()).rejects.toThrow('the command is gone')
    await scope.end()
    expect(removed).toHaveBeenCalledTimes(1)
  })
})
