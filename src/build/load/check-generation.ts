import { FlowstoreError, throwAll } from '../../errors.js'
import type { Options } from '../../options/options.js'
import { rulesFor } from '../../prefect/releases.js'

/** Options about the files of pickled flows. */
const OF_PICKLES = ['path', 'storedAsScript', 'prefectDirectory'] as const

/**
 * Refuses a storage and options that the loaded Prefect has no use for.
 *
 * @throws FlowstoreError INVALID_OPTION
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
  if (generation.flowsAre === 'pickles') return
  const set = OF_PICKLES.filter(name => options[name] !== undefined && options[name] !== false)
  throwAll(
    set.map(
      name =>
        new FlowstoreError(
          'INVALID_OPTION',
          `the option '${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}' is for Prefect before 2, and these flows are loaded by Prefect ${release}`
        )
    )
  )
}
