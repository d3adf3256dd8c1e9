/** Whether a registry's host is this machine, which makes plain HTTP safe. */
export const isLoopback = (host: string): boolean =>
  /^(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/.test(host)

/** The host of a registry in an image reference. */
export const hostOf = (registry: string): string =>
  registry === 'docker.io' ? 'registry-1.docker.io' : registry
