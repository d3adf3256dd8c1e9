import { satisfies } from '@renovatebot/pep440'
import { FlowstoreError, type ErrorCode } from '../errors.js'
import type { Requirements } from '../packages/requirements.js'
import { knownPythons, requiredPython } from '../prefect/install.js'
import { expectedRules, isRelease } from '../prefect/releases.js'

/** What has to run on a Python. */
export interface PythonUse {
  /** Release or git ref of Prefect to install; undefined if it is not known yet. */
  readonly prefect: string | undefined
  readonly requirements: Requirements
}

/** Whether specifiers allow a Python; of a `major.minor`, whether they allow one of its releases. */
function allows(specifier: string, python: string): boolean {
  const releases = /^\d+\.\d+$/.test(python) ? [`${python}.0`, `${python}.99`] : [python]
  return releases.some(release => satisfies(release, specifier, { prereleases: true }))
}

/** Whether Prefect and the project of a requirements file say that they run on a Python. */
export const isSuitable = (python: string, { prefect, requirements }: PythonUse): boolean =>
  [
    prefect === undefined ? undefined : requiredPython(prefect),
    requirements.exported?.python?.specifier
  ].every(specifier => specifier === undefined || allows(specifier, python))

/**
 * The `major.minor` of the newest Python that Prefect is known to run on and that the project of a requirements file
 * takes; undefined if nothing is known, or if the default of the release is one of them.
 */
export function newestSuitablePython(use: PythonUse): string | undefined {
  if (use.requirements.exported?.python === undefined || use.prefect === undefined) return undefined
  if (!isRelease(use.prefect) || isSuitable(expectedRules(use.prefect).basePython, use))
    return undefined
  return knownPythons(use.prefect)?.findLast(python => isSuitable(python, use))
}

/**
 * Refuses a Python that Prefect, or the project of a requirements file, says it does not run on: the installation
 * would fail after minutes, or a run would.
 *
 * @param python its version, or a `major.minor` that was asked for
 * @param given where it is from, as a clause such as `the base image python:3.8 has Python 3.8.19`
 * @throws FlowstoreError of the code
 */
export function checkPython(
  python: string,
  given: string,
  code: ErrorCode,
  { prefect, requirements }: PythonUse
): void {
  const ofPrefect = prefect === undefined ? undefined : requiredPython(prefect)
  if (ofPrefect !== undefined && !allows(ofPrefect, python)) {
    throw new FlowstoreError(
      code,
      `Prefect ${prefect ?? ''} needs Python ${ofPrefect}, and ${given}`,
      { hint: 'Choose another Python (`python`, base-image), or another release of Prefect.' }
    )
  }
  const own = requirements.exported?.python
  if (own !== undefined && !allows(own.specifier, python)) {
    throw new FlowstoreError(code, `the project needs Python ${own.specifier}, and ${given}`, {
      file: own.file,
      line: own.line,
      hint: 'Choose another Python (`python`, base-image), or change what the project requires.'
    })
  }
}
