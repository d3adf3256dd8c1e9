import { availableParallelism } from 'node:os'

/** Does some work with each of several things, in order: as many at a time as there are processors. */
export const onEachProcessor = async (things, work) => {
  const left = things.values()
  const next = async () => {
    for (const thing of left) await work(thing)
  }
  await Promise.all(Array.from({ length: availableParallelism() }, next))
}
