import { processScope } from './scope.js'

/** The work waits for something that nothing in this process can bring any more. */
class StuckError extends Error {
  constructor() {
    super('the run waits for something that can no longer happen')
    this.name = 'StuckError'
  }
}

/**
 * The result of some work, for programs only. Node ends a process that has nothing left to do, also while a promise is
 * awaited: with exit code 13, and without a word. Here what the work began is ended, and the work fails.
 *
 * @throws StuckError, and what the work throws
 */
export async function unlessStuck<T>(work: Promise<T>): Promise<T> {
  let onNothingLeft: () => void = () => undefined
  const stuck = new Promise<never>((_, reject) => {
    onNothingLeft = () => {
      void processScope.endTogether().then(() => {
        reject(new StuckError())
      })
    }
  })
  process.once('beforeExit', onNothingLeft)
  try {
    return await Promise.race([work, stuck])
  } finally {
    process.off('beforeExit', onNothingLeft)
  }
}
