// A process that builds with the library whenever its parent tells it to, and says what it still holds.
import { setImmediate as nextTurn } from 'node:timers/promises'

const [, , library] = process.argv
const { buildStorage, publishToDirectory } = await import(library)

let warnings = 0
process.on('warning', () => (warnings += 1))

const outcomeOf = async ({ options, surroundings, directory }) => {
  try {
    const build = await buildStorage(options, surroundings)
    return (await publishToDirectory(build, directory)).report.outputs.changed
  } catch (error) {
    if (error.code === undefined) throw error
    return error.code
  }
}

const held = async () => {
  // What the first collection finalizes is gone only after the second.
  for (let time = 0; time < 2; time += 1) {
    globalThis.gc()
    await nextTurn()
  }
  const { heapUsed: heap, external: buffers, rss: resident } = process.memoryUsage()
  const resources = process.getActiveResourcesInfo().length
  return { heap, buffers, resident, 'active resources': resources, warnings }
}

process.on('message', async message => {
  process.send(message === 'held' ? await held() : await outcomeOf(message))
})
process.send('ready')
