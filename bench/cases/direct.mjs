// An environment image that no daemon builds, beside what its largest part takes: uv, which installs and compiles.
import { rmSync } from 'node:fs'
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

/** The samples for one release: `install` and `build`, each given a cache of uv. */
const readyRelease = async (bench, { release, minor, project: repositoryIn }) => {
  const { bed, id, folder, inFolder } = bench
  const python = bed.pythons[minor]
  const env = await withoutDaemon(bench, minor, inFolder(`direct-cache-${release}`))
  const project = repositoryIn(inFolder(`direct-${release}`))
  const target = join(folder, `direct-target-${release}`)
  const install = async UV_CACHE_DIR => {
    rmSync(target, { recursive: true, force: true })
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
  const cold = join(bench.folder, 'direct-uv-cold')
  const emptied = sample => () => {
    rmSync(cold, { recursive: true, force: true })
    return sample(cold)
  }
  const contestants = {}
  for (const release of RELEASES) {
    const name = release.release
    tell(`${name}: reading the base image, filling uv's cache`)
    const { install, build } = await readyRelease(bench, release)
    await build(warm)
    await install(warm)
    contestants[`flowstore ${name}`] = { sample: () => build(warm) }
    contestants[`uv ${name}`] = { sample: () => install(warm) }
    contestants[`flowstore ${name}, cold`] = { sample: emptied(build), most: slow }
    contestants[`uv ${name}, cold`] = { sample: emptied(install), most: slow }
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
