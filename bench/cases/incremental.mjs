// One module changed, with `incremental: auto`: of 1,000 generated flows, and of a repository of a real one's size.
import { bareDumps, flags, flowstore } from '../kit/contestants.mjs'
import { inTurns, timed } from '../kit/process.mjs'
import { manyFlows } from '../kit/projects.mjs'
import { realRepository } from '../kit/real-repository.mjs'
import { atMost, caseOf, ratio } from '../kit/results.mjs'
import { afterChange, readyWithoutDaemon, releasesOf } from './two-flows.mjs'

const RELEASE = '1.4.1'
const AUTO = ['--incremental', 'auto', '--tags', 'main']

const releaseOf = async bench =>
  (await releasesOf(bench)).find(({ release }) => release === RELEASE)

/** A sample of one change that loads one module, and takes the flows of all others. */
const takingOthers = (project, run) =>
  afterChange(project, async () => {
    const taken = await run()
    const { loaded, taken: others } = taken.report.load.modules
    if (loaded !== 1 || others !== project.modules.length - 1) {
      throw new Error(`${loaded} modules are loaded, and ${others} taken`)
    }
    return taken
  })

/** Python that imports one module of a project and pickles its flows. */
const bareDumpsOf = (python, project, module, env) =>
  timed(
    python,
    [
      ...['-W', 'ignore', '-c'],
      `import cloudpickle, importlib\ncloudpickle.dumps(importlib.import_module("${module}").flow)`
    ],
    { cwd: project.folder, env }
  )

/** One module of 200 changed, without a daemon; beside all modules, and beside a run of 10 flows. */
export const incremental = async (bench, { repeat, tell }) => {
  const { url } = bench.bed.registry
  const release = await releaseOf(bench)
  const image = `${bench.id}-incremental`
  const options = { dependency: false }
  tell('making environment image and interpreter')
  const small = manyFlows(bench.inFolder('incremental-10'), 10, 1)
  const { env } = await readyWithoutDaemon(bench, release, small, url, image, options)
  const args = [...flags(release, url, image, options), '--load-in', 'auto']
  const many = manyFlows(bench.inFolder('incremental-1000'), 1000, 200)
  const runMany = () => flowstore(many, [...args, ...AUTO], env)
  const tagged = [...args, '--tags', 'small']
  await runMany()
  const whole = manyFlows(bench.inFolder('incremental-off'), 1000, 200)
  const samples = await inTurns(
    {
      '10 flows': { sample: afterChange(small, () => flowstore(small, tagged, env)) },
      '1,000 flows, incremental': { sample: takingOthers(many, runMany) },
      '1,000 flows': { sample: afterChange(whole, () => flowstore(whole, tagged, env)) }
    },
    repeat,
    tell
  )
  return caseOf(samples, all => [
    atMost('times a run of 10 flows', 2, ratio(all, '1,000 flows, incremental', '10 flows'))
  ])
}

/** One module of a repository of a real one's size changed, without a daemon; beside a bare import of that module. */
export const incrementalReal = async (bench, { repeat, tell }) => {
  const { url } = bench.bed.registry
  const release = await releaseOf(bench)
  const image = `${bench.id}-incremental-real`
  const options = { dependency: false, requirements: 'requirements.txt' }
  const project = realRepository(bench.inFolder('incremental-real'))
  const whole = realRepository(bench.inFolder('incremental-real-off'))
  tell('making environment image and interpreter')
  const { env, python } = await readyWithoutDaemon(bench, release, whole, url, image, options)
  const args = [...flags(release, url, image, options), '--load-in', 'auto']
  const run = () => flowstore(project, [...args, ...AUTO], env)
  await run()
  const [changed] = project.modules
  const samples = await inTurns(
    {
      'python -c, one module': {
        sample: () => bareDumpsOf(python, project, changed, bench.env)
      },
      'python -c, all modules': { sample: () => bareDumps(python, project, bench.env) },
      'flowstore, incremental': { sample: takingOthers(project, run) },
      flowstore: { sample: afterChange(whole, () => flowstore(whole, args, env)) }
    },
    repeat,
    tell
  )
  return caseOf(samples, all => [
    atMost(
      'times a bare import of the changed module',
      1.5,
      ratio(all, 'flowstore, incremental', 'python -c, one module')
    )
  ])
}
