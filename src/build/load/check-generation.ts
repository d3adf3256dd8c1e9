import { FlowstoreError, throwAll } from '../../errors.js'
import type { Options } from '../../options/options.js'
import { optionName } from '../../options/values/names.js'
import { isRelease, NEWEST_PREFECT, rulesFor } from '../../prefect/releases.js'

/** Options about the files of pickled flows, and about their registration. */
const OF_PICKLES = ['path', 'storedAsScript', 'prefectDirectory', 'register'] as const

/** Options about deployments. */
const OF_ENTRYPOINTS = [
  ...(['prefectFile', 'workPool', 'deploymentName'] as const),
  ...(['deploy', 'deployPullRequests', 'prune'] as const)
]

/**
 * Refuses a storage and options that the Prefect of the flows has no use for.
 *
 * @throws FlowstoreError INVALID_OPTION, UNSUPPORTED_PREFECT for a git ref of Prefect 2 or later
 */
export function checkGeneration(options: Options, release: string): void {
  const { generation } = rulesFor(release)
  const reason = generation.lacks[options.storage]
  if (reason !== undefined) {
    throw new FlowstoreError(
      'INVALID_OPTION',
      `Prefect ${release} has no ${options.storage} storage: ${reason}`,
      { hint: 'Use docker or local storage.' }
    )
  }
  const { prefectVersion } = options
  if (
    generation.flowsAre !== 'pickles' &&
    prefectVersion !== undefined &&
    !isRelease(prefectVersion)
  ) {
    throw new FlowstoreError(
      'UNSUPPORTED_PREFECT',
      `the git ref ${prefectVersion} is Prefect ${release}; git refs of Prefect 2 and later are not supported`,
      {
        hint: `Require the commit, prefect @ git+https://github.com/PrefectHQ/prefect@${prefectVersion}, in python-dependencies or the requirements file, and set prefect-version to the release that it comes after, such as ${NEWEST_PREFECT}.`
      }
    )
  }
  const [names, releases] =
    generation.flowsAre === 'pickles'
      ? ([OF_ENTRYPOINTS, '2 and 3'] as const)
      : ([OF_PICKLES, '0.5 to 1.4'] as const)
  const set = names.filter(name => options.nonDefault.includes(optionName(name)))
  throwAll(
    set.map(
      name =>
        new FlowstoreError(
          'INVALID_OPTION',
          `the option '${optionName(name)}' is for Prefect ${releases}, and the flows are loaded by Prefect ${release}`
        )
    )
  )
}
