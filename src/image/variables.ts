/** Variables as an image's configuration has them, `NAME=value` each. */
export const variablesOf = (env: readonly string[] | null | undefined): Record<string, string> =>
  Object.fromEntries(
    (env ?? []).map(pair => {
      const equals = pair.indexOf('=')
      return [pair.slice(0, equals), pair.slice(equals + 1)]
    })
  )
