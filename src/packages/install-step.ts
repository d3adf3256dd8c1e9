import { STEP_WORDS } from '../docker/build.js'
import { pipArguments, type PipRun } from './pip.js'
import {
  LIKE_PIP,
  NOT_READ_BY_UV,
  PIP_DECIDING_SETTINGS,
  UV_INDEX_VARIABLES,
  UV_NEUTRAL_VARIABLES,
  UV_RELEASE,
  UV_VARIABLES,
  uvArguments,
  type Installer
} from './uv.js'

/** Packages to install in an image. */
export interface InstallStep {
  /** Command that starts the image's Python. */
  readonly python: string
  /** What pip has to become before, if anything. */
  readonly upgrade?: string | undefined
  readonly runs: readonly PipRun[]
  /** `auto` lets the step decide: by what is configured in the image. */
  readonly installer: Installer
  /** Folder of the build context that the runs' files lie in. */
  readonly context: string
}

const MOUNT = '/tmp/flowstore-requirements'
const UV_FOLDER = '/tmp/flowstore-uv'
// No mount of its own: the folder that one stands on would stay in the image.
const UV_CACHE = '/root/.cache/pip/uv'

const PIP_EXPORT =
  'export PIP_ROOT_USER_ACTION=ignore PIP_BREAK_SYSTEM_PACKAGES=1 PIP_CACHE_DIR=/root/.cache/pip'

const words = (text: string): string => `echo '${STEP_WORDS}${text}'`

/**
 * The instruction that installs packages. Caches and requirement files are mounted, and uv goes when it
 * has done its work: nothing of these stays in the image.
 */
export function installInstruction(step: InstallStep): string {
  const { python, upgrade, runs, installer, context } = step
  const mounts = [
    `RUN --mount=type=bind,source=${context},target=${MOUNT},rw`,
    '    --mount=type=cache,target=/root/.cache/pip'
  ]
  const install = `${python} -m pip install --disable-pip-version-check --no-input`
  const same = (name: string) => name
  const byPip = [
    ...(upgrade === undefined ? [] : [`${install} ${upgrade}`]),
    `cd ${MOUNT}`,
    ...runs.map(run => [install, ...pipArguments(run, same)].join(' '))
  ]
  if (installer === 'pip') {
    return [...mounts, `    ${PIP_EXPORT}`, ...byPip.map(line => `    && ${line}`)].join(' \\\n')
  }
  const uv = [
    `${UV_FOLDER}/bin/uv pip install --python "$(command -v ${python})" --no-progress`,
    ...(installer === 'auto' ? LIKE_PIP : [])
  ].join(' ')
  const byUv = [
    `export ${uvVariables}`,
    'if [ -n "$cert" ]; then export SSL_CERT_FILE="${SSL_CERT_FILE:-$cert}"; fi',
    `cd ${MOUNT}`,
    `${install} --quiet --no-deps --only-binary=:all: --target ${UV_FOLDER} uv==${UV_RELEASE}`,
    `export TMPDIR=${UV_FOLDER}`,
    ...runs.flatMap(run => uvArguments(run, same)).map(args => [uv, ...args].join(' '))
  ]
  const list = `${python} -m pip config list`
  const lines =
    installer === 'uv'
      ? [
          `configured="$(${list})"`,
          `&& if echo "$configured" | grep -Eq "${PIP_DECIDING_SETTINGS}" && ! env | grep -Eq "^${UV_INDEX_VARIABLES}"; then echo "ERROR: ${NOT_READ_BY_UV}" >&2; exit 1; fi`,
          `&& cert="$(echo "$configured" | sed -n "s/.*\\.cert='\\(.*\\)'/\\1/p" | tail -n 1)"`,
          '&& cert="${cert:-$REQUESTS_CA_BUNDLE}"',
          `&& ${PIP_EXPORT}`,
          ...byUv.map(line => `&& ${line}`),
          `&& rm -rf ${UV_FOLDER}`
        ]
      : [
          `configured="$(${list} || echo unknown; env | grep -E "^(PIP|UV)_" | grep -Ev "^${UV_NEUTRAL_VARIABLES}")";`,
          `${PIP_EXPORT} cert="$REQUESTS_CA_BUNDLE"`,
          `&& by_pip() { ${byPip.join(' && ')}; }`,
          `&& by_uv() { ${byUv.join(' && ')}; }`,
          `&& if [ -n "$configured" ]; then ${words('pip installs the packages, for the base image configures pip or uv')} && by_pip;`,
          `elif ( by_uv ); then ${words('uv has installed the packages')};`,
          `else ${words('uv can not install these packages: pip does')} && by_pip; fi`,
          `&& rm -rf ${UV_FOLDER}`
        ]
  return [...mounts, ...lines.map(line => `    ${line}`)].join(' \\\n')
}

const NATIVE = '$([ -e /etc/ssl/certs/ca-certificates.crt ] && echo true || echo false)'

/** Those of {@link UV_VARIABLES}, and what an image needs beyond. An image without certificates has uv's own. */
const uvVariables = [
  `UV_CACHE_DIR=${UV_CACHE} UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_BREAK_SYSTEM_PACKAGES=1`,
  ...Object.entries({ ...UV_VARIABLES, UV_NATIVE_TLS: NATIVE }).map(
    ([name, value]) => `${name}="\${${name}:-${value}}"`
  )
].join(' ')
