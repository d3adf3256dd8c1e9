// An environment image of two platforms, beside one of this machine's alone.
import { flags, flowstore } from '../kit/contestants.mjs'
import { twoEntrypoints } from '../kit/prefect-3.mjs'
import { twoFlows } from '../kit/projects.mjs'
import { inTurns } from '../kit/process.mjs'
import { atMost, caseOf, ratio } from '../kit/results.mjs'
import { baseOfTwoPlatforms, environmentSeconds, withoutDaemon } from '../kit/without-daemon.mjs'

const RELEASES = [
  { release: '1.4.1', minor: '3.9', project: twoFlows },
  { release: '3.9.1', minor: '3.12', project: twoEntrypoints }
]

/** Both are built without a daemon. The base image was read before, is in the same registry, and uv's cache is warm. */
export const platforms = async (bench, { repeat, tell }) => {
  const { bed, id, inFolder } = bench
  const own = `linux/${process.arch === 'arm64' ? 'arm64' : 'amd64'}`
  const contestants = {}
  for (const { release, minor, project: repositoryIn } of RELEASES) {
    tell(`${release}: reading the base image, filling uv's cache`)
    const project = repositoryIn(inFolder(`platforms-${release}`))
    const { base, platforms: both } = await baseOfTwoPlatforms(bench, bed.baseImages[minor])
    const env = {
      ...(await withoutDaemon(bench, minor, inFolder(`platforms-cache-${release}`))),
      UV_CACHE_DIR: inFolder('platforms-uv')
    }
    let builds = 0
    const build = async chosen => {
      // A repository that has no environment image yet.
      const image = `${id}-platforms-${release}-${(builds += 1)}`
      const args = flags({ release, base }, bed.registry.url, image)
      const taken = await flowstore(
        project,
        [...args, '--load-in', 'runner', '--platforms', chosen.join(',')],
        env
      )
      return { ...taken, seconds: environmentSeconds(taken.report) }
    }
    await build(both)
    contestants[`one platform ${release}`] = { sample: () => build([own]) }
    contestants[`two platforms ${release}`] = { sample: () => build(both) }
  }
  const samples = await inTurns(contestants, repeat, tell)
  return caseOf(samples, all =>
    RELEASES.map(({ release }) =>
      atMost(
        `${release}: times one platform`,
        1.5,
        ratio(all, `two platforms ${release}`, `one platform ${release}`)
      )
    )
  )
}
