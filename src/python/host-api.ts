/** The variable with the address of Prefect's API. */
const API = 'PREFECT_API_URL'

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/

/** The network of a container for a run, and its variables. */
interface RunNetwork {
  readonly network: 'default' | 'host'
  readonly env: Readonly<Record<string, string>>
}

/**
 * How a run in a container reaches an API on this machine, as Prefect's docker worker does it: over the network of the
 * machine on Linux, elsewhere by the name that Docker Desktop has for it.
 */
export function networkOfRun(
  env: Readonly<Record<string, string>>,
  platform: NodeJS.Platform = process.platform
): RunNetwork {
  const address = env[API] ?? ''
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined || !LOOPBACK.test(url.hostname)) return { network: 'default', env }
  if (platform === 'linux') return { network: 'host', env }
  url.hostname = 'host.docker.internal'
  return { network: 'default', env: { ...env, [API]: url.href } }
}
