// A repository of 70 flows and 60 packages: a first build, one changed flow, nothing changed.
import { bareDumps, emptyNode, prefectBuild } from '../kit/contestants.mjs'
import { inTurns, median } from '../kit/process.mjs'
import { prefectScript } from '../kit/projects.mjs'
import { realRepository } from '../kit/real-repository.mjs'
import { atLeast, atMost, caseOf, ratio } from '../kit/results.mjs'
import {
  readyChanged,
  readyFirst,
  readyFirstOfPrefect,
  readyUnchanged,
  releasesOf
} from './two-flows.mjs'

const RELEASE = '1.4.1'

/** With the packages of the repository's requirements file. Each sample must store all flows. */
const withPackages = ready => async (bench, release, project, image, options) => {
  const sample = await ready(bench, release, project, image, {
    ...options,
    dependency: false,
    requirements: 'requirements.txt'
  })
  return async () => {
    const taken = await sample()
    const stored = taken.report.flows.length
    if (stored !== project.modules.length) throw new Error(`${stored} flows are stored`)
    return taken
  }
}

/** Prepares flowstore's samples, as those of two flows. */
export const readyReal = {
  first: withPackages(readyFirst),
  changed: withPackages(readyChanged),
  unchanged: withPackages(readyUnchanged)
}

export const real = async (bench, { repeat, slow, tell }) => {
  const found = (await releasesOf(bench)).find(({ release }) => release === RELEASE)
  // Each situation and each builder has a repository of its own: a change is new to one of them alone.
  const repositoryFor = name => realRepository(bench.inFolder(`real-${name}`))
  const theirs = repositoryFor('prefect')
  const image = `${bench.id}-real`
  tell('installing the packages for Prefect')
  const release = { ...found, ...(await prefectScript(bench, found, theirs, 'real')) }
  const prefect = () =>
    prefectBuild(release, theirs, {
      registry: bench.bed.registry.url,
      image: `${image}-prefect`
    })
  const afterChange = sample => async () => {
    theirs.change()
    return sample()
  }
  const ready = (name, situation) =>
    readyReal[situation](bench, release, repositoryFor(name), `${image}-${name}`)

  tell('making the environment images')
  const contestants = {
    'empty Node': { sample: () => emptyNode(bench) },
    'flowstore, first build': { sample: await ready('first', 'first') },
    'Prefect, first build': {
      most: slow,
      sample: readyFirstOfPrefect(bench, release, theirs, `${image}-first-prefect`)
    },
    'flowstore, one flow changed': { sample: await ready('changed', 'changed') },
    'python -c': {
      sample: () => bareDumps(release.python, theirs, release.environment(theirs.folder))
    },
    'flowstore, nothing changed': { sample: await ready('unchanged', 'unchanged') }
  }
  // Prefect's layers of this base image are cached from here on.
  await prefect()
  contestants['Prefect, one flow changed'] = { most: slow, sample: afterChange(prefect) }
  contestants['Prefect, nothing changed'] = { most: slow, sample: prefect }

  const samples = await inTurns(contestants, repeat, tell)
  return caseOf(samples, all => [
    atMost(
      "first build: times Prefect's Docker.build()",
      1,
      ratio(all, 'flowstore, first build', 'Prefect, first build')
    ),
    atLeast(
      'one flow changed: times faster than Docker.build()',
      7,
      ratio(all, 'Prefect, one flow changed', 'flowstore, one flow changed')
    ),
    atLeast(
      'nothing changed: times faster than Docker.build()',
      25,
      ratio(all, 'Prefect, nothing changed', 'flowstore, nothing changed')
    ),
    atMost(
      'nothing changed: seconds beyond starting Node',
      0.4,
      median(all['flowstore, nothing changed']) - median(all['empty Node'])
    )
  ])
}
