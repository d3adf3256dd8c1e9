import { FlowstoreError } from '../errors.js'

/** A value in double quotes for `ENV`. */
const quoted = (value: string): string => `"${value.replace(/[\\"$]/g, '\\$&')}"`

/** Why an image can't keep a variable, as a clause; undefined if it can. */
export function variableProblem(name: string, value: string): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    return `${JSON.stringify(name)} is not a name of a variable`
  }
  return hasLineBreak(value) ? `the value of ${name} has a line break` : undefined
}

const hasLineBreak = (text: string): boolean => /[\r\n\0]/.test(text)

/**
 * A text for one line of a Dockerfile.
 *
 * @throws FlowstoreError INVALID_OPTION for a line break: another instruction could follow it
 */
export function singleLine(text: string): string {
  if (!hasLineBreak(text)) return text
  throw new FlowstoreError(
    'INVALID_OPTION',
    `a Dockerfile can't have this text, which has a line break: ${JSON.stringify(text)}`
  )
}

/**
 * `ENV` with each variable on a line of its own.
 *
 * @throws FlowstoreError INVALID_OPTION for a name or value that can't be in a Dockerfile
 */
export function envInstruction(variables: Readonly<Record<string, string>>): string {
  const assignments = Object.entries(variables).map(([name, value]) => {
    const problem = variableProblem(name, value)
    if (problem !== undefined) {
      throw new FlowstoreError('INVALID_OPTION', `an image can't have this variable: ${problem}`)
    }
    return `${name}=${quoted(value)}`
  })
  return `ENV ${assignments.join(' \\\n    ')}`
}

/** A text that stands for itself where an instruction expands variables and removes quotes. */
const unexpanded = (text: string): string => text.replace(/[\\'"$]/g, '\\$&')

/**
 * A source that `COPY` takes as it is. It reads a part with `[`, `*` or `?` as a pattern, and only there `\` escapes
 * (Go's `filepath.Match`).
 */
function unmatched(source: string): string {
  const parts = source.split('/')
  const first = parts.findIndex(part => /[[*?]/.test(part))
  if (first === -1) return source
  const pattern = parts
    .slice(first)
    .map(part => part.replace(/[[*?]/g, '[$&]').replace(/\\/g, '\\$&'))
  return [...parts.slice(0, first), ...pattern].join('/')
}

/** `COPY` of one file or folder, with any paths: nothing in them is a pattern, a variable or a quote. */
export const copyInstruction = (source: string, destination: string): string =>
  `COPY ${JSON.stringify([unexpanded(unmatched(source)), unexpanded(destination)])}`

/** `SHELL`, for the RUN instructions after it. */
export const shellInstruction = (shell: readonly string[]): string =>
  `SHELL ${JSON.stringify(shell)}`

/** Instructions as the text of a Dockerfile. */
export const dockerfileText = (instructions: readonly string[]): string =>
  `${instructions.join('\n')}\n`
