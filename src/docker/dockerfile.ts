/** A value in double quotes for `ENV` and `LABEL`. */
const quoted = (value: string): string => `"${value.replace(/[\\"$]/g, '\\$&')}"`

/** `ENV` with each variable on a line of its own. */
export const envInstruction = (variables: Readonly<Record<string, string>>): string =>
  `ENV ${Object.entries(variables)
    .map(([name, value]) => `${name}=${quoted(value)}`)
    .join(' \\\n    ')}`

/** `COPY` in its JSON form, which allows any path. */
export const copyInstruction = (source: string, destination: string): string =>
  `COPY ${JSON.stringify([source, destination])}`

/** Instructions as the text of a Dockerfile. */
export const dockerfileText = (instructions: readonly string[]): string =>
  `${instructions.join('\n')}\n`
