import { existsSync } from 'node:fs'
import { run, which } from './command.mjs'

const BUNDLES = [
  process.env.SSL_CERT_FILE,
  process.env.PIP_CERT,
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem'
]

/** The machine's bundle of certificate authorities, or undefined. */
export const certificates = BUNDLES.find(path => path && existsSync(path))

const isUrl = value => /^https?:/.test(value)

// Old releases of pip can't handle local indexes, and containers can't see them. So only HTTP
// indexes are taken from the machine's own configuration.
const readSettings = async () => {
  const python = which('python3') ?? which('python')
  const list = python
    ? await run(python, ['-m', 'pip', 'config', 'list'], { seconds: 60 }).catch(() => '')
    : ''
  const values = {}
  for (const line of list.split('\n')) {
    const match = /\.([a-z-]+)='(.*)'$/.exec(line)
    if (match) values[match[1]] ??= match[2]
  }
  const urls = key => (values[key] ?? '').split(/\s+|\\n/).filter(isUrl)
  return {
    'index-url': urls('index-url').join(''),
    'extra-index-url': urls('extra-index-url').join(' '),
    'trusted-host': (values['trusted-host'] ?? '').replaceAll('\\n', ' ')
  }
}

let settings
const machineSettings = async () => {
  settings ??= readSettings()
  return Object.entries(await settings).filter(([, value]) => value !== '')
}

/** pip.conf for an image: the image's path of the certificate bundle, and the machine's own index. */
export const pipConfiguration = async () =>
  [
    '[global]',
    'cert = /etc/ssl/certs/ca-certificates.crt',
    'disable-pip-version-check = true',
    ...(await machineSettings()).map(([name, value]) => `${name} = ${value}`),
    ''
  ].join('\n')

/** Variables with which pip on this machine uses only the index. */
export const pipEnvironment = async () => ({
  PIP_CONFIG_FILE: '/dev/null',
  PIP_FIND_LINKS: undefined,
  PIP_EXTRA_INDEX_URL: undefined,
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
  PIP_CERT: certificates,
  ...Object.fromEntries(
    (await machineSettings()).map(([name, value]) => [
      `PIP_${name.toUpperCase().replaceAll('-', '_')}`,
      value
    ])
  )
})

/** Variables with which uv on this machine uses the same index as pip. */
export const uvEnvironment = async () => {
  const values = Object.fromEntries(await machineSettings())
  return {
    UV_INDEX_STRATEGY: 'unsafe-best-match',
    SSL_CERT_FILE: certificates,
    UV_DEFAULT_INDEX: values['index-url'],
    UV_INDEX: values['extra-index-url']
  }
}
