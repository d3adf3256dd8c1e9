import { processConfig, type RegistryBase } from './read-base.js'

/** Words of an ENTRYPOINT that may give another Python than PATH does. */
const OTHER_PYTHON = /\b(?:conda|mamba|micromamba|activate|pipenv|poetry|virtualenv)\b|\bPATH=/

/** Why a base image needs a daemon; undefined if it doesn't. */
export function whyNotOn({ image, facts }: RegistryBase): string | undefined {
  const { entrypoint } = processConfig(image)
  const words = [...entrypoint, ...Object.values(facts.scripts)].join('\n')
  return OTHER_PYTHON.test(words)
    ? 'the ENTRYPOINT of the base image may give another Python than PATH'
    : undefined
}
