// A runner with nothing installed but an interpreter: its cache is empty, and so is its daemon, if it has one.
import { join } from 'node:path'
import { NOWHERE } from '../kit/bench.mjs'
import { emptyNode, flags, flowstore } from '../kit/contestants.mjs'
import { emptyDaemon, noDaemonHere } from '../kit/daemon.mjs'
import { prefect3, twoEntrypoints } from '../kit/prefect-3.mjs'
import { median } from '../kit/process.mjs'
import { twoFlows } from '../kit/projects.mjs'
import { countingProxy } from '../kit/proxy.mjs'
import { atLeast, atMost, caseOf, ratio } from '../kit/results.mjs'
import { releasesOf } from './two-flows.mjs'

/** Seconds beyond empty Node. */
const MOST = { '1.4.1': 2.5, '3.9.1': 4 }
/** Bytes beyond the layers with packages. */
const MOST_BYTES = 100_000

/** The layers of an image that its base has not. */
const ownLayers = (image, base) => {
  const known = new Set(base.layers.map(({ digest }) => digest))
  return image.layers.filter(({ digest }) => !known.has(digest))
}

/** One flow changed: with unpacked packages, and in a container of an image that must be pulled first. */
export const emptyRunner = async (bench, { repeat, tell }) => {
  const proxy = await countingProxy(bench.bed.registry.url)
  const samples = { 'empty Node': [] }
  const beyond = {}
  const impossible = noDaemonHere()
  try {
    const releases = [
      {
        ...(await releasesOf(bench)).find(({ release }) => release === '1.4.1'),
        // Prefect is not in the base image, but among the packages on it.
        base: bench.bed.baseImages['3.9'],
        project: twoFlows(bench.inFolder('empty-runner-1')),
        packages: {}
      },
      {
        ...(await prefect3(bench)),
        base: bench.bed.baseImages['3.12'],
        project: twoEntrypoints(bench.inFolder('empty-runner-3')),
        packages: { dependency: false, requirements: 'requirements.txt' }
      }
    ]
    for (const found of releases) {
      const { release: name, project, minor, packages } = found
      const base = found.base.replace(bench.bed.registry.url, proxy.url)
      const image = `${bench.id}-empty-runner-${name}`
      const args = flags({ ...found, base }, proxy.url, image, packages)
      const caches = bench.inFolder(`empty-runner-caches-${name}`)
      const env = bench.withPython(minor)
      let runs = 0
      const run = (added, variables) => {
        // Removing the cache before a sample would slow it: for minutes, ext4 looks at each file that was just removed.
        const XDG_CACHE_HOME = join(caches, String((runs += 1)))
        return flowstore(project, [...args, ...added], { ...env, XDG_CACHE_HOME, ...variables })
      }
      tell(`${name}: making the environment image`)
      await run([])
      const tag = (await bench.registry.tags(image)).find(each => each.startsWith('env-'))
      const [repository, version] = base.slice(proxy.url.length + 1).split(':')
      const size = ownLayers(
        await bench.registry.manifest(image, tag),
        await bench.registry.manifest(repository, version)
      ).reduce((sum, layer) => sum + layer.size, 0)
      const sample = async (contestant, loadIn, host) => {
        project.change()
        proxy.reset()
        const taken = await run(['--load-in', loadIn], { DOCKER_HOST: host })
        const { received, sent } = proxy.count()
        ;(samples[contestant] ??= []).push(taken)
        tell(`${contestant}: ${taken.seconds.toFixed(2)} s, ${received + sent} bytes`)
        return received + sent
      }
      beyond[name] = []
      for (let round = 0; round < repeat; round += 1) {
        samples['empty Node'].push(await emptyNode(bench))
        const bytes = await sample(`flowstore ${name}`, 'auto', NOWHERE)
        beyond[name].push(bytes - size)
        if (impossible !== undefined) continue
        const daemon = await emptyDaemon()
        bench.defer(daemon.end)
        await sample(`in a container ${name}`, 'image', daemon.host)
        await daemon.stop()
      }
    }
    return caseOf(
      samples,
      all => [
        ...Object.entries(MOST).flatMap(([name, most]) => [
          atMost(
            `${name}: seconds beyond empty Node`,
            most,
            median(all[`flowstore ${name}`]) - median(all['empty Node'])
          ),
          atMost(
            `${name}: bytes beyond the layers with packages`,
            MOST_BYTES,
            Math.max(...beyond[name])
          ),
          ...(impossible === undefined
            ? [
                atLeast(
                  `${name}: times faster than in a container`,
                  5,
                  ratio(all, `in a container ${name}`, `flowstore ${name}`)
                )
              ]
            : [])
        ])
      ],
      { bytesBeyond: beyond, ...(impossible ? { leftOut: impossible } : {}) }
    )
  } finally {
    await proxy.close()
    await bench.removeImages(proxy.url)
  }
}
