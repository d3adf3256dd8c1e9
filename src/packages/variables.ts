import { FlowstoreError, type ErrorDetails } from '../errors.js'
import type { RequirementLine } from './requirement.js'
import type { Requirements } from './requirements.js'

/** Where packages are installed, and the variables that pip gets there. */
export interface InstallHost {
  readonly kind: 'image' | 'runner'
  readonly variables: Readonly<Record<string, string | undefined>>
}

/** What pip replaces in a line of requirements. */
const VARIABLE = /\$\{([A-Z0-9_]+)\}/g

const HINTS: Readonly<Record<InstallHost['kind'], string>> = {
  image:
    'For an index with a login, remove the line and set index-url or extra-index-urls. If the value is no secret, add it to env-vars.',
  runner:
    'For an index with a login, remove the line and set index-url or extra-index-urls. Or rename the variable to one that begins with PIP_, which pip gets.'
}

/**
 * Refuses lines with a variable that pip would not have: pip leaves `${NAME}` as it is, and then asks an index with
 * a wrong login.
 *
 * @throws FlowstoreError INVALID_OPTION with the variable, the file and the line
 */
export function checkVariables(requirements: Requirements, host: InstallHost): void {
  const { lines, parsedLines, parsedTexts, exported } = requirements
  for (const line of parsedLines) {
    const variable = missingVariable(line, host)
    if (variable === undefined) continue
    const file = lines.some(each => each.includes(variable)) ? undefined : exported?.file
    throw notSet(variable, host, file === undefined ? {} : { file })
  }
  for (const [file, fileLines] of parsedTexts) {
    for (const line of fileLines) {
      const variable = missingVariable(line, host)
      if (variable !== undefined) throw notSet(variable, host, { file, line: line.number })
    }
  }
}

/** The first variable of a line that is not set, as it is written. */
const missingVariable = (
  { line }: RequirementLine,
  { variables }: InstallHost
): string | undefined => [...line.matchAll(VARIABLE)].find(([, name = '']) => !variables[name])?.[0]

const notSet = (variable: string, { kind }: InstallHost, place: ErrorDetails): FlowstoreError =>
  new FlowstoreError(
    'INVALID_OPTION',
    `${place.file ?? 'python-dependencies'} needs the variable ${variable}, which pip does not have ${kind === 'image' ? 'in the image' : 'here'}`,
    { ...place, hint: HINTS[kind] }
  )
