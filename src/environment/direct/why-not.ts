import type { EnvironmentRequest } from '../request.js'
import type { RegistryBase } from './read-base.js'
import { processConfig } from './read-base.js'

/** Words of an ENTRYPOINT that may give another Python than PATH does. */
const OTHER_PYTHON = /\b(?:conda|mamba|micromamba|activate|pipenv|poetry|virtualenv)\b|\bPATH=/

/** Why the options of a build need a daemon, as a clause; undefined if they don't. */
export function whyNotDirect({ base, localImage }: EnvironmentRequest): string | undefined {
  if (base.kind === 'dockerfile') return `${base.dockerfile.path} has to be built`
  return localImage ? 'a local-image is one of the daemon' : undefined
}

/** Why a base image needs a daemon; undefined if it doesn't. */
export function whyNotOn({ image, facts }: RegistryBase): string | undefined {
  const { user, entrypoint } = processConfig(image)
  if (!/^(root|0)?(:.*)?$/.test(user)) return `its user is ${user}, not root`
  const words = [...entrypoint, ...Object.values(facts.scripts)].join('\n')
  return OTHER_PYTHON.test(words) ? 'its ENTRYPOINT may give another Python than PATH' : undefined
}
