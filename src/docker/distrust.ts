/** What to do if a daemon does not trust a registry; undefined if its message is about something else. */
export const distrustHint = (words: string, registry: string): string | undefined =>
  /HTTP response to HTTPS client|x509:|certificate/.test(words)
    ? `The daemon does not trust ${registry}: add it to the daemon's own insecure-registries or certificates. With builder: direct and load-in: runner no daemon is needed.`
    : undefined

/** What to do if a daemon does not reach a registry; undefined if its message is about something else. */
export const unreachedHint = (words: string, registry: string): string | undefined =>
  /connection refused|no such host|timeout|unreachable|no route/i.test(words)
    ? `The daemon does not reach ${registry}: check this name, the network and the proxy of the daemon, and that this registry runs.`
    : undefined
