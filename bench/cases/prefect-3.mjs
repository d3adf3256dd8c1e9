// Prefect 3: flows with deployments, beside Prefect's own ways to build and register them.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { BUNDLE, NOWHERE } from '../kit/bench.mjs'
import { emptyNode, flags, flowstore } from '../kit/contestants.mjs'
import {
  bareDescriptions,
  manyEntrypoints,
  prefect3WithServer,
  twoEntrypoints
} from '../kit/prefect-3.mjs'
import {
  readyDeployScript,
  readyInstallAndDeploy,
  readyPrefectDeploy
} from '../kit/prefect-3-peers.mjs'
import { inTurns, median, timed } from '../kit/process.mjs'
import { atLeast, atMost, caseOf, ratio } from '../kit/results.mjs'
import {
  afterChange,
  readyChanged,
  readyDaemonless,
  readyUnchanged,
  saysChanged
} from './two-flows.mjs'

const PACKAGES = { dependency: false, requirements: 'requirements.txt' }

const withPackages = ready => (bench, release, project, image, options) =>
  ready(bench, release, project, image, { env: release.env, ...options, ...PACKAGES })

/** Prepares flowstore's samples, as those of two flows of Prefect 1. */
export const readyPrefect3 = {
  changed: withPackages(readyChanged),
  unchanged: withPackages(readyUnchanged),
  daemonless: withPackages(readyDaemonless)
}

const serverOf = bench => (bench.prefect3 ??= prefect3WithServer(bench))

/** The sample, and `flowstore deploy` after it. */
const deployed = (project, sample, env) => async () => {
  const taken = await sample()
  const { seconds } = await timed(
    process.execPath,
    [BUNDLE, 'deploy', '.flowstore/deployments.json'],
    { cwd: project.folder, env }
  )
  return { ...taken, seconds: taken.seconds + seconds }
}

/**
 * flowstore alone, flowstore with `flowstore deploy` after it, and Prefect's two ways. Each has a repository and an
 * image name of its own.
 */
const contestantsOf = async (bench, release, situation, repositoryFor, slow) => {
  const image = `${bench.id}-prefect3-${situation}`
  const ready = async name => {
    const project = repositoryFor(name)
    const sample = await readyPrefect3[situation](bench, release, project, `${image}-${name}`)
    return { project, sample }
  }
  const peer = async (name, readyPeer) => {
    const project = repositoryFor(name)
    const sample = await readyPeer(bench, release, project, `${image}-${name}`)
    return { most: slow, sample: situation === 'changed' ? afterChange(project, sample) : sample }
  }
  const alone = await ready('alone')
  const registered = await ready('deployed')
  const registeredSample = deployed(registered.project, registered.sample, release.env)
  // Prefect's two ways have registered once too: each sample then updates what the server has.
  await registeredSample()
  return {
    flowstore: { sample: alone.sample },
    'flowstore, deployed': { sample: registeredSample },
    'deploy()': await peer('script', readyDeployScript),
    'prefect deploy': await peer('steps', readyPrefectDeploy)
  }
}

/** One of two flows changed; the environment image is in registry and daemon, and all layers are cached. */
export const prefect3Changed = async (bench, { repeat, tell }) => {
  const release = await serverOf(bench)
  tell('making the environment images')
  const repositoryFor = name => twoEntrypoints(bench.inFolder(`prefect3-changed-${name}`))
  const contestants = await contestantsOf(bench, release, 'changed', repositoryFor)
  const samples = await inTurns(contestants, repeat, tell)
  return caseOf(samples, all => [
    atLeast('image alone: times faster than deploy()', 1, ratio(all, 'deploy()', 'flowstore')),
    atLeast(
      'image alone: times faster than prefect deploy',
      1.3,
      ratio(all, 'prefect deploy', 'flowstore')
    ),
    atLeast(
      'deployed: times faster than prefect deploy',
      1.1,
      ratio(all, 'prefect deploy', 'flowstore, deployed')
    )
  ])
}

/** One flow changed, no daemon; compared with the bare interpreter that flowstore caches for it. */
export const prefect3Daemonless = async (bench, { repeat, tell }) => {
  const release = await serverOf(bench)
  const project = twoEntrypoints(bench.inFolder('prefect3-daemonless'))
  tell('making environment image and interpreter')
  const { sample, python } = await readyPrefect3.daemonless(
    bench,
    release,
    project,
    `${bench.id}-prefect3-daemonless`
  )
  const contestants = {
    'empty Node': { sample: () => emptyNode(bench) },
    flowstore: { sample },
    'python -c': { sample: () => bareDescriptions(python, project, release.env) }
  }
  const samples = await inTurns(contestants, repeat, tell)
  return caseOf(samples, all => [
    atMost('times python -c', 1.3, ratio(all, 'flowstore', 'python -c'))
  ])
}

/** Nothing changed since the last run. */
export const prefect3Unchanged = async (bench, { repeat, tell }) => {
  const release = await serverOf(bench)
  tell('building once')
  const repositoryFor = name => twoEntrypoints(bench.inFolder(`prefect3-unchanged-${name}`))
  const contestants = {
    'empty Node': { sample: () => emptyNode(bench) },
    ...(await contestantsOf(bench, release, 'unchanged', repositoryFor))
  }
  const samples = await inTurns(contestants, repeat, tell)
  return caseOf(samples, all => [
    atLeast(
      "times faster than the faster of Prefect's ways",
      10,
      Math.min(ratio(all, 'deploy()', 'flowstore'), ratio(all, 'prefect deploy', 'flowstore'))
    ),
    atMost('seconds', 0.2, median(all.flowstore))
  ])
}

/** 100 flows in 20 modules, and the module that all of them import has changed. */
export const prefect3Many = async (bench, { repeat, slow, tell }) => {
  const release = await serverOf(bench)
  tell('making the environment images')
  const repositoryFor = name => manyEntrypoints(bench.inFolder(`prefect3-many-${name}`), 100, 20)
  const contestants = await contestantsOf(bench, release, 'changed', repositoryFor, slow)
  const samples = await inTurns(contestants, repeat, tell)
  return caseOf(samples, all => [
    atLeast(
      'image alone: times faster than prefect deploy',
      10,
      ratio(all, 'prefect deploy', 'flowstore')
    ),
    atLeast(
      'deployed: times faster than prefect deploy',
      3,
      ratio(all, 'prefect deploy', 'flowstore, deployed')
    )
  ])
}

/** Nothing changed, on a runner that has nothing: flowstore has no cache and no daemon, the others have no Prefect. */
export const prefect3Cold = async (bench, { repeat, slow, tell }) => {
  const release = await serverOf(bench)
  const image = `${bench.id}-prefect3-cold`
  const repository = name => twoEntrypoints(bench.inFolder(`prefect3-cold-${name}`))
  tell('building once')
  const project = repository('flowstore')
  await readyPrefect3.unchanged(bench, release, project, image)
  const cache = join(bench.folder, 'prefect3-cold-cache')
  const env = { ...release.env, XDG_CACHE_HOME: cache, DOCKER_HOST: NOWHERE }
  const build = async () => {
    rmSync(cache, { recursive: true, force: true })
    return flowstore(project, [...flags(release, bench.bed.registry.url, image, PACKAGES)], env)
  }
  const contestants = {
    flowstore: { sample: saysChanged('false', build) },
    'flowstore, deployed': { sample: deployed(project, saysChanged('false', build), env) }
  }
  for (const installer of ['pip', 'uv']) {
    const sample = await readyInstallAndDeploy(
      bench,
      release,
      repository(installer),
      `${image}-${installer}`,
      installer
    )
    contestants[`${installer} install, prefect deploy`] = { most: slow, sample }
  }
  const samples = await inTurns(contestants, repeat, tell)
  return caseOf(samples, all => [
    atLeast(
      'deployed: times faster than pip install and prefect deploy',
      10,
      ratio(all, 'pip install, prefect deploy', 'flowstore, deployed')
    )
  ])
}
