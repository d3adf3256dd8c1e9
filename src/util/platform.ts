import { FlowstoreError } from '../errors.js'

/** Whether this machine runs Windows. */
export const WINDOWS = process.platform === 'win32'

/** Other names of architectures, from `docker --platform` and Node. */
const ALIASES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  x86_64: 'amd64',
  'x86-64': 'amd64',
  aarch64: 'arm64',
  armhf: 'arm',
  armel: 'arm',
  i386: '386',
  ia32: '386'
}

/** `os/architecture` from an image, a daemon or `--platform`, without a variant. */
export function platformOf(os: string, architecture: string): string {
  const name = architecture.toLowerCase()
  return `${os.toLowerCase()}/${ALIASES[name] ?? name}`
}

/** The platform of the images that this machine runs: `os/architecture`. */
export const OWN_PLATFORM = platformOf('linux', process.arch)

/** What is wrong with the platform of an image, as a clause; undefined for one such as `linux/amd64`. */
export function platformProblem(text: string): string | undefined {
  if (/^[\w.-]+(\/[\w.-]+){0,2}$/.test(text)) return undefined
  return /[,;\s]/.test(text)
    ? `the platform '${text}' names more than one: the option platforms takes several, such as linux/amd64,linux/arm64`
    : `the platform '${text}' is not os/architecture, such as linux/amd64 or linux/arm64`
}

/**
 * `os/architecture` of a text such as `linux/arm64/v8` or `amd64`.
 *
 * @throws FlowstoreError INVALID_OPTION
 */
export function parsePlatform(text: string): string {
  const problem = platformProblem(text)
  if (problem !== undefined) throw new FlowstoreError('INVALID_OPTION', problem)
  const [first = '', second] = text.split('/')
  return second === undefined ? platformOf('linux', first) : platformOf(first, second)
}

/** What `platform.machine()` gives on Linux, by the architecture of an image. */
const MACHINES: Readonly<Record<string, string>> = { amd64: 'x86_64', arm64: 'aarch64' }

/**
 * The machine of a platform, such as `x86_64`; undefined for one that flowstore does not know.
 *
 * @param platform `os/architecture`
 */
export const machineOf = (platform: string): string | undefined =>
  MACHINES[platform.split('/')[1] ?? '']
