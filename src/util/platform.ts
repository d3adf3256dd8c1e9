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

/** `os/architecture` of a text such as `linux/arm64/v8` or `amd64`. */
export function parsePlatform(text: string): string {
  const [first = '', second] = text.split('/')
  return second === undefined ? platformOf('linux', first) : platformOf(first, second)
}
