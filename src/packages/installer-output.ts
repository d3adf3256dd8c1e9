/** The lines of pip's or uv's output that say why it failed; otherwise its last lines. */
export function pipReason(output: string): string {
  const all = output.trimEnd().split(/\r?\n/)
  let isUvError = false
  const errors = all.filter(line => {
    const begins = /^\s*(ERROR|error):?/.test(line)
    // uv continues an error in indented lines, with an empty one before its hints.
    isUvError = /^(error: |\s*×)/.test(line) || (isUvError && /^(\s|$)/.test(line))
    return begins || (isUvError && line.trim() !== '')
  })
  const lines = (errors.length > 0 ? errors : all.slice(-15)).slice(0, 30)
  return lines.map(shortened).join('\n')
}

/** Characters of a line from which on its middle is left out. */
const LONG = 400

/** A line without its middle: pip lists every release of a package in one, the newest last. */
const shortened = (line: string): string =>
  line.length <= LONG ? line : `${line.slice(0, LONG / 2)} … ${line.slice(-LONG / 2)}`

/** What pip and uv print, and what to do about it: the first that fits. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [
    /uv does not read pip's configuration/,
    "Set the same for uv with its own variables, such as UV_DEFAULT_INDEX, or set 'installer: pip'."
  ],
  [
    /\b(401|403)\b|Unauthorized|Forbidden|authentication/i,
    'The index asks for a login: see "A private index" in docs/options.md for how packages of one are installed.'
  ],
  [
    /CERTIFICATE_VERIFY_FAILED|certificate verify failed|invalid peer certificate/i,
    'The index has a certificate that pip does not trust: set PIP_CERT on this machine, or add the certificate authority to the base image.'
  ],
  [
    /No matching distribution|not found in the package registry|there is no version of|no versions of/i,
    'Check the name and the version. If the release does not support this Python, pin another release, or set `python` or another base-image. If a private index has the package, name it in `index-url` or `extra-index-urls` with its login, also if a lock file names it: see "A private index" in docs/options.md.'
  ],
  [
    /ResolutionImpossible|conflicting dependencies|your requirements are unsatisfiable/i,
    'Two requirements contradict each other: change one of those that the lines above name.'
  ],
  [
    /git (clone|fetch|checkout)\b.* did not run successfully|Git operation failed/i,
    'git could not get a requirement from its address: check the address and the commit, and that this machine or the Docker build reaches it and may read it.'
  ],
  [
    /Failed building wheel|Failed to build|metadata-generation-failed|subprocess-exited-with-error|command '.*(gcc|cc)'/i,
    'A package has no wheel for this Python and could not be compiled: pin a release that has one, set `python` or another base-image, or install a compiler with dockerfile.'
  ],
  [
    /neither 'setup\.py' nor 'pyproject\.toml'|does not appear to be a Python project/i,
    'The folder has no pyproject.toml or setup.py, or an ignore file excludes it: only a project can be installed.'
  ],
  [
    /Failed to establish a new connection|Name or service not known|Temporary failure in name resolution|dns error|error sending request/i,
    'The index was not reached: check the network and the proxy (HTTPS_PROXY) of this machine or of the Docker build.'
  ]
]

/** What to do about the output of a failed pip or uv; undefined for an unknown reason. */
export const pipHint = (output: string): string | undefined =>
  REASONS.find(([pattern]) => pattern.test(output))?.[1]

/** What pip's or uv's line says that it does, in a few words; undefined for other lines. */
export function installProgress(line: string): string | undefined {
  const [, verb = '', rest = ''] =
    /^\s*(Collecting|Downloading|Building wheels? for|Running setup.py install for|Preparing metadata|Installing collected packages|Resolved|Prepared|Installed)\b:? *(.*)$/.exec(
      line
    ) ?? []
  if (verb === '') return undefined
  if (verb === 'Installing collected packages') {
    return `unpacking ${rest.split(', ').length} packages`
  }
  // pip appends the state of a long step, such as `(setup.py): started`.
  const what = rest.replace(/ \([\w.]+\): .*$/, '').slice(0, 80)
  return `${verb[0]?.toLowerCase() ?? ''}${verb.slice(1)} ${what}`.trimEnd()
}
