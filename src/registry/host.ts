/** Whether a registry's host is this machine, where plain HTTP does no harm. */
export const isLoopback = (host: string): boolean =>
  /^(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/.test(host)

/** The host that answers for a registry as image references name it. */
export const hostOf = (registry: string): string =>
  registry === 'docker.io' ? 'registry-1.docker.io' : registry
