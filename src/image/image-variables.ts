/** PATH of a container whose image sets none. */
export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The variables of an image's configuration, which lists them as `NAME=value`. */
export const variablesOf = (env: readonly string[] | null | undefined): Record<string, string> =>
  Object.fromEntries(
    (env ?? []).map(pair => {
      const equals = pair.indexOf('=')
      return [pair.slice(0, equals), pair.slice(equals + 1)]
    })
  )
