// Two flows of three tasks: one changed flow, nothing changed, a first build.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keptInterpreter, NOWHERE } from '../kit/bench.mjs'
import {
  bareDumps,
  emptyNode,
  flags,
  flowstore,
  handWritten,
  prefectBuild
} from '../kit/contestants.mjs'
import { inTurns, median } from '../kit/process.mjs'
import { prefectReleases, twoFlows } from '../kit/projects.mjs'
import { countingProxy } from '../kit/proxy.mjs'
import { atLeast, atMost, caseOf, phasesOf, ratio } from '../kit/results.mjs'

/** Releases of Prefect, each with a repository of two flows; created once in a run. */
const releasesOf = bench =>
  (bench.releases ??= prefectReleases(bench).then(releases =>
    Object.values(releases).map(release => ({
      ...release,
      project: twoFlows(bench.inFolder(`two-flows-${release.release}`))
    }))
  ))

const cacheOf = (bench, release) => bench.inFolder(`cache-${release}`)

export const afterChange = (project, sample) => async () => {
  project.change()
  return sample()
}

/** A sample of flowstore whose output `changed` must have the given value. */
export const saysChanged = (answer, sample) => async () => {
  const taken = await sample()
  const { changed } = taken.report.outputs
  if (changed !== answer) throw new Error(`the output changed is ${changed}, not ${answer}`)
  return taken
}

/** Builds once with flowstore; returns a function that builds again. */
const readyToBuild = async (bench, release, project, image, options = {}) => {
  const args = flags(release, bench.bed.registry.url, image, options)
  const run = () => flowstore(project, args, options.env ?? bench.env, options)
  await run()
  return run
}

/**
 * Prepares flowstore's sample of a case: environment image, interpreter, an earlier build.
 *
 * @param options those of `flags` and `flowstore`; `env`: the environment, default that of the bench
 */
export const readyChanged = async (bench, release, project, image, options) => {
  const run = await readyToBuild(bench, release, project, image, options)
  return saysChanged('true', afterChange(project, run))
}

/** The same for a build where nothing changed. */
export const readyUnchanged = async (bench, release, project, image, options) =>
  saysChanged('false', await readyToBuild(bench, release, project, image, options))

/** The same for one changed flow if no daemon answers, with separate caches. */
export const readyDaemonless = async (bench, release, project, image, options) => {
  const { url } = bench.bed.registry
  const { run, python } = await readyWithoutDaemon(bench, release, project, url, image, options)
  return { sample: saysChanged('true', afterChange(project, run)), python }
}

/** One flow changed; the environment image is in registry and daemon, and all layers are cached. */
export const changed = async (bench, { repeat, slow, tell }) => {
  const { url } = bench.bed.registry
  const contestants = {}
  for (const release of await releasesOf(bench)) {
    const { release: name, project } = release
    const image = `${bench.id}-changed-${name}`
    const byHand = await handWritten(bench, release, `${image}-by-hand`)
    const build = () => prefectBuild(release, project, { registry: url, image: `${image}-prefect` })
    tell(`${name}: making the environment images`)
    contestants[`flowstore ${name}`] = {
      sample: await readyChanged(bench, release, project, image)
    }
    await byHand(project)
    const kept = await readyWithoutDaemon(bench, release, project, url, `${image}-kept`)
    contestants[`flowstore ${name}, auto`] = { sample: afterChange(project, kept.run) }
    contestants[`by hand ${name}`] = { sample: afterChange(project, () => byHand(project)) }
    contestants[`Prefect ${name}`] = { sample: afterChange(project, build), most: slow }
  }
  const samples = await inTurns(contestants, repeat, tell)
  return caseOf(samples, all => [
    atLeast(
      '0.5.4: times faster than Docker.build()',
      30,
      ratio(all, 'Prefect 0.5.4', 'flowstore 0.5.4')
    ),
    atLeast(
      '1.4.1: times faster than Docker.build()',
      7,
      ratio(all, 'Prefect 1.4.1', 'flowstore 1.4.1')
    ),
    atLeast('0.5.4: times faster than by hand', 2, ratio(all, 'by hand 0.5.4', 'flowstore 0.5.4')),
    atLeast('1.4.1: times faster than by hand', 2, ratio(all, 'by hand 1.4.1', 'flowstore 1.4.1')),
    ...['0.5.4', '1.4.1'].map(name =>
      atLeast(
        `${name}: times faster than by hand, with load-in: auto and an interpreter kept`,
        2,
        ratio(all, `by hand ${name}`, `flowstore ${name}, auto`)
      )
    )
  ])
}

/** Creates what a daemonless run needs: the environment image in the registry, a cached interpreter. */
export const readyWithoutDaemon = async (bench, release, project, registry, image, options) => {
  const cache = cacheOf(bench, `${image}`)
  const env = { ...bench.withPython(release.minor), XDG_CACHE_HOME: cache }
  const args = flags(release, registry, image, options)
  await flowstore(project, args, env, options)
  project.change()
  const alone = { ...env, DOCKER_HOST: NOWHERE }
  await flowstore(project, [...args, '--load-in', 'runner'], alone, options)
  return {
    python: keptInterpreter(cache),
    env: alone,
    run: () => flowstore(project, [...args, '--load-in', 'auto'], alone, options)
  }
}

/** One flow changed, no daemon; compared with the bare interpreter that flowstore caches for it. */
export const daemonless = async (bench, { repeat, tell }) => {
  const contestants = { 'empty Node': { sample: () => emptyNode(bench) } }
  for (const release of await releasesOf(bench)) {
    const { release: name, project } = release
    tell(`${name}: making environment image and interpreter`)
    const image = `${bench.id}-daemonless-${name}`
    const { sample, python } = await readyDaemonless(bench, release, project, image)
    contestants[`flowstore ${name}`] = { sample }
    contestants[`python -c ${name}`] = { sample: () => bareDumps(python, project, bench.env) }
  }
  const samples = await inTurns(contestants, repeat, tell)
  return caseOf(samples, all => [
    atMost('0.5.4: times python -c', 1.6, ratio(all, 'flowstore 0.5.4', 'python -c 0.5.4')),
    atMost('1.4.1: times python -c', 1.6, ratio(all, 'flowstore 1.4.1', 'python -c 1.4.1'))
  ])
}

/** A PATH with a python that records each start. */
const trap = bench => {
  const folder = bench.inFolder('trap')
  const mark = join(folder, 'started')
  for (const name of ['python', 'python3']) {
    writeFileSync(join(folder, name), `#!/bin/sh\necho started >> '${mark}'\nexit 1\n`, {
      mode: 0o755
    })
  }
  return { path: `${folder}:${bench.env.PATH}`, mark }
}

/** Nothing changed since the last run. */
export const unchanged = async (bench, { repeat, slow, tell }) => {
  const { existsSync } = await import('node:fs')
  const { url } = bench.bed.registry
  const proxy = await countingProxy(url)
  const contestants = { 'empty Node': { sample: () => emptyNode(bench) } }
  const counted = []
  try {
    for (const release of await releasesOf(bench)) {
      const { release: name, project } = release
      const image = `${bench.id}-unchanged-${name}`
      tell(`${name}: building once`)
      contestants[`flowstore ${name}`] = {
        sample: await readyUnchanged(bench, release, project, image)
      }
      const build = () =>
        prefectBuild(release, project, { registry: url, image: `${image}-prefect` })
      contestants[`Prefect ${name}`] = { sample: build, most: slow }
      // All requests and pulls go through the proxy.
      const behind = { ...release, base: release.base.replace(url, proxy.url) }
      const args = flags(behind, proxy.url, `${image}-counted`)
      const { path, mark } = trap(bench)
      const env = { ...bench.env, PATH: path }
      await flowstore(project, args, bench.env)
      proxy.reset()
      env.DOCKER_HOST = NOWHERE
      const { report } = await flowstore(project, args, env)
      const { requests, received, sent, attemptsAtTls } = proxy.count()
      counted.push({
        release: name,
        requests,
        received,
        sent,
        attemptsAtTls,
        load: report.load,
        python: existsSync(mark),
        changed: report.outputs.changed
      })
    }
    const samples = await inTurns(contestants, repeat, tell)
    const most = read => Math.max(...counted.map(read))
    const beyond = (all, name) => median(all[name]) - median(all['empty Node'])
    return caseOf(
      samples,
      all => [
        atMost('0.5.4: seconds beyond starting Node', 0.4, beyond(all, 'flowstore 0.5.4')),
        atMost('1.4.1: seconds beyond starting Node', 0.4, beyond(all, 'flowstore 1.4.1')),
        atMost(
          'requests',
          8,
          most(({ requests }) => requests.length)
        ),
        atMost(
          'kB received from the registry, no daemon there',
          100,
          most(({ received }) => received / 1000)
        ),
        atMost(
          'Pythons started',
          0,
          most(({ python, load }) => Number(python || load !== null))
        ),
        atLeast(
          '0.5.4: times faster than Docker.build()',
          100,
          ratio(all, 'Prefect 0.5.4', 'flowstore 0.5.4')
        ),
        atLeast(
          '1.4.1: times faster than Docker.build()',
          25,
          ratio(all, 'Prefect 1.4.1', 'flowstore 1.4.1')
        )
      ],
      { counted }
    )
  } finally {
    await proxy.close()
    await bench.removeImages(proxy.url)
  }
}

/** A release with a new base image that differs in one value, so that no builder has layers for it. */
const onFreshBase = async ({ bed, docker, id }, release, label) => {
  const base = `${bed.registry.url}/${id}-first-base-${release.release}:${label}`
  await docker(['build', '-q', '-t', base, '-'], {
    input: `FROM ${release.base}\nENV BENCH_BASE=${id}-${label}\n`
  })
  await docker(['push', '-q', base])
  return { ...release, base }
}

/** No build reuses pip downloads of an earlier one. */
const NO_DOWNLOADS = { variables: 'PIP_NO_CACHE_DIR=1' }

/** flowstore's sample of a first build: each has a base image and an image name of its own. */
export const readyFirst = (bench, release, project, image, options = {}) => {
  let builds = 0
  return async () => {
    const name = `${image}-${(builds += 1)}`
    const fresh = await onFreshBase(bench, release, name)
    const args = flags(fresh, bench.bed.registry.url, name, { ...options, ...NO_DOWNLOADS })
    return flowstore(project, args, options.env ?? bench.env, options)
  }
}

/** The same with Prefect's own build. */
export const readyFirstOfPrefect = (bench, release, project, image) => {
  let builds = 0
  return async () => {
    const name = `${image}-${(builds += 1)}`
    const fresh = await onFreshBase(bench, release, name)
    return prefectBuild(fresh, project, {
      registry: bench.bed.registry.url,
      image: name,
      ...NO_DOWNLOADS
    })
  }
}

/**
 * The first build of a repository whose base image the daemon has. Each sample has a new value in the
 * environment, or (for 0.5.4, whose variables come last) in the base image. So no builder reuses
 * layers or pip downloads of an earlier sample.
 */
export const first = async (bench, { repeat, slow, tell }) => {
  const contestants = {}
  for (const release of await releasesOf(bench)) {
    const { release: name, project } = release
    const image = `${bench.id}-first-${name}`
    contestants[`flowstore ${name}`] = { sample: readyFirst(bench, release, project, image) }
    contestants[`Prefect ${name}`] = {
      most: slow,
      sample: readyFirstOfPrefect(bench, release, project, `${image}-prefect`)
    }
  }
  const samples = await inTurns(contestants, repeat, tell)
  return caseOf(samples, all => [
    atMost(
      "1.4.1: times 1.4.1's Docker.build()",
      1,
      ratio(all, 'flowstore 1.4.1', 'Prefect 1.4.1')
    ),
    atMost("0.5.4: times 0.5.4's Docker.build()", 1, ratio(all, 'flowstore 0.5.4', 'Prefect 0.5.4'))
  ])
}

export { phasesOf, releasesOf }
