// 10, 100 and 1,000 flows in 1, 20 and 200 modules, all in one image.
import { bareDumps, flags, flowstore } from '../kit/contestants.mjs'
import { inTurns, median, slope, timed } from '../kit/process.mjs'
import { manyFlows } from '../kit/projects.mjs'
import { countingProxy } from '../kit/proxy.mjs'
import { atMost, caseOf } from '../kit/results.mjs'
import { readyWithoutDaemon, releasesOf } from './two-flows.mjs'

const RELEASE = '1.4.1'
const SIZES = [
  { flows: 10, modules: 1 },
  { flows: 100, modules: 20 },
  { flows: 1000, modules: 200 }
]
/** Prefect builds an image for each module with a storage: 200 of them would take most of an hour. */
const PREFECT_UP_TO = 100

const NAMES = { image: 'in the image', runner: 'daemonless' }

/** `prefect build` of modules whose flows have a Docker storage. */
const prefectCli = (release, project, env) =>
  timed(release.python, ['-m', 'prefect', 'build', '-p', 'flows', '-o', 'out.json'], {
    cwd: project.folder,
    env: { ...release.environment(project.folder), ...env }
  })

/** The daemon's events of some kinds since a time that contain a text. */
const events = async (bench, from, kinds, text) => {
  const filters = kinds.flatMap(kind => ['--filter', `event=${kind}`])
  const until = String(Date.now() / 1000)
  const format = '{{.Action}} {{json .Actor.Attributes}} {{.Actor.ID}}'
  const lines = await bench.docker([
    ...['events', '--since', String(from), '--until', until, '--format', format],
    ...filters
  ])
  return lines.split('\n').filter(line => line.includes(text))
}

/** Counts what one run starts and pushes, outside the timed samples. */
const countOurs = async (bench, proxy, project, args, env) => {
  project.change()
  proxy.reset()
  const from = Date.now() / 1000
  await flowstore(project, args, env)
  const puts = proxy.count().requests.filter(line => /^PUT \S+\/manifests\//.test(line))
  const containers = await events(bench, from, ['create'], bench.id)
  return { pushes: puts.length, containers: containers.length }
}

const countPrefect = async (bench, from, image) => ({
  builds: (await events(bench, from, ['tag'], image)).length,
  pushes: (await events(bench, from, ['push'], image)).length
})

export const scale = async (bench, { repeat, slow, tell }) => {
  const { url } = bench.bed.registry
  const release = (await releasesOf(bench)).find(known => known.release === RELEASE)
  const image = `${bench.id}-scale`
  const args = flags(release, url, image, { dependency: false })
  tell('making environment image and interpreter')
  const small = manyFlows(bench.inFolder('scale-first'), 1, 1)
  const { python, env } = await readyWithoutDaemon(bench, release, small, url, image, {
    dependency: false
  })
  const contestants = {}
  const counted = {}
  const proxy = await countingProxy(url)
  try {
    for (const { flows, modules } of SIZES) {
      const project = manyFlows(bench.inFolder(`scale-${flows}`), flows, modules)
      const run = (loadIn, environment) => () => {
        project.change()
        return flowstore(project, [...args, '--load-in', loadIn], environment)
      }
      contestants[`flowstore ${NAMES.image}, ${flows} flows`] = { sample: run('image', bench.env) }
      contestants[`flowstore ${NAMES.runner}, ${flows} flows`] = { sample: run('auto', env) }
      contestants[`python -c, ${flows} flows`] = {
        sample: () => bareDumps(python, project, bench.env)
      }
      const behind = [
        ...flags(release, proxy.url, image, { dependency: false }),
        '--load-in',
        'image'
      ]
      counted[`flowstore, ${flows} flows`] = await countOurs(
        bench,
        proxy,
        project,
        behind,
        bench.env
      )
      tell(`${flows} flows: ${JSON.stringify(counted[`flowstore, ${flows} flows`])}`)
      if (flows > PREFECT_UP_TO) continue
      const name = `${image}-prefect-${flows}`
      const storage = `Docker(registry_url="${url}", base_image="${release.base}", image_name="${name}")`
      const theirs = manyFlows(bench.inFolder(`scale-prefect-${flows}`), flows, modules, storage)
      contestants[`prefect build, ${flows} flows`] = {
        most: flows > 10 ? Math.min(slow, 1) : slow,
        sample: async () => {
          theirs.change()
          const from = Date.now() / 1000
          const taken = await prefectCli(release, theirs, {})
          counted[`prefect build, ${flows} flows`] ??= await countPrefect(bench, from, name)
          return taken
        }
      }
    }
    const samples = await inTurns(contestants, repeat, tell)
    const most = read =>
      Math.max(...SIZES.map(({ flows }) => read(counted[`flowstore, ${flows} flows`])))
    return caseOf(
      samples,
      all => {
        const checks = Object.values(NAMES).flatMap(name => {
          const points = SIZES.map(({ flows }) => [
            flows,
            median(all[`flowstore ${name}, ${flows} flows`]) -
              median(all[`python -c, ${flows} flows`])
          ])
          const perFlow = slope(points)
          const middle = points.reduce((sum, [, y]) => sum + y, 0) / points.length
          const mean = points.reduce((sum, [x]) => sum + x, 0) / points.length
          const off = points.map(([x, y]) => Math.abs(y - middle - perFlow * (x - mean)))
          const longest = median(all[`flowstore ${name}, ${SIZES.at(-1).flows} flows`])
          return [
            atMost(`${name}: ms a flow beyond Python's own work`, 15, 1000 * perFlow),
            atMost(
              `${name}: % of the longest time off the straight line`,
              10,
              (100 * Math.max(...off)) / longest
            )
          ]
        })
        return [
          ...checks,
          atMost(
            'containers of a run',
            1,
            most(({ containers }) => containers)
          ),
          atMost(
            'pushes of a run',
            1,
            most(({ pushes }) => pushes)
          )
        ]
      },
      { counted }
    )
  } finally {
    await proxy.close()
    await bench.removeImages(proxy.url)
  }
}
