import { FlowstoreError } from '../../errors.js'
import type { Log } from '../../log.js'
import { FLOW_PACKAGES } from '../../prefect/releases.js'
import { minorOf } from '../../util/minor.js'
import type { EnvironmentFacts } from '../environment-labels.js'

/** The environment image of one platform. */
export interface PlatformEnvironment {
  /** `os/architecture` */
  readonly platform: string
  readonly facts: Pick<EnvironmentFacts, 'python' | 'packages'>
}

/** Packages that a message names. */
const MOST_NAMED = 10

/**
 * Compares the packages of several platforms: flows are loaded and read back on one of them. A warning names packages
 * whose version differs, and a line of the log those that some platform lacks.
 *
 * @throws FlowstoreError VERSION_MISMATCH if Python, Prefect or cloudpickle differ
 */
export function comparePlatforms(environments: readonly PlatformEnvironment[], log: Log): void {
  const pythons = environments.map(({ facts }) => minorOf(facts.python))
  if (new Set(pythons).size > 1) throw differs([textOf('Python', pythons, environments)])
  const names = [...new Set(environments.flatMap(({ facts }) => Object.keys(facts.packages)))]
  const versionsOf = (name: string) => environments.map(({ facts }) => facts.packages[name])
  const different = names.sort().filter(name => {
    const versions = versionsOf(name).filter(version => version !== undefined)
    return new Set(versions).size > 1
  })
  const described = (list: readonly string[]) =>
    list.map(name => textOf(name, versionsOf(name), environments))
  const decisive = different.filter(name => FLOW_PACKAGES.includes(name))
  if (decisive.length > 0) throw differs(described(decisive))
  if (different.length > 0) {
    const message = `packages differ between the platforms, and the flows are read back on one of them: ${shortened(described(different))}`
    log.notice({ level: 'warning', message })
  }
  const partial = names.filter(name => versionsOf(name).includes(undefined))
  if (partial.length > 0) {
    log.info(`Not on every platform: ${shortened(described(partial))}`)
  }
}

function shortened(texts: readonly string[]): string {
  const more = texts.length - MOST_NAMED
  return `${texts.slice(0, MOST_NAMED).join('; ')}${more > 0 ? `; and ${more} more` : ''}`
}

/** Such as `numpy 1.26.4 (linux/amd64), 2.0.2 (linux/arm64)`. */
const textOf = (
  name: string,
  versions: readonly (string | undefined)[],
  environments: readonly PlatformEnvironment[]
): string => {
  const each = environments.map(
    ({ platform }, index) => `${versions[index] ?? 'none'} (${platform})`
  )
  return `${name} ${each.join(', ')}`
}

const differs = (texts: readonly string[]): FlowstoreError =>
  new FlowstoreError('VERSION_MISMATCH', `the platforms differ: ${texts.join('; ')}`, {
    hint: 'A flow that is stored on one would not load on the other. Pin a version that has wheels for every platform.'
  })
