import { variableProblem } from '../../docker/dockerfile.js'
import { textLines } from './lines.js'

/**
 * Reads the option `env-vars`: lines KEY=VALUE; the value is everything after the first `=`.
 *
 * @returns the variables, and the problems of the text, which name keys but no values
 */
export function parseVariables(text: string): {
  readonly variables: Readonly<Record<string, string>>
  readonly problems: readonly string[]
} {
  const variables = new Map<string, string>()
  const problems: string[] = []
  for (const line of textLines(text)) {
    const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(line) ?? []
    if (variableProblem(name, value) !== undefined) {
      problems.push(`has a line that is not KEY=VALUE: '${line.split('=')[0] ?? ''}'`)
    } else if (variables.has(name)) problems.push(`sets ${name} twice`)
    else variables.set(name, value)
  }
  return { variables: Object.fromEntries(variables), problems }
}
