// An environment image that no daemon builds, beside what its largest part takes: uv, which installs and compiles.
import { join } from 'node:path'
import { flags, flowstore } from '../kit/contestants.mjs'
import { twoEntrypoints } from '../kit/prefect-3.mjs'
import { DEPENDENCY, twoFlows } from '../kit/projects.mjs'
import { inTurns, median, timed } from '../kit/process.mjs'
import { atMost, caseOf } from '../kit/results.mjs'
import { environmentSeconds, withoutDaemon } from '../kit/without-daemon.mjs'

const RELEASES = [
  { release: '1.4.1', minor: '3.9', project: twoFlows },
  { release: '3.9.1', minor: '3.12', project: twoEntrypoints }
]

/**
 * The samples for one release: `install` and `build`, each given a cache of uv. Nothing is removed between samples: for
 * minutes, ext4 looks at each file that was just removed before it makes a new one.
 */
const readyRelease = async (bench, { release, minor, project: repositoryIn }) => {
  const { bed, id, folder, inFolder } = bench
  const python = bed.pythons[minor]
  const env = await withoutDaemon(bench, minor, inFolder(`direct-cache-${release}`))
  const project = repositoryIn(inFolder(`direct-${release}`))
  let installs = 0
  const install = async UV_CACHE_DIR => {
    const target = join(folder, `direct-target-${release}-${(installs += 1)}`)
    const args = ['pip', 'install', '--no-config', '--python', python, '--target', target]
    return timed(
      bed.uv,
      [...args, '--only-binary', ':all:', '--compile-bytecode', `prefect==${release}`, DEPENDENCY],
      { cwd: project.folder, env: { ...env, UV_CACHE_DIR } }
    )
  }
  let builds = 0
  const build = async UV_CACHE_DIR => {
    // A repository that has no environment image yet.
    const image = `${id}-direct-${release}-${(builds += 1)}`
    const base = bed.baseImages[minor]
    const args = [...flags({ release, base }, bed.registry.url, image), '--load-in', 'runner']
    const taken = await flowstore(project, args, { ...env, UV_CACHE_DIR })
    return { ...taken, seconds: environmentSeconds(taken.report) }
  }
  return { install, build }
}

/** An environment image without a daemon; the base image was read before, and is in the same registry. */
export const direct = async (bench, { repeat, slow, tell }) => {
  const warm = bench.inFolder('direct-uv-warm')
  let caches = 0
  const withEmpty = sample => () => sample(join(bench.folder, `direct-uv-cold-${(caches += 1)}`))
  const contestants = {}
  for (const release of RELEASES) {
    const name = release.release
    tell(`${name}: reading the base image, filling uv's cache`)
    const { install, build } = await readyRelease(bench, release)
    await build(warm)
    await install(warm)
    contestants[`flowstore ${name}`] = { sample: () => build(warm) }
    contestants[`uv ${name}`] = { sample: () => install(warm) }
    contestants[`flowstore ${name}, cold`] = { sample: withEmpty(build), most: slow }
    contestants[`uv ${name}, cold`] = { sample: withEmpty(install), most: slow }
  }
  const samples = await inTurns(contestants, repeat, tell)
  return caseOf(samples, all =>
    RELEASES.flatMap(({ release }) =>
      ['', ', cold'].map(cache => {
        const [own, uv] = [`flowstore ${release}${cache}`, `uv ${release}${cache}`]
        return atMost(
          `${release}${cache}: times uv, after one second`,
          1.3,
          (median(all[own]) - 1) / median(all[uv])
        )
      })
    )
  )
}
