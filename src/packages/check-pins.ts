import { satisfies } from '@renovatebot/pep440'
import { FlowstoreError } from '../errors.js'
import {
  normalizedName,
  parseRequirements,
  pinnedVersion,
  type NamedRequirement
} from './requirement.js'
import { allLines, requirementsName, type Requirements } from './requirements.js'

/**
 * Refuses requirements that no release can satisfy together with the pins that a release of Prefect needs: pip would only
 * say that two requirements contradict each other, and one of them is in no file of the user.
 *
 * @param prefect the requirements of Prefect and its pins
 * @throws FlowstoreError DEPENDENCY_INSTALL
 */
export function checkPins(requirements: Requirements, prefect: readonly string[]): void {
  const lines = allLines(requirements).filter(line => line.kind === 'named')
  const pins = parseRequirements(prefect.join('\n')).filter(line => line.kind === 'named')
  for (const pin of pins.filter(({ name }) => normalizedName(name) !== 'prefect')) {
    const wrong = lines.find(line => line.marker === '' && contradict(line, pin))
    if (wrong === undefined) continue
    const [file] = [...requirements.parsedTexts].find(([, texts]) => texts.includes(wrong)) ?? []
    throw new FlowstoreError(
      'DEPENDENCY_INSTALL',
      `the requirement '${wrong.line}' contradicts '${pin.line}', which ${prefect[0] ?? 'Prefect'} needs`,
      {
        file: file ?? requirementsName(requirements),
        line: file === undefined ? undefined : wrong.number,
        hint: `Remove it, or write '${pin.line}': flows don't load or run with another release.`
      }
    )
  }
}

/** Whether one pins a version that the other does not allow. */
function contradict(one: NamedRequirement, other: NamedRequirement): boolean {
  if (normalizedName(one.name) !== normalizedName(other.name)) return false
  return isExcluded(pinnedVersion(one), other) || isExcluded(pinnedVersion(other), one)
}

const isExcluded = (version: string | undefined, { specifier }: NamedRequirement): boolean => {
  const range = specifier.replace(/^\((.*)\)$/, '$1').trim()
  return (
    version !== undefined &&
    !version.includes('*') &&
    range !== '' &&
    !satisfies(version, range, { prereleases: true })
  )
}
